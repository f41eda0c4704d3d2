"""Actions by which participation is offered, taken up, renewed and ended."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from careledger.ledger.actions.base import (
    Action,
    EntryId,
    Hash,
    PublicKey,
    Role,
    Signature,
    Signer,
)
from careledger.ledger.actions.registry import Endorsement
from careledger.primitives.encoding import Message, Millis, UInt

Capability = Literal["read", "refer", "write"]
"""What a participant may do: read entries, pass on, add entries."""

SeatRole = Literal["agent", "emergency", "insurer", "owner", "practitioner", "proxy"]
"""As what somebody takes part in a record."""


class AllEpochs(Message, frozen=True, tag="all"):
    """Everything, from the first epoch on."""


class FromEpoch(Message, frozen=True, tag="from"):
    """Everything from this epoch on."""

    epoch: UInt


class OnlyEntries(Message, frozen=True, tag="only"):
    """These entries and nothing else: no epoch key."""

    entries: Annotated[tuple[EntryId, ...], Meta(min_length=1, max_length=128)]


Scope = AllEpochs | FromEpoch | OnlyEntries
"""Which entries a participant may have."""


class Offer(Message, frozen=True):
    """What an invitation offers.

    Attributes:
        role: as what the invitee takes part.
        capabilities: ascending, without repetition.
        scope: which entries.
        until: milliseconds; 0 means without end (only the owner may say so).
        depth: how often it may be passed on (0 to 4).
    """

    role: Literal["agent", "insurer", "practitioner", "proxy"]
    capabilities: Annotated[tuple[Capability, ...], Meta(max_length=3)]
    scope: Scope
    until: Millis
    depth: Annotated[int, Meta(ge=0, le=4)]


class Invite(Action, frozen=True, tag="referral.invite"):
    """A participant offers part of what it may do to somebody else.

    Who that is stands in the sealed body, together with the secret half of
    `invitation` and the keyring; here is only a fresh key.
    """

    signed_by: ClassVar[dict[str, Role]] = {"inviter": "handle"}
    inviter: Signer
    invitation: PublicKey
    offer: Offer


class InviteForMinor(Action, frozen=True, tag="referral.invite-for-minor"):
    """The witness invites a minor's proxy, with an end date.

    It can be accepted after 7 days, unless the owner withdraws it; at once if the
    owner approves it.
    """

    signed_by: ClassVar[dict[str, Role]] = {"witness": "witness"}
    witness: Signer
    invitation: PublicKey
    offer: Offer


class Approve(Action, frozen=True, tag="referral.approve"):
    """The owner agrees to a referral, where the policy is `ask`."""

    signed_by: ClassVar[dict[str, Role]] = {"owner": "handle"}
    owner: Signer
    invitation: PublicKey


class Endorsed(Message, frozen=True):
    """An endorsement and the registrar's signature on it."""

    endorsement: Endorsement
    signature: Signature


class Accept(Action, frozen=True, tag="referral.accept"):
    """The invitee takes its seat with a fresh handle.

    Attributes:
        invitation: the invitation's key: whoever was invited holds its secret.
        handle: the invitee's fresh handle.
        sealing_key: SHA-256 of the handle's X-Wing key.
        endorsed: for roles that need recognition.
        wrap: SHA-256 of the keyring, wrapped by the invitee to its own handle.
    """

    signed_by: ClassVar[dict[str, Role]] = {
        "invitation": "invitation",
        "handle": "new",
    }
    publishes: ClassVar[tuple[str, ...]] = ("sealing_key",)
    invitation: Signer
    handle: Signer
    sealing_key: Hash
    endorsed: Endorsed | None
    wrap: Hash


class Revoke(Action, frozen=True, tag="referral.revoke"):
    """Owner, inviter or the handle itself ends a participation.

    Attributes:
        by: who does so.
        handle: whose participation; or an invitation's key, to withdraw it.
    """

    signed_by: ClassVar[dict[str, Role]] = {"by": "handle"}
    by: Signer
    handle: PublicKey


class Renew(Action, frozen=True, tag="referral.renew"):
    """A handle presents a new endorsement, same role and commitment."""

    signed_by: ClassVar[dict[str, Role]] = {"handle": "handle"}
    handle: Signer
    endorsed: Endorsed


class ReplaceHandle(Action, frozen=True, tag="referral.replace-handle"):
    """A participant moves its seat to a fresh handle."""

    signed_by: ClassVar[dict[str, Role]] = {"handle": "handle", "fresh": "new"}
    publishes: ClassVar[tuple[str, ...]] = ("sealing_key",)
    handle: Signer
    fresh: Signer
    sealing_key: Hash
    endorsed: Endorsed | None
    wrap: Hash
