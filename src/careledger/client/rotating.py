"""Rotating keys: a new epoch for exactly those who may go on.

To whom is wrapped comes from proofs: a node that slipped a key of its own among
the holders' would otherwise read everything that follows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from careledger.client.part import Part, all_epochs, refresh, starting
from careledger.client.past import Start, epoch_commitment
from careledger.client.plans import check_agents
from careledger.client.proving import prove_agents, prove_seats
from careledger.client.session_problems import KeyMissing
from careledger.ledger.actions.records import Rewrap, Rotate
from careledger.ledger.actions.referral import AllEpochs, FromEpoch, Revoke
from careledger.node.answers import HolderLine, HoldersAnswer
from careledger.node.questions import Holders
from careledger.node.state_keys import Record, Seat
from careledger.primitives.encoding import encode
from careledger.primitives.hashing import same, sha256
from careledger.sealing import keyring
from careledger.sealing.emergency import seal_shares
from careledger.sealing.history import next_epoch
from careledger.sealing.problems import NotHeld
from careledger.sealing.wraps import (
    Holder,
    Reach,
    pack_wraps,
    wrap_for,
)
from careledger.sealing.wraps import rotate as wrap_for_all


@dataclass(frozen=True, slots=True)
class Circle:
    """Everybody that an epoch is wrapped to, proven.

    Attributes:
        epoch: the current one.
        numbers: seats, ascending.
        holders: in the same order.
        recovery: the recovery key.
        behind: those of the holders who have an endorsement and not the current key:
            they slept, or accepted, while it was rotated; and whoever said that its
            own wrap does not open.
    """

    epoch: int
    numbers: tuple[int, ...]
    holders: tuple[Holder, ...]
    recovery: Holder
    behind: tuple[Holder, ...]


def rotate(part: Part) -> None:
    """Start a new epoch for today's full holders.

    Raises:
        NotHeld: this part does not hold all epochs, so it must not start one.
        KeyMissing: the node does not give the key that a holder published.
        WrongHolders: somebody came or left meanwhile: try again.
    """
    circle = circle_of(part)
    all_epochs(part, circle.epoch)
    action, bodies = rotation(part, circle, starting(part))
    part.line.act([part.keys.signing], [action], bodies)
    refresh(part)


def rotate_past(part: Part) -> None:
    """Start a new epoch from the newest keys that opened, current or not.

    For who has taken a record over: a thief of the old handle may have wrapped junk.

    Raises:
        NotHeld: none opened.
        KeyMissing, WrongHolders: as for `rotate`.
    """
    circle = circle_of(part)
    action, bodies = rotation(part, circle, starting(part))
    part.line.act([part.keys.signing], [action], bodies)
    refresh(part)


def revoke(part: Part, handle: bytes) -> None:
    """End a participation and lock it out of everything to come, in one step.

    Whatever it invited ends with it. What it has read it may have kept. Where the
    current keys do not open for this part, the new epoch goes on from the newest
    that do; what was written in between stays closed to those who could not read it.

    Raises:
        NotPermitted: not this part's to end.
        NotHeld, KeyMissing: as for `rotate`; nothing was changed.
    """
    answer = part.line.ask(part.keys.signing, Holders(), HoldersAnswer)
    record, seats = _proven_seats(part, answer)
    gone = _with_invited(seats, handle)
    start = starting(part)
    action, bodies = rotation(part, _circle(answer, record, seats, gone), start)
    part.line.act([part.keys.signing], [Revoke(0, handle), action], bodies)
    refresh(part)


def rewrap(part: Part, handle: bytes) -> None:
    """Give another full holder the keys that it missed or could not open.

    Raises:
        NotHeld: this part does not hold all epochs.
        KeyMissing: `handle` is no full holder, or the node does not give its key.
    """
    circle = circle_of(part)
    ring = all_epochs(part, circle.epoch)
    for holder in circle.holders:
        if holder.handle == handle:
            action, bodies = rewrapping(part, holder, ring, circle.epoch)
            part.line.act([part.keys.signing], [action], bodies)
            return
    raise KeyMissing


def rewrapping(
    part: Part, holder: Holder, ring: keyring.Keyring, epoch: int, *others: Holder
) -> tuple[Rewrap, list[bytes]]:
    """Return the action and bodies that wrap `ring` to one holder.

    Args:
        part: who wraps.
        holder: who is named on the ledger.
        ring: what this part holds; a holder of less gets less.
        epoch: the current one.
        others: on the same page without being named (the recovery key).
    """
    binding = part.line.binding(part.record, epoch)
    wraps = [
        wrap_for(one, _reduced(ring, one.reach), binding, part.handle)
        for one in (holder, *others)
    ]
    action = Rewrap(0, holder.handle, sha256(encode(wraps[0])))
    return action, list(pack_wraps(wraps))


def circle_of(part: Part) -> Circle:
    """Return to whom a rotation must wrap now, proven.

    Raises:
        NothingHere: this part does not hold the current key.
        KeyMissing: a holder's published key is not the one of its seat.
    """
    answer = part.line.ask(part.keys.signing, Holders(), HoldersAnswer)
    return _circle(answer, *_proven_seats(part, answer), ())


def _proven_seats(part: Part, answer: HoldersAnswer) -> tuple[Record, dict[int, Seat]]:
    numbers = sorted({0} | {one.number for one in answer.holders})
    record, seats = prove_seats(part.line, part.keys.signing, part.record, numbers)
    missing = [one for one in record.present if one not in seats]
    if missing:
        _, more = prove_seats(part.line, part.keys.signing, part.record, missing)
        seats |= more
    return record, seats


def _with_invited(seats: dict[int, Seat], handle: bytes) -> set[int]:
    """Return the seat of `handle` and every seat whose inviters lead to it."""
    gone = {number for number, seat in seats.items() if seat.handle == handle}
    for _ in range(len(seats)):
        gone |= {n for n, seat in seats.items() if n and seat.inviter in gone}
    return gone


def _circle(
    answer: HoldersAnswer,
    record: Record,
    seats: dict[int, Seat],
    gone: Collection[int],
) -> Circle:
    lines = [one for one in answer.holders if one.number not in gone]
    holders = tuple(_holder(one, seats[one.number]) for one in lines)
    if not same(sha256(answer.recovery_sealing), record.recovery_sealing):
        raise KeyMissing
    recovery = Holder(record.recovery, answer.recovery_sealing, Reach.ALL_EPOCHS)
    numbers = tuple(one.number for one in lines)
    accusers = {number for number, _ in record.accused}
    behind = tuple(
        holder
        for number, holder in zip(numbers, holders, strict=True)
        if number in accusers
        or (number not in record.wrapped and seats[number].recognition is not None)
    )
    return Circle(record.epoch, numbers, holders, recovery, behind)


def _holder(line: HolderLine, seat: Seat) -> Holder:
    """Return a holder as proven; the node's line only carries its public key.

    Raises:
        KeyMissing: that key is not the one of the seat.
    """
    if not same(sha256(line.sealing_key), seat.sealing_key):
        raise KeyMissing
    match seat.scope:
        case AllEpochs():
            reach = Reach.ALL_EPOCHS
        case FromEpoch():
            reach = Reach.FROM_NOW_ON
        case _:
            raise KeyMissing  # single entries: never an epoch key
    return Holder(seat.handle, line.sealing_key, reach)


def rotation(part: Part, circle: Circle, start: Start) -> tuple[Rotate, list[bytes]]:
    """Return the action and bodies that start a new epoch for a circle.

    A holder whose published key nobody can seal to gets what opens for nobody.

    Raises:
        KeyMissing: an emergency agent's key is not the one that it signed.
    """
    binding = part.line.binding(part.record, circle.epoch + 1)
    new = next_epoch(start.ring, binding, start.between)
    wraps = wrap_for_all(
        new.ring, binding, part.handle, circle.holders, circle.recovery
    )
    agents = prove_agents(part.line, part.keys.signing, part.record)
    shares: Sequence[bytes] = ()
    if agents:
        shares = seal_shares(new.ring, binding, part.handle, check_agents(part, agents))
    action = Rotate(
        0,
        new.ring.epoch,
        epoch_commitment(new.ring.epoch, new.ring.epoch_key),
        circle.numbers,
        tuple(sha256(encode(wrap)) for wrap in wraps),
        tuple(map(sha256, shares)),
    )
    return action, [new.history, *pack_wraps(wraps), *shares]


def _reduced(ring: keyring.Keyring, reach: Reach) -> keyring.Keyring:
    """Return what a holder of this reach may get of `ring`.

    Raises:
        NotHeld: `ring` is less than that.
    """
    if reach is Reach.ALL_EPOCHS:
        return ring
    if isinstance(ring, keyring.AllEpochs):
        return keyring.from_now_on(ring)
    raise NotHeld
