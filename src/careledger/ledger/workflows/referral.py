"""Referral: offering, accepting, renewing, moving and ending participation.

Only this module touches its table. What is offered can only be less than what
the inviter has: capabilities, entries, end and depth. Everything is checked when
the invitation is made and again when it is accepted, because an inviter may have
lost its rights in between.
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

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
from careledger.ledger.workflows import entries, records, seats
from careledger.primitives.encoding import Message, Millis, UInt

LAPSE: Final = 14 * DAY
"""How long an invitation waits, in milliseconds."""


class Invitation(Message, frozen=True):
    """An offer that waits for its invitee.

    Attributes:
        record: which record.
        inviter: the seat that offers; the owner's for the witness.
        offer: what is offered.
        epoch: whose keys the sealed keyring holds.
        lapses: milliseconds.
        status: `to-approve` waits for the owner.
    """

    record: Hash
    inviter: UInt
    offer: actions.Offer
    epoch: UInt
    lapses: Millis
    status: Literal["open", "to-approve", "taken"]


_INVITATIONS: Table[Invitation | None] = Table(b"\x58", Invitation, None)


def invitation(draft: Draft, key: bytes, now: int) -> Invitation:
    """Return an invitation that can still be taken up or approved.

    Raises:
        NoSuchInvitation: absent, taken or lapsed.
    """
    found = _INVITATIONS.get(draft, key)
    if found is None or found.status == "taken" or found.lapses <= now:
        raise NoSuchInvitation
    return found


def is_open(draft: Draft, key: bytes, now: int) -> bool:
    """Tell whether an invitation key still stands for an offer."""
    try:
        invitation(draft, key, now)
    except NoSuchInvitation:
        return False
    return True


# The rule of attenuation.


def check_offer(at: Context, mine: seats.Seat, offer: actions.Offer) -> None:
    """Check that an offer is within what the inviter has.

    Raises:
        BeyondOwnRights: more capabilities, entries, time or depth.
    """
    if list(offer.capabilities) != sorted(dict.fromkeys(offer.capabilities)):
        raise BeyondOwnRights
    if not all(one in mine.capabilities for one in offer.capabilities):
        raise BeyondOwnRights
    if not _within(at, offer.scope, mine) or offer.depth >= mine.depth:
        raise BeyondOwnRights
    _check_end(at.now, mine, offer)


def _check_end(now: int, mine: seats.Seat, offer: actions.Offer) -> None:
    if offer.until and offer.until <= now:
        raise BeyondOwnRights
    if mine.until and not 0 < offer.until <= mine.until:
        raise BeyondOwnRights
    if offer.until == 0 and mine.role != "owner":
        raise BeyondOwnRights


def _within(at: Context, offered: actions.Scope, mine: seats.Seat) -> bool:
    """Tell whether an offered scope lies within the inviter's own."""
    own = mine.scope
    if isinstance(offered, actions.OnlyEntries):
        record_id = seats.place(at.draft, mine.handle).record
        return all(
            entries.may_have(at.draft, record_id, own, entry)
            for entry in offered.entries
        )
    if isinstance(own, actions.FromEpoch):
        return isinstance(offered, actions.FromEpoch) and offered.epoch >= own.epoch
    return isinstance(own, actions.AllEpochs)


def _check_policy(found: records.Record, number: int, offer: actions.Offer) -> None:
    """Check what the owner allows others to pass on.

    Raises:
        PolicyForbids: no referrals at all, or not that deep.
        BeyondOwnRights: only the owner invites others than practitioners.
    """
    if number == seats.OWNER:
        return
    if found.policy == "deny" or offer.depth >= found.depth:
        raise PolicyForbids
    if offer.role != "practitioner":
        raise BeyondOwnRights


# Handlers: one per action.


def on_invite(at: Context, action: actions.Invite) -> None:
    """Offer participation."""
    record_id, number = seats.acting(at, action.inviter, "refer")  # WHO
    found = records.record(at.draft, record_id)
    check_offer(at, seats.seat(at.draft, record_id, number), action.offer)  # MAY
    _check_policy(found, number, action.offer)
    asks = found.policy == "ask" and number != seats.OWNER
    _offer(at, record_id, number, action, asks=asks)  # DO
    at.draft.say("referral.invited", record_id, action.invitation)  # SAY


def on_invite_for_minor(at: Context, action: actions.InviteForMinor) -> None:
    """Let the witness offer a proxy's seat, with an end date."""
    record_id = seats.acting_as(at, action.witness, "witness")  # WHO
    owner = seats.seat(at.draft, record_id, seats.OWNER)
    if action.offer.role != "proxy" or action.offer.until == 0:  # MAY
        raise BeyondOwnRights
    check_offer(at, owner, action.offer)
    _offer(at, record_id, seats.OWNER, action, asks=False)  # DO
    at.draft.say("referral.invited", record_id, action.invitation)  # SAY


def _offer(
    at: Context,
    record_id: bytes,
    number: int,
    action: actions.Invite | actions.InviteForMinor,
    *,
    asks: bool,
) -> None:
    new = Invitation(
        record_id,
        number,
        action.offer,
        records.record(at.draft, record_id).epoch,
        at.now + LAPSE,
        "to-approve" if asks else "open",
    )
    seats.claim_key(
        at.draft, action.invitation, seats.Place(record_id, "invitation", number)
    )
    _INVITATIONS.put(at.draft, action.invitation, new)


def on_approve(at: Context, action: actions.Approve) -> None:
    """Let the owner agree to a referral."""
    record_id = seats.acting_owner(at, action.owner)  # WHO
    found = invitation(at.draft, action.invitation, at.now)
    if found.record != record_id or found.status != "to-approve":  # MAY
        raise NoSuchInvitation
    approved = msgspec.structs.replace(found, status="open")  # DO
    _INVITATIONS.put(at.draft, action.invitation, approved)
    at.draft.say("referral.approved", record_id, action.invitation)  # SAY


def on_accept(at: Context, action: actions.Accept) -> None:
    """Take the offered seat: both authorised assets change."""
    key = at.signers[action.invitation]  # WHO: whoever holds the invitation's secret
    found = invitation(at.draft, key, at.now)
    if found.status != "open":
        raise PolicyForbids
    _check_again(at, found)  # MAY
    handle = at.signers[action.handle]
    recognised = seats.recognition_for(at, handle, found.offer.role, action.endorsed)
    new = _new_seat(at, found, handle, action.sealing_key, recognised)
    number = records.add_seat(at.draft, found.record, new)  # DO
    _hold_current_key(at.draft, found, number)
    taken = msgspec.structs.replace(found, status="taken")
    _INVITATIONS.put(at.draft, key, taken)
    inviter = seats.seat(at.draft, found.record, found.inviter).handle
    at.draft.say("referral.accepted", found.record, inviter, handle)  # SAY


def _check_again(at: Context, found: Invitation) -> None:
    """Check that the inviter still may offer this.

    Raises:
        NoSuchInvitation: it may not any more.
    """
    mine = seats.seat(at.draft, found.record, found.inviter)
    if not seats.is_active(at.draft, found.record, found.inviter, at.now):
        raise NoSuchInvitation
    current = records.record(at.draft, found.record)
    check_offer(at, mine, found.offer)
    _check_policy(current, found.inviter, found.offer)


def _new_seat(
    at: Context,
    found: Invitation,
    handle: bytes,
    sealing_key: bytes,
    recognised: seats.Recognition | None,
) -> seats.Seat:
    return seats.Seat(
        handle=handle,
        role=found.offer.role,
        capabilities=found.offer.capabilities,
        scope=found.offer.scope,
        until=found.offer.until,
        depth=found.offer.depth,
        inviter=found.inviter,
        sealing_key=sealing_key,
        recognition=recognised,
        ended=0,
        since=at.now,
        wrapped_by=found.inviter,
    )


def _hold_current_key(draft: Draft, found: Invitation, number: int) -> None:
    """Count the new seat among the key's holders, if its keyring is current."""
    current = records.record(draft, found.record)
    if seats.is_full(found.offer.scope) and found.epoch == current.epoch:
        records.change(draft, found.record, wrapped=(*current.wrapped, number))


def on_revoke(at: Context, action: actions.Revoke) -> None:
    """End a participation and all it passed on."""
    record_id, number = seats.acting(at, action.by)  # WHO
    target = seats.place(at.draft, action.handle)
    if target.record != record_id or target.kind != "seat":
        raise NotPermitted
    theirs = seats.seat(at.draft, record_id, target.seat)
    may = number in (seats.OWNER, theirs.inviter, target.seat)  # MAY
    if not may or theirs.ended or target.seat == seats.OWNER:
        raise NotPermitted
    records.drop_seat(at.draft, record_id, target.seat, at.now)  # DO
    at.draft.say("referral.ended", record_id, action.handle)  # SAY


def on_renew(at: Context, action: actions.Renew) -> None:
    """Present a new endorsement: same role, same commitment.

    Whoever was dormant while the keys were rotated needs a rewrap to write again.
    """
    handle = at.signers[action.handle]  # WHO
    spot = seats.place(at.draft, handle)
    mine = seats.seat(at.draft, spot.record, spot.seat)
    old = mine.recognition
    if spot.kind != "seat" or old is None:
        raise NotPermitted
    if not seats.stands(at.draft, spot.record, spot.seat):
        raise NotPermitted
    new = seats.recognition_for(at, handle, mine.role, action.endorsed)  # MAY
    if new is None or new.commitment != old.commitment:
        raise WrongEndorsement
    changed = msgspec.structs.replace(mine, recognition=new)  # DO
    seats.put_seat(at.draft, spot.record, spot.seat, changed)
    at.draft.say("referral.renewed", spot.record, handle)  # SAY


def on_replace_handle(at: Context, action: actions.ReplaceHandle) -> None:
    """Move a seat to a fresh handle."""
    record_id, number = seats.acting(at, action.handle)  # WHO, MAY
    mine = seats.seat(at.draft, record_id, number)
    fresh = at.signers[action.fresh]
    recognised = seats.recognition_for(at, fresh, mine.role, action.endorsed)
    seats.claim_key(at.draft, fresh, seats.Place(record_id, "seat", number))  # DO
    moved = msgspec.structs.replace(
        mine, handle=fresh, sealing_key=action.sealing_key, recognition=recognised
    )
    seats.put_seat(at.draft, record_id, number, moved)
    for peer in records.record(at.draft, record_id).present:
        other = seats.seat(at.draft, record_id, peer)
        if seats.joined(at.draft, mine.handle, other.handle):
            seats.join(at.draft, fresh, other.handle, at.now)
    at.draft.say("referral.handle-replaced", record_id, mine.handle, fresh)  # SAY


# Audit.


def audit(listing: Listing) -> Iterator[str]:
    """Yield invitations whose key belongs elsewhere, and keys without one."""
    places = seats.places_of(listing, "invitation")
    rows = listing.present(_INVITATIONS)
    for key, one in rows.items():
        if key not in places or places[key].record != one.record:
            yield f"referral: the invitation {short(key)} has a stray key"
    for key in places:
        if key not in rows:
            yield f"referral: the key {short(key)} invites nobody"
