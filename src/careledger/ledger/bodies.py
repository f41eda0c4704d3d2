"""Which body belongs to which action.

Bodies follow the order of the actions. Most actions have a fixed number of them;
at most one in an envelope has as many as are left (docs/spec-bodies.md).

    OpenRecord   owner's X-Wing key · recovery X-Wing key
    Declare      statement            Read      sealed purpose
    Invite       invitation           Recover   new owner's X-Wing key
    Accept, ReplaceHandle       handle's X-Wing key · page of wraps · card
    BreakGlass   two X-Wing keys · disclosure to the auditor
    Rewrap       page of wraps
    RegisterMember, ChangeCard        public card
    Append       manifest pages       SetPlan   three X-Wing keys · three shares
    Rotate       history · pages of wraps · shares
"""

from typing import Final

from careledger.ledger.actions import Action, emergency, records, referral, registry
from careledger.ledger.envelopes import Core

_FIXED: Final[dict[type[Action], int]] = {
    records.OpenRecord: 2,
    records.Declare: 1,
    records.Read: 1,
    records.Recover: 1,
    records.ConfirmRecovery: 1,
    records.RecoverByWitness: 1,
    records.Rewrap: 1,
    referral.Invite: 1,
    referral.InviteForMinor: 1,
    referral.Accept: 3,
    referral.ReplaceHandle: 3,
    emergency.BreakGlass: 3,
    registry.RegisterMember: 1,
    registry.ChangeCard: 1,
}

_REST: Final = (records.Append, records.Rotate, emergency.SetPlan)


def share_out(content: Core) -> list[tuple[bytes, ...]]:
    """Return the body hashes of each action of a core, in order.

    Where the bodies do not fit the rule, actions at the end go without: that is
    the sender's loss, never an error.
    """
    spare = len(content.body_hashes) - sum(
        _FIXED.get(type(action), 0) for action in content.actions
    )
    shares, start = [], 0
    for action in content.actions:
        rest = isinstance(action, _REST)
        count = max(spare, 0) if rest else _FIXED.get(type(action), 0)
        spare = 0 if rest else spare
        shares.append(content.body_hashes[start : start + count])
        start += count
    return shares


def manifest_of(content: Core) -> tuple[bytes, ...]:
    """Return the hashes of the bodies that tell what a core's appends add."""
    shares = zip(content.actions, share_out(content), strict=True)
    return tuple(
        body_hash
        for action, share in shares
        if isinstance(action, records.Append)
        for body_hash in share
    )
