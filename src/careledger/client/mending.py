"""Mending a record's past: a new epoch from which every earlier one is reached again.

Whoever starts an epoch can seal rubbish as its history, or wrap less than a holder of
all epochs is owed. Who was there before still holds the earlier keys, says on the
ledger that what was wrapped is not good, and starts the next epoch from them.
"""

from careledger.client.part import Part, refresh, starting
from careledger.client.proving import prove_seats
from careledger.client.rotating import circle_of, rotation
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.records import CannotOpen
from careledger.ledger.actions.referral import AllEpochs
from careledger.node.answers import SeatAnswer


def mend_past(part: Part) -> bool:
    """Start an epoch that leads back farther than the current one; tell if so.

    Nothing is done where the current one leads to all that this part holds, or where
    this part may not start epochs or lacks the current key.

    Raises:
        NothingHere: the handle takes no part (any more).
        KeyMissing, WrongHolders: as for `rotate`.
    """
    refresh(part)
    mine = part.seat()
    if not _may_start(mine) or mine.epoch not in part.epochs or not part.rings:
        return False
    start = starting(part)
    if not start.mends:
        return False
    action, bodies = rotation(part, circle_of(part), start)
    part.line.act([part.keys.signing], [*_accusation(part, mine), action], bodies)
    refresh(part)
    return True


def _may_start(mine: SeatAnswer) -> bool:
    everything = isinstance(mine.scope, AllEpochs)
    return mine.holds and everything and mine.role != "emergency"


def _accusation(part: Part, mine: SeatAnswer) -> list[AnyAction]:
    """Return what says that the current keys are not good, unless they are one's own.

    The rotation beside it ends the accusation: it stays in the record's history.
    """
    _, seats = prove_seats(part.line, part.keys.signing, part.record, [mine.number])
    named = seats[mine.number]
    if named.wrapped_by == mine.number:
        return []
    return [CannotOpen(0, named.wrap)]
