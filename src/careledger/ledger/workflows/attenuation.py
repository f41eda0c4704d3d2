"""The rule of attenuation: an offer is less than what the inviter has.

This module has no table. It is asked when an invitation is made and again when it
is accepted: the inviter may have lost rights in between, or the owner's policy
may have changed.
"""

from careledger.ledger.actions import referral as actions
from careledger.ledger.context import Context
from careledger.ledger.refusals.referral import BeyondOwnRights, PolicyForbids
from careledger.ledger.workflows import entries, records, seats


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
    record_id = seats.place(at.draft, mine.handle).record
    match offered:
        case actions.AllEpochs():
            return isinstance(mine.scope, actions.AllEpochs)
        case actions.FromEpoch():
            current = records.record(at.draft, record_id).epoch
            return _first_epoch(mine.scope, current) <= offered.epoch <= current
    return all(
        entries.may_have(at.draft, record_id, mine.scope, entry)
        for entry in offered.entries
    )


def _first_epoch(own: actions.Scope, current: int) -> int:
    """Return the first epoch that a scope holds; none up to now: the next one."""
    match own:
        case actions.AllEpochs():
            return 0
        case actions.FromEpoch():
            return own.epoch
    return current + 1


def check_policy(found: records.Record, number: int, offer: actions.Offer) -> None:
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
