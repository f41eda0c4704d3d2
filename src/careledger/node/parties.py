"""Who is behind a key: the one rule about who is answered."""

from dataclasses import dataclass

from careledger.ledger.refusals.base import Refusal
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.state import Draft
from careledger.ledger.workflows import emergency, records, referral, seats
from careledger.node.problems import NothingHere


@dataclass(frozen=True, slots=True)
class Party:
    """A key that takes part in an open record now.

    Attributes:
        key: 32 bytes.
        record: which record.
        kind: as what the key belongs there.
        seat: the number of the seat; the inviter's for an invitation.
    """

    key: bytes
    record: bytes
    kind: seats.KeyKind
    seat: int


def party(draft: Draft, key: bytes, now: int) -> Party:
    """Return what a key stands for now.

    Raises:
        NothingHere: nothing, nothing any more, or not now. All alike.
    """
    try:
        place = seats.place(draft, key)
        records.record(draft, place.record)
        _check_active(draft, key, place, now)
    except Refusal:
        raise NothingHere from None
    return Party(key, place.record, place.kind, place.seat)


def _check_active(draft: Draft, key: bytes, place: seats.Place, now: int) -> None:
    match place.kind:
        case "seat":
            sits = seats.known_place(draft, key, "seat", now) is not None
            active = sits and seats.is_active(draft, place.record, place.seat, now)
        case "invitation":
            active = referral.is_open(draft, key, now)
        case "custodian":
            active = records.serves(draft, place.record, key, now)
        case "sharer":
            active = key in emergency.agents(draft, place.record)
        case _:
            active = True
    if not active:
        raise NotPermitted
