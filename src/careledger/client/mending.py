"""Mending a record's past: a new epoch from which every earlier one is reached again.

Whoever starts an epoch can seal rubbish as its history, or wrap less than a holder of
all epochs is owed. Who was there before still holds the earlier keys, says on the
ledger that what was wrapped is not good, and starts the next epoch from them.
"""

from typing import Final

from careledger.client.part import Part, refresh, starting
from careledger.client.proving import prove_epochs, prove_seats
from careledger.client.rotating import circle_of, rotation
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.records import CannotOpen
from careledger.ledger.actions.referral import AllEpochs as AllScope
from careledger.ledger.parameters import DAY
from careledger.node.answers import SeatAnswer
from careledger.sealing.keyring import AllEpochs

EPOCHS_FOR_MENDING: Final = 16
"""Epochs of a seat and day, others included, after which nothing is mended by itself.

The day's others are for what a person does: above all to revoke who makes it needed.
"""


def mend_past(part: Part) -> bool:
    """Start an epoch that leads back farther than the current one; tell if so.

    Nothing is done where the current one leads to all that this part holds, or where
    this part may not start epochs or lacks the current key; nor where its seat started
    `EPOCHS_FOR_MENDING` epochs today: the next rotation or revocation mends as well.

    Raises:
        NothingHere: the handle takes no part (any more).
        KeyMissing, WrongHolders: as for `rotate`.
    """
    refresh(part)
    mine = part.seat()
    if not _may_start(mine) or mine.epoch not in part.epochs or not part.rings:
        return False
    start = starting(part)
    if not start.mends or started_today(part, mine) >= EPOCHS_FOR_MENDING:
        return False
    action, bodies = rotation(part, circle_of(part), start)
    part.line.act(
        [part.keys.signing], [*_accusation(part, mine, start.newest), action], bodies
    )
    refresh(part)
    return True


def started_today(part: Part, mine: SeatAnswer) -> int:
    """Return how many epochs a part's seat started today (UTC), as proven.

    Raises:
        BadEvidence: the node's proof does not hold.
    """
    count = prove_epochs(part.line, part.keys.signing, part.record, mine.number)
    return count.used if count.day == part.line.transport.time() // DAY else 0


def _may_start(mine: SeatAnswer) -> bool:
    everything = isinstance(mine.scope, AllScope)
    return mine.holds and everything and mine.role != "emergency"


def _accusation(part: Part, mine: SeatAnswer, newest: AllEpochs) -> list[AnyAction]:
    """Return what says who gave keys that are not good; nothing if that is uncertain.

    The ledger lets a seat accuse whoever wrapped to it last. That may be an honest one,
    who gave what it had. The rotation beside it ends the accusation: it stays in the
    record's history.
    """
    _, seats = prove_seats(part.line, part.keys.signing, part.record, [mine.number])
    named = seats[mine.number]
    if named.wrapped_by == mine.number:
        return []
    if isinstance(part.opened.get(named.wrap), AllEpochs) and not _sealed_junk(
        part, named.wrapped_by, newest
    ):
        return []
    return [CannotOpen(0, named.wrap)]


def _sealed_junk(part: Part, number: int, newest: AllEpochs) -> bool:
    """Tell whether a seat started the newest epoch, under a history that is junk.

    Who started it wrapped to everybody, itself included; who only gave keys did not.
    """
    if part.past is None or part.past.opens(newest):
        return False
    record, seats = prove_seats(part.line, part.keys.signing, part.record, [number])
    return record.epoch == newest.epoch and seats[number].wrapped_by == number
