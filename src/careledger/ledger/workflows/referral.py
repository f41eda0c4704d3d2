"""Referral: offering, accepting, renewing, moving and ending participation.

Only this module touches its table. What is offered can only be less than what
the inviter has: capabilities, entries, end and depth. Everything is checked when
the invitation is made and again when it is accepted, because an inviter may have
lost its rights in between. An open invitation ends with its inviter, with a
recovery, and when owner or inviter withdraws it.
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
from careledger.ledger.refusals.referral import (
    BeyondOwnRights,
    NoSuchInvitation,
    PolicyForbids,
    WrongEndorsement,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import attenuation, records, seats
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


# Handlers: one per action.


def on_invite(at: Context, action: actions.Invite) -> None:
    """Offer participation."""
    record_id, number = seats.acting(at, action.inviter, "refer")  # WHO
    found = records.record(at.draft, record_id)
    attenuation.check_offer(
        at, seats.seat(at.draft, record_id, number), action.offer
    )  # MAY
    attenuation.check_policy(found, number, action.offer)
    _offer(at, record_id, number, action)  # DO
    at.draft.say("referral.invited", record_id, action.invitation)  # SAY


def on_invite_for_minor(at: Context, action: actions.InviteForMinor) -> None:
    """Let the witness offer a proxy's seat, with an end date."""
    record_id = seats.acting_as(at, action.witness, "witness")  # WHO
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
    record_id = seats.acting_owner(at, action.owner)  # WHO
    current = records.record(at.draft, record_id)
    found = invitation(at.draft, action.invitation, at.now)
    if found.record != record_id or not waits_for_owner(found, current, at.now):  # MAY
        raise NoSuchInvitation
    approved = msgspec.structs.replace(found, agreed=True)  # DO
    _INVITATIONS.put(at.draft, action.invitation, approved)
    at.draft.say("referral.approved", record_id, action.invitation)  # SAY


def on_accept(at: Context, action: actions.Accept) -> None:
    """Take the offered seat: both authorised assets change."""
    key = at.signers[action.invitation]  # WHO: whoever holds the invitation's secret
    found = invitation(at.draft, key, at.now)
    _check_again(at, found)  # MAY
    handle = at.signers[action.handle]
    recognised = seats.recognition_for(at, handle, found.offer.role, action.endorsed)
    new = _new_seat(at, found, action, recognised)
    number = records.add_seat(at.draft, found.record, new)  # DO
    _hold_current_key(at.draft, found, number)
    _close(at.draft, key, found)
    inviter = seats.seat(at.draft, found.record, found.inviter).handle
    at.draft.say("referral.accepted", found.record, inviter, handle)  # SAY


def _check_again(at: Context, found: Invitation) -> None:
    """Check that the inviter still may offer this.

    Raises:
        NoSuchInvitation: it is dormant.
        BeyondOwnRights: it has less than that now.
        PolicyForbids: the owner's policy of today forbids it, or wants to be asked.
    """
    mine = seats.seat(at.draft, found.record, found.inviter)
    if not seats.is_active(at.draft, found.record, found.inviter, at.now):
        raise NoSuchInvitation
    current = records.record(at.draft, found.record)
    attenuation.check_offer(at, mine, found.offer)
    attenuation.check_policy(current, found.inviter, found.offer)
    if waits_for_owner(found, current, at.now):
        raise PolicyForbids


def _new_seat(
    at: Context,
    found: Invitation,
    action: actions.Accept,
    recognised: seats.Recognition | None,
) -> seats.Seat:
    return seats.Seat(
        handle=at.signers[action.handle],
        role=found.offer.role,
        capabilities=found.offer.capabilities,
        scope=found.offer.scope,
        until=found.offer.until,
        depth=found.offer.depth,
        inviter=found.inviter,
        sealing_key=action.sealing_key,
        recognition=recognised,
        ended=0,
        since=at.now,
        wrapped_by=found.inviter,
        wrap=action.wrap,
    )


def _hold_current_key(draft: Draft, found: Invitation, number: int) -> None:
    """Count the new seat among the key's holders, if its keyring is current."""
    current = records.record(draft, found.record)
    if _has_current_key(found, current):
        records.change(draft, found.record, wrapped=(*current.wrapped, number))


def _has_current_key(found: Invitation, current: records.Record) -> bool:
    if found.by_witness or found.epoch != current.epoch:
        return False
    return seats.is_full(found.offer.scope)


def on_revoke(at: Context, action: actions.Revoke) -> None:
    """End a participation and all it passed on, or withdraw an invitation."""
    record_id, number = seats.acting(at, action.by)  # WHO
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
    records.drop_seat(at.draft, target.record, target.seat, at.now)


def _withdraw(at: Context, by: int, key: bytes) -> None:
    """Withdraw an invitation: the record is stale if it brought the current key.

    Raises:
        NoSuchInvitation: it is not open.
        NotPermitted: by neither owner nor inviter.
    """
    found = invitation(at.draft, key, at.now)
    if by not in (seats.OWNER, found.inviter):
        raise NotPermitted
    _close(at.draft, key, found)
    _mark_if_current(at.draft, found)


def _close(draft: Draft, key: bytes, found: Invitation) -> None:
    _INVITATIONS.put(draft, key, None)
    timers.cancel_timer(draft, found.made + LAPSE, "invitation-lapses", key)


def _mark_if_current(draft: Draft, found: Invitation) -> None:
    """Mark the record stale if an invitation that nobody took brought its key.

    Raises:
        NotPermitted: the record is erased.
    """
    current = records.record(draft, found.record)
    if _has_current_key(found, current):
        records.change(draft, found.record, stale=True)


def on_renew(at: Context, action: actions.Renew) -> None:
    """Present a new endorsement: same registrar, role and commitment.

    Whoever was dormant while the keys were rotated needs a rewrap to write again.
    """
    record_id, number = seats.sitting(at, action.handle)  # WHO
    records.record(at.draft, record_id)
    mine = seats.seat(at.draft, record_id, number)
    old = mine.recognition
    new = seats.recognition_for(at, mine.handle, mine.role, action.endorsed)  # MAY
    if old is None or new is None:
        raise NotPermitted
    if (new.registrar, new.commitment) != (old.registrar, old.commitment):
        raise WrongEndorsement
    changed = msgspec.structs.replace(mine, recognition=new)  # DO
    seats.put_seat(at.draft, record_id, number, changed)
    at.draft.say("referral.renewed", record_id, mine.handle)  # SAY


def on_replace_handle(at: Context, action: actions.ReplaceHandle) -> None:
    """Move a seat to a fresh handle."""
    record_id, number = seats.acting(at, action.handle)  # WHO, MAY
    mine = seats.seat(at.draft, record_id, number)
    if mine.role == "emergency":  # the two people are who they are
        raise NotPermitted
    fresh = at.signers[action.fresh]
    recognised = seats.recognition_for(at, fresh, mine.role, action.endorsed)
    seats.claim_key(at.draft, fresh, seats.Place(record_id, "seat", number))  # DO
    moved = msgspec.structs.replace(
        mine,
        handle=fresh,
        sealing_key=action.sealing_key,
        recognition=recognised,
        wrap=action.wrap,
    )
    seats.put_seat(at.draft, record_id, number, moved)
    for peer in records.record(at.draft, record_id).present:
        other = seats.seat(at.draft, record_id, peer)
        if seats.joined(at.draft, mine.handle, other.handle):
            seats.join(at.draft, fresh, other.handle, at.now)
    at.draft.say("referral.handle-replaced", record_id, mine.handle, fresh)  # SAY


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
