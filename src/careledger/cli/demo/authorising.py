"""Scenes of workflow 1: a patient joins, and authorises a practitioner."""

from careledger.cli.demo.clinic import Clinic, asset_of, promise, short
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.client.directory import organisations
from careledger.client.patient import Joining, Patient
from careledger.client.practitioner import Practitioner
from careledger.client.watching import Access
from careledger.client.writing import NewResource
from careledger.node.state_keys import Member, member_key
from careledger.primitives.encoding import decode

_DAY = 86_400_000


def play_registering(stage: Stage, story: Story) -> None:
    """A hospital admits a patient, who names a practitioner and an insurer."""
    clinic = stage.clinic
    network, patient = clinic.network, clinic.patient
    hospital, registrar = network.hospitals[0], network.registrar
    story.tell(
        "as Dr. Ada Lind: hospitals in the directory, proven",
        [one.name.decode() for one in organisations(clinic.ada.line, "hospital")],
        lambda names: f"The directory lists the hospitals {', '.join(names)}.",
    )
    ada, insurer = network.listing(clinic.ada), network.listing(clinic.insurer)
    kit = patient.register(
        Joining(hospital, registrar, "primary care", clinic.personal, ada, insurer)
    )
    clinic.record = kit.record
    key = patient.store.member.signing.public
    found = decode(network.engine.query.state(member_key(key)) or b"", Member)
    promise(found.organisation == hospital.organisation, "who admitted the patient")
    story.tell(
        f"as any node: state of member {short(key)}",
        found,
        lambda m: (
            f"{hospital.name} has admitted a {m.kind} ({m.status}): the ledger has a"
            f" key, and {len(m.card)} bytes about whose it is."
        ),
    )
    story.tell(
        "as the patient: own recovery kit",
        {"words": len(kit.words.split()), "shares": len(kit.shares)},
        lambda k: (
            f"The patient's recovery kit: {k['words']} words for the drawer,"
            f" {k['shares']} shares for guardians; they are not shown here."
        ),
    )
    [invitation] = clinic.ada.inbox(hospital)
    story.tell(
        "as Dr. Ada Lind: own inbox at the hospital",
        invitation.record,
        lambda record: (
            f"Dr. Ada Lind finds an invitation to record {short(record)}, and accepts."
        ),
    )
    clinic.ada.accept(invitation)
    _tell_both(story, clinic.record, ("Dr. Ada Lind", clinic.ada), patient)
    _play_insurer(clinic, story)


def _play_insurer(clinic: Clinic, story: Story) -> None:
    """Open the insurer's record at its random hour, and let the insurer accept."""
    network, patient = clinic.network, clinic.patient
    network.wait(_DAY)
    people = [network.listing(clinic.insurer)]
    [record] = patient.catch_up(network.hospitals[0], network.registrar, people)
    story.tell(
        "as the patient: own records",
        sum(1 for one in patient.store.kept.used if one.record),
        lambda count: (
            f"At a random hour within a day, the insurer got a record of its own: the"
            f" patient has {count}, and only the patient's keystore joins them."
        ),
    )
    [invitation] = clinic.insurer.inbox(network.insurer_office)
    clinic.insurer.accept(invitation)
    _tell_both(story, record, ("Nora Falk", clinic.insurer), patient)


def play_writing(stage: Stage, story: Story) -> None:
    """The practitioner adds the bundled resources; the patient opens them."""
    clinic = stage.clinic
    resources = [NewResource(content) for content in clinic.resources]
    clinic.entries = tuple(clinic.ada.append(clinic.record, *resources))
    listed = clinic.patient.list_entries(clinic.record)
    kinds = {one.manifest.resource_type for one in listed if one.manifest}
    story.tell(
        "as the patient: list of entries",
        (len(listed), sorted(kinds)),
        lambda found: (
            f"Dr. Ada Lind has added the FHIR resources of a synthetic patient: the"
            f" record has {found[0]} entries of {len(found[1])} types."
        ),
    )
    opened = clinic.patient.read(clinic.record, clinic.entries)
    same = [o.content == s for o, s in zip(opened, clinic.resources, strict=True)]
    promise(all(same), "bytes that the patient reads are those that were added")
    story.tell(
        "as the patient: read, opened with the own key",
        {"equal": sum(same), "bytes": sum(len(one.content) for one in opened)},
        lambda a: (
            f"The patient opens {a['equal']} of them, {a['bytes']:,} B: every byte as"
            " it was added."
        ),
    )
    [personal, *_] = listed
    clinic.ada.read(clinic.record, [personal.entry.entry], "first visit")
    looks = clinic.patient.who_looked(clinic.record)
    story.tell(
        "as the patient: who looked",
        [{"who": one.person.name, "why": one.purpose} for one in looks],
        lambda seen: (
            "The patient sees who looked, and why: "
            + ", ".join(f"{one['who'] or 'self'} (“{one['why']}”)" for one in seen)
            + "."
        ),
    )


def _tell_both(
    story: Story, record: bytes, other: tuple[str, Practitioner], patient: Patient
) -> None:
    """Tell the authorised assets of the patient and of whom it has authorised."""
    name, session = other
    mine, theirs = asset_of(patient, record), asset_of(session, record)
    promise(mine == (session.part(record).handle,), "the patient's asset")
    promise(theirs == (patient.part(record).handle,), "the asset of the authorised")
    story.tell(
        f"as the patient: authorised asset of record {short(record)}",
        mine,
        lambda a: f"The patient's authorised asset lists {_handles(a)}: {name}'s.",
    )
    story.tell(
        f"as {name}: authorised asset of record {short(record)}",
        theirs,
        lambda a: f"{name}'s authorised asset lists {_handles(a)}: the patient's.",
    )
    story.tell(
        f"as the patient: who has access to record {short(record)}",
        [_access(one) for one in patient.who_has_access(record)],
        lambda seats: (
            "Names are in cards that only the patient opens: "
            + ", ".join(f"{s['who'] or 'self'} ({s['role']})" for s in seats)
            + "."
        ),
    )


def _access(one: Access) -> dict[str, object]:
    return {
        "who": one.person.name,
        "role": one.line.role,
        "verified": one.person.verified,
    }


def _handles(handles: tuple[bytes, ...]) -> str:
    return ", ".join(map(short, handles))
