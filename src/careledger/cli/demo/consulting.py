"""Scene: everybody is referred to a colleague, who opens one entry."""

from functools import partial
from itertools import islice
from typing import Final

from careledger.cli.demo.bundles import slices
from careledger.cli.demo.clinic import asset_of, promise
from careledger.cli.demo.counting import TOGETHER, for_each
from careledger.cli.demo.inboxes import accept_all
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.cli.demo.town import Case, Town
from careledger.ledger.actions.referral import Offer, OnlyEntries

_WEEK: Final = 7 * 86_400_000
_PURPOSE: Final = "second opinion"
_FAVOURITE: Final = "Condition"


def play_consulting(stage: Stage, story: Story) -> None:
    """Each practitioner refers each patient; each colleague accepts and reads."""
    town = stage.town
    refer = partial(_refer, town)
    chosen = for_each(stage.out, "referrals", town.cases, refer, TOGETHER)
    accept_all(stage, "colleagues accept", town.practitioners, "practitioner")
    pairs = list(zip(town.cases, chosen, strict=True))
    for_each(stage.out, "colleagues read", pairs, partial(_read, town), TOGETHER)
    _tell_read(town, story)
    _tell_looks(town, story)


def _refer(town: Town, case: Case) -> bytes:
    """Refer with a key for one entry; return that entry's id."""
    with town.turn(case.doctor):
        listed = case.doctor.list_entries(case.record)
        kinds = [one.manifest.resource_type if one.manifest else "" for one in listed]
        at = kinds.index(_FAVOURITE) if _FAVOURITE in kinds else -1
        entry = listed[at].entry.entry
        until = town.network.transport.time() + _WEEK
        offer = Offer("practitioner", ("read",), OnlyEntries((entry,)), until, 0)
        to = town.listing(case.colleague)
        case.doctor.refer(case.record, to, offer, "please have a look")
    return entry


def _read(town: Town, pair: tuple[Case, bytes]) -> None:
    """Open the one entry alone, and compare it with its slice of the bundle."""
    case, entry = pair
    with town.turn(case.colleague):
        [opened] = case.colleague.read(case.record, [entry], _PURPOSE)
    at = case.report.entries.index(entry)
    [received] = islice(slices(case.source), at, at + 1)
    case.single = opened.content == received


def _tell_read(town: Town, story: Story) -> None:
    found = {
        "equal": sum(case.single for case in town.cases),
        "listed": sum(_listed(case) for case in town.cases),
        "elsewhere": sum(
            case.colleague.me.organisation != case.doctor.me.organisation
            for case in town.cases
        ),
    }
    promise(found["equal"] == len(town.cases), "each colleague opens one entry")
    story.tell(
        "as each colleague: list of entries, read; beside it: the bundle",
        found,
        lambda a: (
            f"Each practitioner refers each patient to a colleague, {a['elsewhere']} of"
            f" them in another hospital, with a key for one entry. The colleagues see"
            f" {a['listed']} entries and open them: {a['equal']} equal their slice of"
            " the bundle."
        ),
    )


def _tell_looks(town: Town, story: Story) -> None:
    found = {
        "pairs": sum(_paired(case) for case in town.cases),
        "looks": sum(_saw(case) for case in town.cases),
    }
    everybody = len(town.cases)
    promise(found == {"pairs": everybody, "looks": everybody}, "each patient sees it")
    story.tell(
        "as both practitioners: authorised asset; as each patient: who looked",
        found,
        lambda a: (
            f"{a['pairs']} pairs of practitioners stand in each other's authorised"
            f" asset; {a['looks']} patients see who looked, and why."
        ),
    )


def _listed(case: Case) -> int:
    return len(case.colleague.list_entries(case.record))


def _paired(case: Case) -> bool:
    """Tell whether the assets of both practitioners list each other."""
    doctor, colleague = case.doctor.part(case.record), case.colleague.part(case.record)
    return colleague.handle in asset_of(
        case.doctor, case.record
    ) and doctor.handle in asset_of(case.colleague, case.record)


def _saw(case: Case) -> bool:
    """Tell whether the patient sees one look of the colleague, by name and why."""
    looks = case.patient.who_looked(case.record)
    name = case.colleague.me.name
    return [one.purpose for one in looks if one.person.name == name] == [_PURPOSE]
