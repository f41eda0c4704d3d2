"""Actions for emergencies: a plan beforehand, two people at the time, a review."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from careledger.ledger.actions.base import Action, Hash, PublicKey, Role, Signer
from careledger.ledger.actions.referral import Endorsed


class SetPlan(Action, frozen=True, tag="emergency.set-plan"):
    """The owner gives shares of the epoch key to three emergency agents, or none.

    Attributes:
        owner: the owner handle.
        agents: keys of the three agents (of at least two organisations: the
            owner's client sees to that, the ledger cannot); empty ends the plan.
        shares: SHA-256 of each sealed share.
    """

    signed_by: ClassVar[dict[str, Role]] = {"owner": "handle"}
    owner: Signer
    agents: Annotated[tuple[PublicKey, ...], Meta(max_length=3)]
    shares: Annotated[tuple[Hash, ...], Meta(max_length=3)]


class BreakGlass(Action, frozen=True, tag="emergency.break-glass"):
    """Two different recognised people open a record in an emergency, for 24 h.

    Attributes:
        first: fresh handle of the one.
        second: fresh handle of the other.
        record: found by the patient's card or the custodian's index.
        first_endorsed: emergency endorsement of `first`.
        second_endorsed: of `second`: same registrar, another tag.
        first_sealing: SHA-256 of the X-Wing key of `first`.
        second_sealing: SHA-256 of the X-Wing key of `second`.
    """

    signed_by: ClassVar[dict[str, Role]] = {
        "first": "emergency",
        "second": "emergency",
    }
    publishes: ClassVar[tuple[str, ...]] = ("first_sealing", "second_sealing")
    first: Signer
    second: Signer
    record: Hash
    first_endorsed: Endorsed
    second_endorsed: Endorsed
    first_sealing: Hash
    second_sealing: Hash


class Review(Action, frozen=True, tag="emergency.review"):
    """An auditor judges an emergency access."""

    signed_by: ClassVar[dict[str, Role]] = {"auditor": "organisation"}
    auditor: Signer
    access: Hash
    verdict: Literal["justified", "not-justified"]
