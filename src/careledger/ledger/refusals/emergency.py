"""What emergencies refuse."""

from typing import ClassVar

from careledger.ledger.refusals.base import Refusal


class NoPlan(Refusal):
    """No such record with an emergency plan: the two look alike."""

    code: ClassVar[str] = "emergency.no-plan"
    happened: ClassVar[str] = "There is no such record with an emergency plan."
    to_do: ClassVar[str] = "Check the patient's card, or ask the custodian."


class NotTwoPeople(Refusal):
    """Same tag, other registrar, or a tag that is barred."""

    code: ClassVar[str] = "emergency.not-two-people"
    happened: ClassVar[str] = (
        "Two different people recognised by one registrar are needed."
    )
    to_do: ClassVar[str] = "Let a second person with an emergency endorsement sign."


class BadPlan(Refusal):
    """Not exactly three different agents with a share each."""

    code: ClassVar[str] = "emergency.bad-plan"
    happened: ClassVar[str] = "A plan needs three different agents with one share each."
    to_do: ClassVar[str] = "Name three agents of at least two organisations, or none."


class NoSuchAccess(Refusal):
    """No such emergency access that waits for a review."""

    code: ClassVar[str] = "emergency.no-such-access"
    happened: ClassVar[str] = "There is no such access that waits for a review."
    to_do: ClassVar[str] = "Check its identifier in the auditor's list."
