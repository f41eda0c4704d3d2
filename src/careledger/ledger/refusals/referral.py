"""What referral refuses."""

from typing import ClassVar

from careledger.ledger.refusals.base import Refusal


class BeyondOwnRights(Refusal):
    """The offer is more than the inviter has itself."""

    code: ClassVar[str] = "referral.beyond-own-rights"
    happened: ClassVar[str] = "The offer goes beyond what the inviter may do itself."
    to_do: ClassVar[str] = "Offer less: capabilities, entries, end date or depth."


class PolicyForbids(Refusal):
    """The owner does not want referrals, or has not agreed yet."""

    code: ClassVar[str] = "referral.policy-forbids"
    happened: ClassVar[str] = "The owner's policy does not allow this referral."
    to_do: ClassVar[str] = "Ask the owner to approve it or to change the policy."


class NoSuchInvitation(Refusal):
    """No such open invitation: absent, taken, lapsed and withdrawn look alike."""

    code: ClassVar[str] = "referral.no-such-invitation"
    happened: ClassVar[str] = "There is no such open invitation."
    to_do: ClassVar[str] = "Ask the inviter for a new invitation."


class RecordFull(Refusal):
    """64 participants, or too much offered at once."""

    code: ClassVar[str] = "referral.record-full"
    happened: ClassVar[str] = "The record has as many participants as it may have."
    to_do: ClassVar[str] = "End a participation that is no longer needed."


class WrongEndorsement(Refusal):
    """The endorsement is for another handle, role or person."""

    code: ClassVar[str] = "referral.wrong-endorsement"
    happened: ClassVar[str] = "The endorsement does not fit this handle and role."
    to_do: ClassVar[str] = "Ask the registrar for one that names this handle and role."
