"""Presence: who takes a seat of a record, and who leaves it.

It has no table of its own: the record's leaf, which lists the seats that are taken,
is that of `records`, and what a seat is belongs to `seats`.
"""

from typing import Final

from careledger.ledger.refusals.referral import RecordFull
from careledger.ledger.state import Draft
from careledger.ledger.workflows import records, seats

MOST_SEATS: Final = 64
"""Participants that one record may have at a time."""

KEPT_FREE: Final = 4
"""Seats of these that only emergencies may take: a full record must not stop one."""


def add_seat(draft: Draft, record_id: bytes, new: seats.Seat) -> int:
    """Let somebody take the next seat; return its number.

    Raises:
        RecordFull: all are taken, but for those kept for emergencies.
        KeyNotFresh: the handle has been used before.
    """
    most = MOST_SEATS if new.role == "emergency" else MOST_SEATS - KEPT_FREE
    if len(records.record(draft, record_id).present) >= most:
        sweep(draft, record_id, new.since)
    found = records.record(draft, record_id)
    if len(found.present) >= most:
        raise RecordFull
    number = found.seats
    seats.take_seat(draft, record_id, number, new)
    records.change(draft, record_id, seats=number + 1, present=(*found.present, number))
    return number


def drop_seat(draft: Draft, record_id: bytes, number: int, now: int) -> None:
    """End a participation; the record is stale if it held the current key."""
    seats.end_seat(draft, record_id, number, now)
    present = records.record(draft, record_id).present
    records.change(
        draft, record_id, present=tuple(one for one in present if one != number)
    )


def sweep(draft: Draft, record_id: bytes, now: int) -> None:
    """End the seats that can never act again, so that others may take their place."""
    for number in records.record(draft, record_id).present:
        if seats.is_over(draft, record_id, number, now):
            drop_seat(draft, record_id, number, now)
