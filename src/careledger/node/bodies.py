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
from careledger.primitives.encoding import NotCanonical, decode

INVITATION_SIZE: Final = 16_384
"""Bytes of every invitation body: none stands out in the feed."""

_FIXED: Final[dict[type[Action], int]] = {
    records.OpenRecord: 2,
    records.Declare: 1,
    records.Read: 1,
    records.Recover: 1,
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
_END: Final = b"\x80"


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


def wraps_on(page: bytes) -> list[tuple[bytes, bytes]]:
    """Return the (recipient, sealed) pairs on a page of wraps; none if it is none.

    The desk cuts a page apart, so that nobody sees who else is on it.
    """
    try:
        return list(decode(page.rstrip(b"\0").removesuffix(_END), tuple[_Pair, ...]))
    except NotCanonical:
        return []


_Pair = tuple[bytes, bytes]
