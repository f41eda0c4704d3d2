"""Recovery: how an owner who lost the handle gets the record back.

Only this module touches its table. The recovery key asks, and after 72 hours
ownership moves, unless the owner vetoes. Confirmed by the witness (identity
checked in person) it cannot be vetoed. Without the recovery key, witness and
custodian together may ask; that takes 7 days and can be vetoed. The stronger word
takes the weaker one's place: confirmed, then the recovery key, then the witness.
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
    NotPermitted,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.usage import forget as forget_usage
from careledger.ledger.workflows import (
    authorisation,
    emergency,
    presence,
    records,
    seats,
)
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
        by_key: the recovery key asked.
        confirmed: the owner can no longer veto.
    """

    handle: PublicKey
    sealing_key: Hash
    asked: Millis
    due: Millis
    by_key: bool
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


def moves(draft: Draft, record_id: bytes) -> int:
    """Return when ownership will move by recovery, or did; 0: never."""
    found = _RECOVERIES.get(draft, record_id)
    if found is not None:
        return found.due
    return records.even_erased(draft, record_id).recovered


def _ask(at: Context, record_id: bytes, new: Recovery) -> None:
    """Enter a request; an older one gives way."""
    _forget(at.draft, record_id)
    seats.claim_key(at.draft, new.handle, seats.Place(record_id, "seat", seats.OWNER))
    _RECOVERIES.put(at.draft, record_id, new)
    timers.set_timer(at.draft, new.due, "recovery-due", record_id)
    at.draft.say("records.recovery-asked", record_id)


def _forget(draft: Draft, record_id: bytes) -> None:
    old = _RECOVERIES.get(draft, record_id)
    if old is not None:
        _RECOVERIES.put(draft, record_id, None)
        timers.cancel_timer(draft, old.due, "recovery-due", record_id)


def on_recover(at: Context, action: actions.Recover) -> None:
    """Let the recovery key ask for ownership."""
    record_id = authorisation.acting_as(at, action.recovery, "recovery")  # WHO
    records.record(at.draft, record_id)
    old = _RECOVERIES.get(at.draft, record_id)
    if old is not None and (old.by_key or old.confirmed):  # MAY
        raise AlreadyPending
    _ask(at, record_id, _request(at, action, BY_KEY))  # DO, SAY


def _request(
    at: Context, action: actions.Recover | actions.ConfirmRecovery, delay: int
) -> Recovery:
    owner, due = at.signers[action.owner], at.now + delay
    return Recovery(
        owner, action.sealing_key, at.now, due, by_key=True, confirmed=False
    )


def on_recover_by_witness(at: Context, action: actions.RecoverByWitness) -> None:
    """Let witness and custodian ask together."""
    record_id = authorisation.acting_as(at, action.witness, "witness")  # WHO
    records.record(at.draft, record_id)
    custodian, owner = at.signers[action.custodian], at.signers[action.owner]
    if not records.serves(at.draft, record_id, custodian, at.now):  # MAY
        raise NotPermitted
    if _RECOVERIES.get(at.draft, record_id) is not None:
        raise AlreadyPending
    due = at.now + BY_WITNESS
    new = Recovery(
        owner, action.sealing_key, at.now, due, by_key=False, confirmed=False
    )
    _ask(at, record_id, new)  # DO, SAY


def on_confirm(at: Context, action: actions.ConfirmRecovery) -> None:
    """Make a recovery final: recovery key and witness agree for whom."""
    record_id = authorisation.acting_as(at, action.recovery, "recovery")  # WHO
    records.record(at.draft, record_id)
    if authorisation.acting_as(at, action.witness, "witness") != record_id:  # MAY
        raise NotPermitted
    old = _RECOVERIES.get(at.draft, record_id)
    if old is not None and old.confirmed:
        raise AlreadyPending
    new = _request(at, action, BY_KEY)
    if old is None or old.handle != new.handle:  # DO
        _ask(at, record_id, new)
    final = msgspec.structs.replace(
        pending(at.draft, record_id), sealing_key=new.sealing_key, confirmed=True
    )
    _RECOVERIES.put(at.draft, record_id, final)
    at.draft.say("records.recovery-confirmed", record_id)  # SAY


def on_veto(at: Context, action: actions.VetoRecovery) -> None:
    """Let the owner stop a recovery."""
    record_id = authorisation.acting_owner(at, action.owner)  # WHO
    records.record(at.draft, record_id)
    if pending(at.draft, record_id).confirmed:  # MAY
        raise CannotVeto
    _forget(at.draft, record_id)  # DO
    at.draft.say("records.recovery-vetoed", record_id)  # SAY


def move_ownership(draft: Draft, record_id: bytes, now: int) -> None:
    """Put the new owner handle in place (timer).

    The old handle ends, and with it what it invited since the request: whoever
    stole it must not keep a friend inside. Open invitations end as well, and so does
    an emergency plan that was set since. The record is stale until a rotation. Who
    came in an emergency stays.
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
    records.change(draft, record_id, stale=True, recovered=now)
    forget_usage(draft, seats.usage_key(record_id, seats.OWNER))
    forget_usage(draft, seats.epochs_key(record_id, seats.OWNER))
    emergency.end_plan_since(draft, record_id, found.asked)
    for number in records.record(draft, record_id).present:
        if number != seats.OWNER:
            _keep_or_drop(draft, record_id, number, found, now)
    draft.say("records.recovered", record_id, found.handle)


def _keep_or_drop(
    draft: Draft, record_id: bytes, number: int, found: Recovery, now: int
) -> None:
    other = seats.seat(draft, record_id, number)
    invited = other.inviter == seats.OWNER and other.role != "emergency"
    if invited and other.since >= found.asked:
        presence.drop_seat(draft, record_id, number, now)
    else:
        seats.join(draft, found.handle, other.handle, now)


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each recovery that is under way."""
    for record_id, one in listing.present(_RECOVERIES).items():
        yield one.due, timers.Timer("recovery-due", record_id)
