"""What the registry refuses."""

from typing import ClassVar

from careledger.ledger.refusals.base import Refusal


class NotYourOffice(Refusal):
    """The signer is no active organisation of the kind that may do this."""

    code: ClassVar[str] = "registry.not-your-office"
    happened: ClassVar[str] = "The signer is no active organisation that may do this."
    to_do: ClassVar[str] = "Let an active organisation of the right kind sign."


class NotAMember(Refusal):
    """No such active member, or not of this organisation: the two look alike."""

    code: ClassVar[str] = "registry.not-a-member"
    happened: ClassVar[str] = "There is no such active member of this organisation."
    to_do: ClassVar[str] = "Check the member's identifier and who registered it."


class KeyTaken(Refusal):
    """The key already stands for somebody, or is about to."""

    code: ClassVar[str] = "registry.key-taken"
    happened: ClassVar[str] = "This key is already in use."
    to_do: ClassVar[str] = "Make a fresh key."


class ChangePending(Refusal):
    """A key change is already under way."""

    code: ClassVar[str] = "registry.change-pending"
    happened: ClassVar[str] = "A key change of this member is already under way."
    to_do: ClassVar[str] = "Wait for it, or cancel it first."


class NoChangePending(Refusal):
    """There is no key change to cancel."""

    code: ClassVar[str] = "registry.no-change-pending"
    happened: ClassVar[str] = "No key change of this member is under way."
    to_do: ClassVar[str] = "Nothing needs to be done."


class NoSuchEpoch(Refusal):
    """The registrar has no such open issuer epoch."""

    code: ClassVar[str] = "registry.no-such-epoch"
    happened: ClassVar[str] = "The registrar has no such open issuer epoch."
    to_do: ClassVar[str] = "Use the registrar's current epoch."


class NotRecognised(Refusal):
    """No good endorsement: absent, forged, lapsed or withdrawn look alike."""

    code: ClassVar[str] = "registry.not-recognised"
    happened: ClassVar[str] = "The handle carries no endorsement that is good now."
    to_do: ClassVar[str] = "Ask the registrar for a new endorsement."


class AlreadyWithdrawn(Refusal):
    """This recognition has already been withdrawn."""

    code: ClassVar[str] = "registry.already-withdrawn"
    happened: ClassVar[str] = "This recognition has already been withdrawn."
    to_do: ClassVar[str] = "Nothing needs to be done."
