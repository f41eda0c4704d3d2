"""Key changes: a member moves to a new key, a day after it was said.

Only this module touches its table. Until then the new key is reserved and acts for
nobody, and the key in force can stop the change. A lost key is replaced by the
member's organisation and a registrar together.
"""

from collections.abc import Iterator
from typing import Final

from careledger.ledger import timers
from careledger.ledger.actions import registry as actions
from careledger.ledger.actions.base import PublicKey
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing
from careledger.ledger.parameters import DAY
from careledger.ledger.refusals.registry import (
    ChangePending,
    NoChangePending,
    NotYourOffice,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import governance, registry
from careledger.primitives.encoding import Message, Millis

KEY_CHANGE_DELAY: Final = DAY
"""Between the request for a key change and its effect, in milliseconds."""


class KeyChange(Message, frozen=True):
    """A change of key that is under way."""

    key: PublicKey
    due: Millis


_CHANGES: Table[KeyChange | None] = Table(b"\x22", KeyChange, None)


# Handlers: one per action.


def on_change_key(at: Context, action: actions.ChangeKey) -> None:
    """Let a member move to a new key."""
    member_id = registry.acting(  # WHO, MAY
        at.draft, at.signers[action.member], "practitioner", "staff", "patient"
    )
    _plan_change(at, member_id, at.signers[action.key])  # DO
    at.draft.say("registry.key-change-planned", member_id)  # SAY


def on_replace_key(at: Context, action: actions.ReplaceKey) -> None:
    """Let organisation and registrar together replace a lost key."""
    signer = at.signers[action.organisation]
    found = registry.of_organisation(at, signer, action.member)  # WHO
    second = at.signers[action.registrar]
    registrar = governance.acting(at.draft, second, "registrar")  # MAY
    if registrar == found.organisation:  # one organisation alone would take it over
        raise NotYourOffice
    _plan_change(at, action.member, at.signers[action.key])  # DO
    at.draft.say("registry.key-change-planned", action.member)  # SAY


def _plan_change(at: Context, member_id: bytes, key: bytes) -> None:
    """Let a new key take effect after the delay.

    Raises:
        KeyTaken: the new key is in use, reserved, or an identifier.
        ChangePending: another change is under way.
    """
    registry.check_free(at.draft, key)
    if _CHANGES.get(at.draft, member_id) is not None:
        raise ChangePending
    due = at.now + KEY_CHANGE_DELAY
    _CHANGES.put(at.draft, member_id, KeyChange(key, due))
    registry.reserve(at.draft, key, member_id)
    timers.set_timer(at.draft, due, "key-takes-effect", member_id)


def on_cancel_key_change(at: Context, action: actions.CancelKeyChange) -> None:
    """Let the key in force stop a change."""
    member_id = registry.acting(  # WHO, MAY
        at.draft, at.signers[action.member], "practitioner", "staff", "patient"
    )
    change = _CHANGES.get(at.draft, member_id)
    if change is None:
        raise NoChangePending
    _CHANGES.put(at.draft, member_id, None)  # DO
    registry.release(at.draft, change.key)
    timers.cancel_timer(at.draft, change.due, "key-takes-effect", member_id)
    at.draft.say("registry.key-change-cancelled", member_id)  # SAY


# Timer.


def put_key_in_effect(draft: Draft, member_id: bytes) -> None:
    """Move a member to its new key; the old one stops acting."""
    change = _CHANGES.get(draft, member_id)
    if change is None:
        raise NoChangePending
    _CHANGES.put(draft, member_id, None)
    registry.move(draft, member_id, change.key)
    draft.say("registry.key-changed", member_id, change.key)


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each key change that is under way."""
    for member_id, change in listing.present(_CHANGES).items():
        yield change.due, timers.Timer("key-takes-effect", member_id)


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong with the members' keys, in force and reserved."""
    reserved = {one.key: key for key, one in listing.present(_CHANGES).items()}
    yield from registry.audit_keys(listing, reserved)
