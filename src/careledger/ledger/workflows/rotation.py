"""Rotation: new epochs, wrapped to exactly those who may go on.

This module has no table of its own: epochs are part of the record's leaf. The
ledger cannot look into a wrap; it checks for whom there is one, and it remembers
who says that one did not open.
"""

from typing import Final

import msgspec

from careledger.ledger.actions import records as actions
from careledger.ledger.actions.referral import AllEpochs
from careledger.ledger.context import Context
from careledger.ledger.refusals.base import OverQuota
from careledger.ledger.refusals.records import (
    NotPermitted,
    StaleEpoch,
    TooManyEpochs,
    WrongHolders,
)
from careledger.ledger.usage import charge
from careledger.ledger.workflows import authorisation, presence, records, seats

EPOCHS_A_DAY: Final = 64
"""Epochs of a record that one seat can start in a day."""


def on_rotate(at: Context, action: actions.Rotate) -> None:
    """Start a new epoch.

    Only who holds all epochs can: the new epoch's history key opens the one before
    it, and a from-now-on holder never had that (docs/adr/0002). Accusations end,
    but for those against whoever rotates: it must rewrap.
    """
    record_id, number = _wrapping(at, action.holder)  # WHO, MAY
    found = records.record(at.draft, record_id)
    mine = seats.seat(at.draft, record_id, number)
    if not isinstance(mine.scope, AllEpochs):
        raise NotPermitted
    if action.epoch != found.epoch + 1:
        raise StaleEpoch
    _count_epoch(at, record_id, number)
    presence.sweep(at.draft, record_id, at.now)
    holders = records.full_holders(at.draft, record_id, at.now)
    _check_wraps(found, holders, action)
    records.change(  # DO
        at.draft,
        record_id,
        epoch=action.epoch,
        key_commitment=action.key_commitment,
        wrapped=holders,
        stale=False,
        accused=tuple(
            pair for pair in found.accused if pair[0] in holders and pair[1] == number
        ),
    )
    for holder, wrap in zip(holders, action.wraps, strict=False):  # + the recovery's
        _note_wrap(at, record_id, holder, number, wrap)
    at.draft.say("records.rotated", record_id)  # SAY


def _count_epoch(at: Context, record_id: bytes, number: int) -> None:
    """Count an epoch that a seat starts: every holder keeps each of them for ever.

    Counted by seat, so that nobody can use up what the owner needs to lock it out.

    Raises:
        TooManyEpochs: it has started its number today.
    """
    try:
        charge(at.draft, seats.epochs_key(record_id, number), 1, at.now, EPOCHS_A_DAY)
    except OverQuota:
        raise TooManyEpochs from None


def _wrapping(at: Context, index: int) -> tuple[bytes, int]:
    """Return the record and seat of a signing handle that may wrap keys to others.

    Raises:
        NotPermitted: it does not hold the current key, or came in an emergency:
            that lets it read, and gives it no say in who else may.
    """
    record_id, number = authorisation.acting(at, index)
    if number not in records.record(at.draft, record_id).wrapped:
        raise NotPermitted
    if seats.seat(at.draft, record_id, number).role == "emergency":
        raise NotPermitted
    return record_id, number


def _check_wraps(
    found: records.Record, holders: tuple[int, ...], action: actions.Rotate
) -> None:
    """Check that there is a wrap for each full holder and the recovery key.

    Raises:
        WrongHolders: one too few, one too many, or emergency shares missing.
    """
    wraps_expected = len(holders) + 1
    if action.recipients != holders or len(action.wraps) != wraps_expected:
        raise WrongHolders
    if len(action.shares) != found.shares:
        raise WrongHolders


def _note_wrap(
    at: Context, record_id: bytes, holder: int, wrapper: int, wrap: bytes
) -> None:
    mine = seats.seat(at.draft, record_id, holder)
    changed = msgspec.structs.replace(mine, wrapped_by=wrapper, wrap=wrap)
    seats.put_seat(at.draft, record_id, holder, changed)


def on_rewrap(at: Context, action: actions.Rewrap) -> None:
    """Give another full holder the epochs that it missed or could not open."""
    record_id, number = _wrapping(at, action.holder)  # WHO
    found = records.record(at.draft, record_id)
    target = seats.place(at.draft, action.recipient)
    if target.record != record_id:  # MAY
        raise NotPermitted
    theirs = seats.seat(at.draft, record_id, target.seat)
    if theirs.handle != action.recipient or not seats.is_full(theirs.scope):
        raise WrongHolders
    if not seats.is_active(at.draft, record_id, target.seat, at.now):
        raise WrongHolders
    records.change(  # DO
        at.draft,
        record_id,
        wrapped=tuple(sorted(dict.fromkeys((*found.wrapped, target.seat)))),
        accused=tuple(pair for pair in found.accused if pair[0] != target.seat),
    )
    _note_wrap(at, record_id, target.seat, number, action.wrap)
    at.draft.say("records.rewrapped", record_id, action.recipient)  # SAY


def on_cannot_open(at: Context, action: actions.CannotOpen) -> None:
    """Flag a wrap that does not open: whoever made it may not append for now.

    It names the wrap, so that a newer one, made meanwhile, is not meant.
    """
    record_id, number = authorisation.acting(at, action.handle)  # WHO
    found = records.record(at.draft, record_id)
    mine = seats.seat(at.draft, record_id, number)
    if number not in found.wrapped or mine.wrapped_by == number:  # MAY
        raise NotPermitted
    if action.wrap != mine.wrap:
        raise NotPermitted
    pairs = dict.fromkeys((*found.accused, (number, mine.wrapped_by)))  # DO
    records.change(at.draft, record_id, accused=tuple(pairs))
    at.draft.say("records.cannot-open", record_id)  # SAY
