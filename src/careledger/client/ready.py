"""Whether a part may add to its record now; the rotation that is due is done first."""

from typing import Final

from careledger.client.mending import mend_past, started_today
from careledger.client.part import Part
from careledger.client.rotating import rotate
from careledger.client.writing_problems import (
    MayNotWrite,
    NoCurrentKey,
    RenewalAwaited,
    RenewalsUsedUp,
)
from careledger.node.answers import SeatAnswer
from careledger.sealing.problems import NotHeld

EPOCHS_FOR_RENEWING: Final = 56
"""Epochs of a seat and day, others included, after which writing renews no keys.

Of the 64 that the ledger lets it start, some stay for revoking who leaves, or has
others leave, all day.
"""


def ready_to_write(part: Part) -> SeatAnswer:
    """Return the seat, after a rotation if somebody left.

    Raises:
        NothingHere: the handle takes no part (any more).
        MayNotWrite: it was let in to read.
        RenewalAwaited: somebody left, and this part may not renew the keys.
        RenewalsUsedUp: somebody left, and so did many before, today.
        NoCurrentKey: it may write, and has no key to seal with.
        KeyMissing, WrongHolders: as for `rotate`.
    """
    seat = part.seat()
    if "write" not in seat.capabilities:
        raise MayNotWrite
    if seat.stale:
        _renew(part, seat)
        seat = part.seat()
    elif seat.epoch not in part.epochs and mend_past(part):
        seat = part.seat()
    if not seat.holds:
        raise NoCurrentKey
    return seat


def _renew(part: Part, seat: SeatAnswer) -> None:
    if not seat.holds:
        raise RenewalAwaited
    if started_today(part, seat) >= EPOCHS_FOR_RENEWING:
        raise RenewalsUsedUp
    try:
        rotate(part)
    except NotHeld:
        raise RenewalAwaited from None
