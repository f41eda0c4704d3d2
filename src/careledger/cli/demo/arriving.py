"""Scene: everybody in town joins, and authorises practitioner and insurer."""

from functools import partial
from typing import Final

from careledger.cli.demo.clinic import asset_of, promise
from careledger.cli.demo.counting import TOGETHER, for_each
from careledger.cli.demo.inboxes import accept_all
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.cli.demo.town import Case, Town
from careledger.client.directory import open_directory, organisations
from careledger.client.insurer import Insurer
from careledger.client.patient import Joining
from careledger.client.reading import Listed

_DAY: Final = 86_400_000
_KINDS: Final = ("hospital", "insurer", "registrar")


def play_arriving(stage: Stage, story: Story) -> None:
    """All patients join; each authorises one practitioner, then the insurer."""
    town = stage.town
    line = town.clerks[0].line
    story.tell(
        "as any member: directory, with proofs",
        {kind: len(organisations(line, kind)) for kind in _KINDS}
        | {"people": len(open_directory(line))},
        lambda d: (
            f"A network of its own lists {d['hospital']} hospitals, {d['insurer']}"
            f" insurer, {d['registrar']} registrar, and {d['people']} people who work"
            " there."
        ),
    )
    join = partial(_join, town)
    for_each(stage.out, "patients join", town.cases, join, TOGETHER)
    story.tell(
        "as each patient: own records",
        sum(len(case.patient.list_entries(case.record)) == 0 for case in town.cases),
        lambda n: f"{n} patients have joined; each has opened a record, still empty.",
    )
    _authorise(stage, story)
    _insure(stage, story)


def _join(town: Town, case: Case) -> None:
    joining = Joining(
        case.hospital,
        town.network.registrar,
        "my care",
        b"",  # the personal entry comes with the bundle: it would be there twice
        town.listing(case.doctor),
        town.listing(case.clerk),
    )
    case.record = case.patient.register(joining).record


def _authorise(stage: Stage, story: Story) -> None:
    town = stage.town
    accept_all(stage, "practitioners accept", town.practitioners, "practitioner")
    named = sum(_sees(case, case.doctor.me.name) for case in town.cases)
    paired = sum(_paired(case) for case in town.cases)
    promise(named == paired == len(town.cases), "each patient has a practitioner")
    story.tell(
        "as each patient: who has access; as both: authorised asset",
        {"named": named, "pairs": paired},
        lambda a: (
            f"Their practitioners have accepted: {a['named']} patients see theirs by"
            f" name; {a['pairs']} pairs of authorised assets list each other."
        ),
    )


def _insure(stage: Stage, story: Story) -> None:
    """Let a day pass, in which records for the insurer open at random hours."""
    town, network = stage.town, stage.town.network
    network.wait(_DAY)

    def catch_up(case: Case) -> None:
        people = [town.listing(case.clerk)]
        case.patient.catch_up(case.hospital, network.registrar, people)

    for_each(stage.out, "insurer's records", town.cases, catch_up, TOGETHER)
    records = accept_all(stage, "the insurer accepts", town.clerks, "insurer")
    medical = {case.record for case in town.cases}
    found = {
        "own": len(set(records) - medical),
        "entries": sum(len(_seen(one)) for one in town.clerks),
    }
    promise(
        found == {"own": len(town.cases), "entries": 0}, "no medical record is insured"
    )
    story.tell(
        "as the insurer: own records, and entries in them",
        found,
        lambda a: (
            f"Within a day, the insurer has got and accepted {a['own']} records of its"
            f" own, one for each patient; it sees {a['entries']} entries."
        ),
    )


def _seen(clerk: Insurer) -> list[Listed]:
    records = [one.record for one in clerk.store.kept.used]
    return [entry for record in records for entry in clerk.list_entries(record)]


def _sees(case: Case, name: str) -> bool:
    access = case.patient.who_has_access(case.record)
    return [one.person.name for one in access if one.person.verified] == [name]


def _paired(case: Case) -> bool:
    """Tell whether the assets of patient and practitioner list each other."""
    mine = asset_of(case.patient, case.record)
    theirs = asset_of(case.doctor, case.record)
    patient, doctor = case.patient.part(case.record), case.doctor.part(case.record)
    return mine == (doctor.handle,) and theirs == (patient.handle,)
