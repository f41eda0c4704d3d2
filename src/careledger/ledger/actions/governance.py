"""Actions of governance: each needs the signatures of k of the n governors."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from careledger.ledger.actions.base import (
    Action,
    Amount,
    Hash,
    PublicKey,
    Role,
    SealingKey,
    Signature,
    Signers,
)
from careledger.primitives.encoding import MAX_INTEGER, Message

Kind = Literal[
    "arbiter",
    "auditor",
    "ethics",
    "hospital",
    "insurer",
    "registrar",
    "research",
    "treasury",
]
"""What an organisation may be admitted as."""

EntityId = Annotated[bytes, Meta(min_length=1, max_length=35)]
"""A legal entity's identifier: an LEI (ISO 17442), or a national number."""

NodeName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9./-]{0,62}$(?!\n)")]
"""A node's name in signed notes, like `hospital-a.example/careledger`.

`$` alone would let a line break through at the end: hence the look-ahead.
"""

MlDsaKey = Annotated[bytes, Meta(min_length=1312, max_length=1312)]
"""An ML-DSA-44 public key (FIPS 204)."""


class Application(Message, frozen=True):
    """What an organisation states about itself and signs with its own key.

    Attributes:
        chain_id: the network it applies to.
        name: its public name, UTF-8.
        entity: its legal entity.
        group: the legal entity at the head of its group; its own if there is none.
        kinds: what it applies to be, ascending, without repetition.
        key: the Ed25519 key that acts for it.
        mailbox: the X-Wing key that invitations to its people are sealed to.
    """

    chain_id: Hash
    name: Annotated[bytes, Meta(min_length=1, max_length=200)]
    entity: EntityId
    group: EntityId
    kinds: Annotated[tuple[Kind, ...], Meta(min_length=1, max_length=8)]
    key: PublicKey
    mailbox: SealingKey


class AdmitOrganisation(Action, frozen=True, tag="governance.admit"):
    """Admit the organisation that signed `application`."""

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    application: Application
    signature: Signature


class SetStatus(Action, frozen=True, tag="governance.set-status"):
    """Suspend an organisation, reinstate it, or expel it for good."""

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    organisation: Hash
    status: Literal["active", "suspended", "expelled"]


class ReplaceOrganisationKey(Action, frozen=True, tag="governance.replace-key"):
    """Give an organisation another key, after loss or theft."""

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    organisation: Hash
    key: PublicKey


class SetGovernors(Action, frozen=True, tag="governance.set-governors"):
    """Replace the governors; `threshold` of `keys` decide from now on."""

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    keys: Annotated[tuple[PublicKey, ...], Meta(min_length=1, max_length=32)]
    threshold: Annotated[int, Meta(ge=1, le=7)]


class SetParameter(Action, frozen=True, tag="governance.set-parameter"):
    """Change one parameter of the network.

    Attributes:
        value: a quota: at least 64, as many actions as an envelope may have.
    """

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    name: Literal[
        "purse_quota",
        "organisation_quota",
        "member_quota",
        "record_quota",
        "participation_quota",
        "smallest_balance",
    ]
    value: Annotated[int, Meta(ge=1, le=MAX_INTEGER)]


class MintCoin(Action, frozen=True, tag="governance.mint"):
    """Create coin in a purse."""

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    purse: PublicKey
    amount: Amount


class AdmitNode(Action, frozen=True, tag="governance.admit-node"):
    """Add a node of an organisation to those that vouch for the log."""

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    organisation: Hash
    name: NodeName
    key: PublicKey
    ml_dsa_key: MlDsaKey


class RetireNode(Action, frozen=True, tag="governance.retire-node"):
    """Take a node out of those that vouch for the log."""

    signed_by: ClassVar[dict[str, Role]] = {"governors": "governor"}
    governors: Signers
    key: PublicKey
