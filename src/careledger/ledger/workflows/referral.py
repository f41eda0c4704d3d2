"""Referral: offering participation, and ending it.

Only this module touches its table. What is offered can only be less than what
the inviter has: capabilities, entries, end and depth. An open invitation ends
with its inviter, with a recovery, and when owner or inviter withdraws it; how it
is taken up is in `acceptance`.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from careledger.ledger import timers
from careledger.ledger.actions import referral as actions
from careledger.ledger.actions.base import Hash
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import DAY
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.refusals.referral import BeyondOwnRights, NoSuchInvitation
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import (
    attenuation,
    authorisation,
    presence,
    records,
    seats,
)
from careledger.primitives.encoding import Message, Millis, UInt

LAPSE: Final = 14 * DAY
"""How long an invitation waits, in milliseconds."""

WITNESS_WAIT: Final = 7 * DAY
"""How long the witness's invitation waits for the owner's word, in milliseconds.

What a witness does alone takes as long as a recovery without the recovery key, and
can be stopped as well: or whoever has its key would be in every record at once.
"""


class Invitation(Message, frozen=True):
    """An offer that waits for its invitee.

    Attributes:
        record: which record.
        inviter: the seat that offers; the owner's for the witness.
        offer: what is offered.
        epoch: whose keys the sealed keyring holds.
        made: milliseconds.
        by_witness: it comes with no keyring, and slowly.
        agreed: the owner has approved it.
    """

    record: Hash
    inviter: UInt
    offer: actions.Offer
    epoch: UInt
    made: Millis
    by_witness: bool
    agreed: bool


_INVITATIONS: Table[Invitation | None] = Table(b"\x58", Invitation, None)


def invitation(draft: Draft, key: bytes, now: int) -> Invitation:
    """Return an invitation that can still be taken up or approved.

    Raises:
        NoSuchInvitation: absent, taken, withdrawn or lapsed; its inviter's seat is
            over; or ownership moved by recovery since.
    """
    found = _INVITATIONS.get(draft, key)
    if found is None or found.made + LAPSE <= now:
        raise NoSuchInvitation
    if seats.is_over(draft, found.record, found.inviter, now):
        raise NoSuchInvitation
    if found.made < records.even_erased(draft, found.record).recovered:
        raise NoSuchInvitation
    return found


def is_open(draft: Draft, key: bytes, now: int) -> bool:
    """Tell whether an invitation key still stands for an offer."""
    try:
        invitation(draft, key, now)
    except NoSuchInvitation:
        return False
    return True


def waits_for_owner(found: Invitation, current: records.Record, now: int) -> bool:
    """Tell whether an invitation still needs the owner's word.

    The policy of the moment decides, not that of the day it was made.
    """
    if found.agreed:
        return False
    if found.by_witness:
        return now < found.made + WITNESS_WAIT
    return current.policy == "ask" and found.inviter != seats.OWNER


def close(draft: Draft, key: bytes, found: Invitation) -> None:
    """Let an invitation stand no more: it was taken up or withdrawn."""
    _INVITATIONS.put(draft, key, None)
    timers.cancel_timer(draft, found.made + LAPSE, "invitation-lapses", key)


def brings_current_key(found: Invitation, current: records.Record) -> bool:
    """Tell whether an invitation's keyring has the record's current key."""
    if found.by_witness or found.epoch != current.epoch:
        return False
    return seats.is_full(found.offer.scope)


# Handlers: one per action.


def on_invite(at: Context, action: actions.Invite) -> None:
    """Offer participation."""
    record_id, number = authorisation.acting(at, action.inviter, "refer")  # WHO
    found = records.record(at.draft, record_id)
    attenuation.check_offer(
        at, seats.seat(at.draft, record_id, number), action.offer
    )  # MAY
    attenuation.check_policy(found, number, action.offer)
    _offer(at, record_id, number, action)  # DO
    at.draft.say("referral.invited", record_id, action.invitation)  # SAY


def on_invite_for_minor(at: Context, action: actions.InviteForMinor) -> None:
    """Let the witness offer a proxy's seat, with an end date."""
    record_id = authorisation.acting_as(at, action.witness, "witness")  # WHO
    records.record(at.draft, record_id)
    owner = seats.seat(at.draft, record_id, seats.OWNER)
    if action.offer.role != "proxy" or action.offer.until == 0:  # MAY
        raise BeyondOwnRights
    attenuation.check_offer(at, owner, action.offer)
    _offer(at, record_id, seats.OWNER, action)  # DO
    at.draft.say("referral.invited", record_id, action.invitation)  # SAY


def _offer(
    at: Context,
    record_id: bytes,
    number: int,
    action: actions.Invite | actions.InviteForMinor,
) -> None:
    new = Invitation(
        record_id,
        number,
        action.offer,
        records.record(at.draft, record_id).epoch,
        at.now,
        by_witness=isinstance(action, actions.InviteForMinor),
        agreed=False,
    )
    seats.claim_key(
        at.draft, action.invitation, seats.Place(record_id, "invitation", number)
    )
    _INVITATIONS.put(at.draft, action.invitation, new)
    timers.set_timer(at.draft, at.now + LAPSE, "invitation-lapses", action.invitation)


def on_approve(at: Context, action: actions.Approve) -> None:
    """Let the owner agree to a referral."""
    record_id = authorisation.acting_owner(at, action.owner)  # WHO
    current = records.record(at.draft, record_id)
    found = invitation(at.draft, action.invitation, at.now)
    if found.record != record_id or not waits_for_owner(found, current, at.now):  # MAY
        raise NoSuchInvitation
    approved = msgspec.structs.replace(found, agreed=True)  # DO
    _INVITATIONS.put(at.draft, action.invitation, approved)
    at.draft.say("referral.approved", record_id, action.invitation)  # SAY


def on_revoke(at: Context, action: actions.Revoke) -> None:
    """End a participation and all it passed on, or withdraw an invitation."""
    record_id, number = authorisation.acting(at, action.by)  # WHO
    target = seats.place(at.draft, action.handle)
    if target.record != record_id:
        raise NotPermitted
    if target.kind == "invitation":
        _withdraw(at, number, action.handle)  # MAY, DO
    else:
        _end(at, number, target)  # MAY, DO
    at.draft.say("referral.ended", record_id, action.handle)  # SAY


def _end(at: Context, by: int, target: seats.Place) -> None:
    """End a seat.

    Raises:
        NotPermitted: by nobody whom it concerns, ended already, or the owner's.
    """
    theirs = seats.seat(at.draft, target.record, target.seat)
    may = by in (seats.OWNER, theirs.inviter, target.seat)
    if not may or theirs.ended or target.seat == seats.OWNER:
        raise NotPermitted
    presence.drop_seat(at.draft, target.record, target.seat, at.now)


def _withdraw(at: Context, by: int, key: bytes) -> None:
    """Withdraw an invitation: the record is stale if it brought the current key.

    Raises:
        NoSuchInvitation: it is not open.
        NotPermitted: by neither owner nor inviter.
    """
    found = invitation(at.draft, key, at.now)
    if by not in (seats.OWNER, found.inviter):
        raise NotPermitted
    close(at.draft, key, found)
    _mark_if_current(at.draft, found)


def _mark_if_current(draft: Draft, found: Invitation) -> None:
    """Mark the record stale if an invitation that nobody took brought its key.

    Raises:
        NotPermitted: the record is erased.
    """
    current = records.record(draft, found.record)
    if brings_current_key(found, current):
        records.change(draft, found.record, stale=True)


# Timer.


def lapse(draft: Draft, key: bytes) -> None:
    """End an invitation that nobody took up in time: its keyring may be open."""
    found = _INVITATIONS.get(draft, key)
    if found is None:
        raise NoSuchInvitation
    _INVITATIONS.put(draft, key, None)
    if records.even_erased(draft, found.record).status == "open":
        _mark_if_current(draft, found)
    draft.say("referral.lapsed", found.record, key)


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each invitation that waits."""
    for key, one in listing.present(_INVITATIONS).items():
        yield one.made + LAPSE, timers.Timer("invitation-lapses", key)


def audit(listing: Listing) -> Iterator[str]:
    """Yield invitations whose key belongs elsewhere."""
    places = seats.places_of(listing, "invitation")
    for key, one in listing.present(_INVITATIONS).items():
        if key not in places or places[key].record != one.record:
            yield f"referral: the invitation {short(key)} has a stray key"
