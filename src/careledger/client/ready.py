"""Whether a part may add to its record now; the rotation that is due is done first."""

from careledger.client.mending import mend_past
from careledger.client.part import Part
from careledger.client.rotating import rotate
from careledger.client.writing_problems import MayNotWrite, NoCurrentKey, RenewalAwaited
from careledger.node.answers import SeatAnswer
from careledger.sealing.problems import NotHeld


def ready_to_write(part: Part) -> SeatAnswer:
    """Return the seat, after a rotation if somebody left.

    Raises:
        NothingHere: the handle takes no part (any more).
        MayNotWrite: it was let in to read.
        RenewalAwaited: somebody left, and this part may not renew the keys.
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
    try:
        rotate(part)
    except NotHeld:
        raise RenewalAwaited from None
