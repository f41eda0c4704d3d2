"""Actions of the registry: members, their keys, and who recognises whom."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from careledger.ledger.actions.base import (
    Action,
    Hash,
    PublicKey,
    Role,
    SealingKey,
    Signer,
)
from careledger.primitives.encoding import Message, Millis, UInt

HandleRole = Literal["practitioner", "insurer", "agent", "emergency"]
"""As what a handle can be recognised."""


class RegisterMember(Action, frozen=True, tag="registry.register-member"):
    """An organisation registers one of its people; the card is public.

    The card (name, specialty, licence, sealing key) travels as a body, so that it
    can be erased when its person leaves; its salted hash is here.
    """

    signed_by: ClassVar[dict[str, Role]] = {
        "organisation": "organisation",
        "member": "new",
    }
    organisation: Signer
    member: Signer
    kind: Literal["practitioner", "staff"]
    card: Hash


class AdmitPatient(Action, frozen=True, tag="registry.admit-patient"):
    """A hospital or registrar admits a patient under a pseudonymous key."""

    signed_by: ClassVar[dict[str, Role]] = {
        "organisation": "organisation",
        "patient": "new",
    }
    organisation: Signer
    patient: Signer


class ChangeCard(Action, frozen=True, tag="registry.change-card"):
    """An organisation replaces the public card of one of its people."""

    signed_by: ClassVar[dict[str, Role]] = {"organisation": "organisation"}
    organisation: Signer
    member: Hash
    card: Hash


class SetMemberStatus(Action, frozen=True, tag="registry.set-member-status"):
    """An organisation suspends, reinstates or releases one of its people."""

    signed_by: ClassVar[dict[str, Role]] = {"organisation": "organisation"}
    organisation: Signer
    member: Hash
    status: Literal["active", "suspended", "left"]


class ChangeKey(Action, frozen=True, tag="registry.change-key"):
    """A member moves to a new key; takes effect after 24 hours."""

    signed_by: ClassVar[dict[str, Role]] = {"member": "member", "key": "new"}
    member: Signer
    key: Signer


class ReplaceKey(Action, frozen=True, tag="registry.replace-key"):
    """Organisation and registrar give a member, who lost the old key, a new one.

    They are two: a registrar's own people need the word of another registrar.
    """

    signed_by: ClassVar[dict[str, Role]] = {
        "organisation": "organisation",
        "registrar": "organisation",
        "key": "new",
    }
    organisation: Signer
    registrar: Signer
    member: Hash
    key: Signer


class CancelKeyChange(Action, frozen=True, tag="registry.cancel-key-change"):
    """The key in force stops a change that is under way."""

    signed_by: ClassVar[dict[str, Role]] = {"member": "member"}
    member: Signer


class ChangeMailbox(Action, frozen=True, tag="registry.change-mailbox"):
    """An organisation publishes its new mailbox key (monthly)."""

    signed_by: ClassVar[dict[str, Role]] = {"organisation": "organisation"}
    organisation: Signer
    mailbox: SealingKey


class OpenIssuerEpoch(Action, frozen=True, tag="registry.open-issuer-epoch"):
    """A registrar starts to endorse with a new key."""

    signed_by: ClassVar[dict[str, Role]] = {"registrar": "organisation"}
    registrar: Signer
    key: PublicKey


class CloseIssuerEpoch(Action, frozen=True, tag="registry.close-issuer-epoch"):
    """A registrar ends an epoch: every endorsement made in it is void at once."""

    signed_by: ClassVar[dict[str, Role]] = {"registrar": "organisation"}
    registrar: Signer
    epoch: UInt


class WithdrawRecognition(Action, frozen=True, tag="registry.withdraw-recognition"):
    """A registrar withdraws one endorsement at once, for compromise only."""

    signed_by: ClassVar[dict[str, Role]] = {"registrar": "organisation"}
    registrar: Signer
    commitment: Hash


class Endorsement(Message, frozen=True):
    """A registrar's word that a handle belongs to somebody recognised in a role.

    Attributes:
        chain_id: the network.
        registrar: the organisation that checked the person.
        epoch: its issuer epoch.
        handle: the Ed25519 key of the handle.
        role: what the handle may act as.
        until: milliseconds; at most 30 days from its use.
        commitment: SHA-256 over member id, handle and salt (`c` of the design).
        tag: for `emergency`, HMAC of the personal number; empty otherwise.
    """

    chain_id: Hash
    registrar: Hash
    epoch: UInt
    handle: PublicKey
    role: HandleRole
    until: Millis
    commitment: Hash
    tag: Annotated[bytes, Meta(max_length=32)]
