"""Recovery: how an owner who lost the handle gets the record back.

Only this module touches its table. The recovery key asks, and after 72 hours
ownership moves, unless the owner vetoes. Confirmed by the witness (identity
checked in person) it cannot be vetoed. Without the recovery key, witness and
custodian together may ask; that takes 7 days and can be vetoed.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from careledger.ledger import timers
from careledger.ledger.actions import records as actions
from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing
from careledger.ledger.parameters import DAY
from careledger.ledger.refusals.records import (
    AlreadyPending,
    CannotVeto,
    NothingPending,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import records, seats
from careledger.primitives.encoding import Message, Millis

BY_KEY: Final = 3 * DAY
"""Delay of a recovery by the recovery key, in milliseconds."""

BY_WITNESS: Final = 7 * DAY
"""Delay of a recovery without it, in milliseconds."""


class Recovery(Message, frozen=True):
    """A move of ownership that is under way.

    Attributes:
        handle: the new owner handle.
        sealing_key: SHA-256 of its X-Wing key.
        asked: milliseconds.
        due: milliseconds.
        confirmed: the owner can no longer veto.
    """

    handle: PublicKey
    sealing_key: Hash
    asked: Millis
    due: Millis
    confirmed: bool


_RECOVERIES: Table[Recovery | None] = Table(b"\x64", Recovery, None)


def pending(draft: Draft, record_id: bytes) -> Recovery:
    """Return the recovery that is under way.

    Raises:
        NothingPending: none is.
    """
    found = _RECOVERIES.get(draft, record_id)
    if found is None:
        raise NothingPending
    return found


def _ask(
    at: Context, record_id: bytes, handle: bytes, sealing_key: bytes, delay: int
) -> None:
    records.record(at.draft, record_id)
    if _RECOVERIES.get(at.draft, record_id) is not None:
        raise AlreadyPending
    due = at.now + delay
    seats.claim_key(at.draft, handle, seats.Place(record_id, "seat", seats.OWNER))
    new = Recovery(handle, sealing_key, at.now, due, confirmed=False)
    _RECOVERIES.put(at.draft, record_id, new)
    timers.set_timer(at.draft, due, "recovery-due", record_id)
    at.draft.say("records.recovery-asked", record_id)


def on_recover(at: Context, action: actions.Recover) -> None:
    """Let the recovery key ask for ownership."""
    record_id = seats.acting_as(at, action.recovery, "recovery")  # WHO, MAY
    owner = at.signers[action.owner]
    _ask(at, record_id, owner, action.sealing_key, BY_KEY)  # DO, SAY


def on_recover_by_witness(at: Context, action: actions.RecoverByWitness) -> None:
    """Let witness and custodian ask together."""
    record_id = seats.acting_as(at, action.witness, "witness")  # WHO
    seats.acting_as(at, action.custodian, "custodian")  # MAY: one record, admission
    owner = at.signers[action.owner]
    _ask(at, record_id, owner, action.sealing_key, BY_WITNESS)  # DO, SAY


def on_confirm(at: Context, action: actions.ConfirmRecovery) -> None:
    """Make a recovery final: recovery key and witness agree."""
    record_id = seats.acting_as(at, action.recovery, "recovery")  # WHO
    seats.acting_as(at, action.witness, "witness")  # MAY: one record, admission
    found = pending(at.draft, record_id)
    confirmed = msgspec.structs.replace(found, confirmed=True)  # DO
    _RECOVERIES.put(at.draft, record_id, confirmed)
    at.draft.say("records.recovery-confirmed", record_id)  # SAY


def on_veto(at: Context, action: actions.VetoRecovery) -> None:
    """Let the owner stop a recovery."""
    record_id = seats.acting_owner(at, action.owner)  # WHO
    found = pending(at.draft, record_id)
    if found.confirmed:  # MAY
        raise CannotVeto
    _RECOVERIES.put(at.draft, record_id, None)  # DO
    timers.cancel_timer(at.draft, found.due, record_id)
    at.draft.say("records.recovery-vetoed", record_id)  # SAY


def move_ownership(draft: Draft, record_id: bytes, now: int) -> None:
    """Put the new owner handle in place (timer).

    The old handle ends, and with it what it invited since the request: whoever
    stole it must not keep a friend inside. The record is stale until a rotation.
    """
    found = pending(draft, record_id)
    _RECOVERIES.put(draft, record_id, None)
    if records.even_erased(draft, record_id).status == "erased":
        return
    owner = seats.seat(draft, record_id, seats.OWNER)
    moved = msgspec.structs.replace(
        owner, handle=found.handle, sealing_key=found.sealing_key
    )
    seats.put_seat(draft, record_id, seats.OWNER, moved)
    records.change(draft, record_id, stale=True)
    for number in records.record(draft, record_id).present:
        other = seats.seat(draft, record_id, number)
        if number == seats.OWNER:
            continue
        if other.inviter == seats.OWNER and other.since >= found.asked:
            records.drop_seat(draft, record_id, number, now)
        else:
            seats.join(draft, found.handle, other.handle, now)
    draft.say("records.recovered", record_id, found.handle)


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each recovery that is under way."""
    for record_id, one in listing.present(_RECOVERIES).items():
        yield one.due, timers.Timer("recovery-due", record_id)
