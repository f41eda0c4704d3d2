"""Acceptance: an invitee takes the offered seat, and both authorised assets change.

It has no table of its own. What was right when the invitation was made is checked
again here, because an inviter may have lost its rights in between.
"""

from careledger.ledger.actions import referral as actions
from careledger.ledger.context import Context
from careledger.ledger.refusals.referral import NoSuchInvitation, PolicyForbids
from careledger.ledger.state import Draft
from careledger.ledger.workflows import (
    attenuation,
    authorisation,
    presence,
    records,
    referral,
    seats,
)


def on_accept(at: Context, action: actions.Accept) -> None:
    """Take the offered seat: both authorised assets change."""
    key = at.signers[action.invitation]  # WHO: whoever holds the invitation's secret
    found = referral.invitation(at.draft, key, at.now)
    _check_again(at, found)  # MAY
    handle = at.signers[action.handle]
    recognised = authorisation.recognition_for(
        at, handle, found.offer.role, action.endorsed
    )
    new = _new_seat(at, found, action, recognised)
    number = presence.add_seat(at.draft, found.record, new)  # DO
    _hold_current_key(at.draft, found, number)
    referral.close(at.draft, key, found)
    inviter = seats.seat(at.draft, found.record, found.inviter).handle
    at.draft.say("referral.accepted", found.record, inviter, handle)  # SAY


def _check_again(at: Context, found: referral.Invitation) -> None:
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
    if referral.waits_for_owner(found, current, at.now):
        raise PolicyForbids


def _new_seat(
    at: Context,
    found: referral.Invitation,
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


def _hold_current_key(draft: Draft, found: referral.Invitation, number: int) -> None:
    """Count the new seat among the key's holders, if its keyring is current."""
    current = records.record(draft, found.record)
    if referral.brings_current_key(found, current):
        records.change(draft, found.record, wrapped=(*current.wrapped, number))
