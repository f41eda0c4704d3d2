"""Scenes of workflow 2: a referral, what it reaches, and how access ends."""

from collections.abc import Mapping, Sequence

from careledger.cli.demo.clinic import (
    Clinic,
    asset_of,
    promise,
    refusal_of,
    short,
)
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.client.part import Part
from careledger.client.patient import full_access
from careledger.client.writing import NewResource
from careledger.ledger.actions.referral import Offer, OnlyEntries
from careledger.node.answers import Receipt
from careledger.node.questions import Fetch, MyReceipts
from careledger.sealing.chance import random_bytes
from careledger.sealing.keyring import find_entry_key

_WEEK = 7 * 86_400_000
_NOTE = NewResource(
    b'{"resourceType":"Observation","status":"final","code":{"text":"Own note"}}'
)


def play_referral(stage: Stage, story: Story) -> None:
    """A refers the patient to B, with one entry; B opens it."""
    clinic = stage.clinic
    network, ada, ben, record = clinic.network, clinic.ada, clinic.ben, clinic.record
    one, *_ = clinic.entries
    until = network.transport.time() + _WEEK
    offer = Offer("practitioner", ("read",), OnlyEntries((one,)), until, 0)
    ada.refer(record, network.listing(ben), offer, "please have a look")
    [invitation] = ben.inbox(network.office_of(ben))
    story.tell(
        "as Dr. Ben Roth: own inbox at the other hospital",
        {
            "from": invitation.card.name if invitation.card else "",
            "note": invitation.note,
        },
        lambda i: f"Dr. Ben Roth is invited by {i['from']}: “{i['note']}”.",
    )
    ben.accept(invitation)
    [opened] = ben.read(record, [one], "second opinion")
    promise(opened.content == clinic.resources[0], "the entry of the referral")
    story.tell(
        f"as Dr. Ben Roth: read of entry {short(one)}",
        {"listed": len(ben.list_entries(record)), "bytes": len(opened.content)},
        lambda a: (
            f"He sees {a['listed']} entry of the record and opens it: {a['bytes']:,} B,"
            " exactly those that Dr. Ada Lind had added."
        ),
    )
    _tell_assets(clinic, story)
    _tell_patient(clinic, story)


def play_refused(stage: Stage, story: Story) -> None:
    """B asks for more: absent and forbidden look the same."""
    clinic = stage.clinic
    ben, record, other = clinic.ben, clinic.record, clinic.entries[1]
    absent = random_bytes(len(other))
    codes = {
        "forbidden": refusal_of(lambda: ben.read(record, [other], "curious")),
        "absent": refusal_of(lambda: ben.read(record, [absent], "curious")),
    }
    promise(codes["forbidden"] == codes["absent"], "absent and forbidden look the same")
    story.tell(
        "as Dr. Ben Roth: read of another entry, and of one that does not exist",
        codes,
        lambda c: (
            f"Another entry: {c['forbidden']}. One that does not exist: {c['absent']}."
        ),
    )
    listing = clinic.network.listing(ben)
    code = refusal_of(lambda: clinic.ada.refer(record, listing, full_access(depth=1)))
    story.tell(
        "as Dr. Ada Lind: refer with more than the own rights",
        code,
        lambda c: f"Nobody can pass on more than they have: {c}.",
    )


def play_revocation(stage: Stage, story: Story) -> None:
    """The patient removes A; whom A invited goes as well."""
    clinic = stage.clinic
    patient, ada, record = clinic.patient, clinic.ada, clinic.record
    part = ada.part(record)
    receipts = part.line.ask(part.keys.signing, MyReceipts(), tuple[Receipt, ...])
    patient.revoke(record, part.handle)
    [new] = patient.append(record, _NOTE)
    access = patient.who_has_access(record)
    story.tell(
        "as the patient: who has access",
        {one.person.name or "self": one.line.active for one in access},
        lambda a: (
            "The patient revokes Dr. Ada Lind and adds an entry. Access now: "
            + ", ".join(f"{name} {'yes' if on else 'no'}" for name, on in a.items())
            + "."
        ),
    )
    epoch = patient.part(record).seat().epoch
    answers = {
        "read": refusal_of(lambda: ada.read(record, [new], "still curious")),
        "keys": refusal_of(lambda: _key_from(part, epoch, new)),
        "vault": {
            refusal_of(
                lambda at=one, e=entry: part.line.fetch(  # type: ignore[misc]
                    part.keys.signing, Fetch(at.tx_id, e)
                )
            )
            for one in receipts
            for entry in (clinic.entries[0], new)
        },
    }
    story.tell(
        "as Dr. Ada Lind, with all that she kept: read, keys, every old receipt shown"
        " to the vaults",
        answers | {"vault": sorted(answers["vault"])},
        lambda a: (
            f"She asks for the new entry: {a['read']}. The keys she kept: {a['keys']}."
            f" The vaults, for old and new entries: {', '.join(a['vault'])}."
        ),
    )
    kept = [one for one in patient.who_looked(record) if one.handle == part.handle]
    story.tell(
        "as the patient: what the removed practitioner had read",
        [{"why": one.purpose, "entries": len(one.entries)} for one in kept],
        lambda looks: (
            f"What she had opened before, she may have kept: {_opened(looks)}."
        ),
    )


def _key_from(part: Part, epoch: int, entry: bytes) -> bytes:
    """Return an entry's key from what a part has kept, without asking anybody."""
    promise(part.ring is not None, "keys that the removed practitioner kept")
    return find_entry_key(part.ring, part.epochs, epoch, entry)  # type: ignore[arg-type]


def _opened(looks: Sequence[Mapping[str, object]]) -> str:
    return ", ".join(f"{one['entries']} (“{one['why']}”)" for one in looks)


def _tell_assets(clinic: Clinic, story: Story) -> None:
    ada, ben, record = clinic.ada, clinic.ben, clinic.record
    hers, his = ada.part(record).handle, ben.part(record).handle
    for name, session, other in (
        ("Dr. Ada Lind", ada, his),
        ("Dr. Ben Roth", ben, hers),
    ):
        listed = asset_of(session, record)
        promise(other in listed, f"the asset of {name}")
        story.tell(
            f"as {name}: authorised asset of record {short(record)}",
            listed,
            lambda a, who=name, other=other: (  # type: ignore[misc]
                f"{who}'s authorised asset lists {len(a)} handles, the other"
                f" practitioner's {short(other)} among them."
            ),
        )


def _tell_patient(clinic: Clinic, story: Story) -> None:
    patient, record = clinic.patient, clinic.record
    story.tell(
        "as the patient: who has access",
        [
            {"who": a.person.name, "where": a.person.organisation, "role": a.line.role}
            for a in patient.who_has_access(record)
            if a.person.verified
        ],
        lambda people: (
            "The patient sees who has access, by cards the registrar backs: "
            + ", ".join(f"{one['who']} ({one['where']})" for one in people)
            + "."
        ),
    )
    story.tell(
        "as the patient: who looked",
        [
            {"who": look.person.name, "why": look.purpose, "entries": look.entries}
            for look in patient.who_looked(record)
            if look.person.name
        ],
        lambda looks: (
            "And who looked, and why: "
            + ", ".join(f"{one['who']} (“{one['why']}”)" for one in looks)
            + "."
        ),
    )
