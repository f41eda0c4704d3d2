"""Actions on records: opening, sharing the content, rotating its keys, erasing."""

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
from careledger.primitives.encoding import Message, Millis, UInt

ReferralPolicy = Literal["allow", "ask", "deny"]
"""What the owner says to referrals by others: yes, ask me, no."""


class OpenRecord(Action, frozen=True, tag="records.open"):
    """An owner handle opens a record with a token that was issued for it.

    Attributes:
        owner: the owner handle.
        token_key: which token key issued the token.
        token: the unblinded signature on the owner handle.
        sealing_key: SHA-256 of the owner's X-Wing key.
        key_commitment: commits to the first epoch's keys.
        custodians: handles that will keep the sealed blobs; each signs.
        witness: fresh key of the organisation that admitted the patient.
        recovery: Ed25519 key of the recovery secret for this record.
        recovery_sealing: SHA-256 of its X-Wing key.
        policy: referrals by others.
        depth: how often others may pass it on (0 to 4).
    """

    signed_by: ClassVar[dict[str, Role]] = {"owner": "opener", "custodians": "new"}
    publishes: ClassVar[tuple[str, ...]] = ("sealing_key", "recovery_sealing")
    owner: Signer
    token_key: Hash
    token: Annotated[bytes, Meta(min_length=256, max_length=512)]
    sealing_key: Hash
    key_commitment: Hash
    custodians: Annotated[tuple[Signer, ...], Meta(min_length=1, max_length=4)]
    witness: PublicKey
    recovery: PublicKey
    recovery_sealing: Hash
    policy: ReferralPolicy
    depth: Annotated[int, Meta(ge=0, le=4)]


class SetPolicy(Action, frozen=True, tag="records.set-policy"):
    """The owner changes what others may pass on."""

    signed_by: ClassVar[dict[str, Role]] = {"owner": "handle"}
    owner: Signer
    policy: ReferralPolicy
    depth: Annotated[int, Meta(ge=0, le=4)]


class Declare(Action, frozen=True, tag="records.declare"):
    """A participant adds a sealed statement (consent, directive) as a body."""

    signed_by: ClassVar[dict[str, Role]] = {"handle": "handle"}
    handle: Signer


class SetCustodians(Action, frozen=True, tag="records.set-custodians"):
    """The owner changes who keeps the blobs; each new custodian handle signs.

    Attributes:
        owner: the owner handle.
        joining: fresh custodian handles.
        staying: those of today that stay; the others serve 30 days more.
    """

    signed_by: ClassVar[dict[str, Role]] = {"owner": "handle", "joining": "new"}
    owner: Signer
    joining: Annotated[tuple[Signer, ...], Meta(max_length=4)]
    staying: Annotated[tuple[PublicKey, ...], Meta(max_length=4)]


class NewEntry(Message, frozen=True):
    """One sealed resource.

    Attributes:
        entry: random identifier; the entry's key is derived with it.
        blob: SHA-256 of the sealed blob, as the vault has it.
        key_commitment: commits to the entry's key.
        supersedes: the entry that this one corrects, or empty.
    """

    entry: EntryId
    blob: Hash
    key_commitment: Hash
    supersedes: Annotated[bytes, Meta(max_length=16)]


class Append(Action, frozen=True, tag="records.append"):
    """A participant adds entries whose blobs a custodian has already stored.

    Attributes:
        author: a handle that may write.
        epoch: the epoch whose key the entries are sealed under.
        entries: what is added.
        custodian: the handle that stored the blobs.
        stored: its signature on exactly these blobs (the stored-receipt).
    """

    signed_by: ClassVar[dict[str, Role]] = {"author": "handle"}
    load: ClassVar[int] = 1  # looks at every holder of the current key
    author: Signer
    epoch: UInt
    entries: Annotated[tuple[NewEntry, ...], Meta(min_length=1, max_length=256)]
    custodian: PublicKey
    stored: Signature


class Read(Action, frozen=True, tag="records.read"):
    """A participant states what it will read; vaults serve against it, 15 min."""

    signed_by: ClassVar[dict[str, Role]] = {"reader": "handle"}
    reader: Signer
    entries: Annotated[tuple[EntryId, ...], Meta(min_length=1, max_length=256)]


class Rotate(Action, frozen=True, tag="records.rotate"):
    """A full holder starts a new epoch, wrapped to exactly the full holders.

    Attributes:
        holder: a handle that holds the current epoch.
        epoch: the new epoch.
        key_commitment: commits to the new epoch's keys.
        recipients: the seats wrapped to, ascending.
        wraps: SHA-256 of each wrap, in that order, the recovery key's last.
        shares: SHA-256 of each emergency share, if the record has a plan.
    """

    signed_by: ClassVar[dict[str, Role]] = {"holder": "handle"}
    load: ClassVar[int] = 1  # looks at every seat, and writes it
    holder: Signer
    epoch: UInt
    key_commitment: Hash
    recipients: Annotated[tuple[UInt, ...], Meta(max_length=64)]
    wraps: Annotated[tuple[Hash, ...], Meta(max_length=65)]
    shares: Annotated[tuple[Hash, ...], Meta(max_length=3)]


class Rewrap(Action, frozen=True, tag="records.rewrap"):
    """A full holder gives another one the epochs that it missed."""

    signed_by: ClassVar[dict[str, Role]] = {"holder": "handle"}
    holder: Signer
    recipient: PublicKey
    wrap: Hash


class CannotOpen(Action, frozen=True, tag="records.cannot-open"):
    """A full holder says that what it was wrapped does not open.

    Attributes:
        handle: who says so.
        wrap: SHA-256 of the last wrap for its seat, as the ledger has it.
    """

    signed_by: ClassVar[dict[str, Role]] = {"handle": "handle"}
    handle: Signer
    wrap: Hash


class Erase(Action, frozen=True, tag="records.erase"):
    """The owner asks for erasure, effective after 72 h; no entries: the record."""

    signed_by: ClassVar[dict[str, Role]] = {"owner": "handle"}
    owner: Signer
    entries: Annotated[tuple[EntryId, ...], Meta(max_length=256)]


class CancelErase(Action, frozen=True, tag="records.cancel-erase"):
    """The owner takes a request for erasure back."""

    signed_by: ClassVar[dict[str, Role]] = {"owner": "handle"}
    owner: Signer
    erasure: Hash


class Erased(Action, frozen=True, tag="records.erased"):
    """A custodian confirms that it erased what was asked."""

    signed_by: ClassVar[dict[str, Role]] = {"custodian": "custodian"}
    custodian: Signer
    erasure: Hash


class Retained(Action, frozen=True, tag="records.retained"):
    """A custodian must keep what was to be erased, for a legal reason, until then."""

    signed_by: ClassVar[dict[str, Role]] = {"custodian": "custodian"}
    custodian: Signer
    erasure: Hash
    reason: Literal["medical-law", "litigation", "public-health", "accounting"]
    until: Millis


class Recover(Action, frozen=True, tag="records.recover"):
    """The recovery key asks to move ownership to a new handle, after 72 h.

    Attributes:
        recovery: the record's recovery key.
        owner: the new owner handle.
        sealing_key: SHA-256 of its X-Wing key.
    """

    signed_by: ClassVar[dict[str, Role]] = {"recovery": "recovery", "owner": "new"}
    publishes: ClassVar[tuple[str, ...]] = ("sealing_key",)
    recovery: Signer
    owner: Signer
    sealing_key: Hash


class ConfirmRecovery(Action, frozen=True, tag="records.confirm-recovery"):
    """Recovery key and witness together: the owner can no longer veto.

    It repeats for whom: what the witness saw in person must not confirm a request
    that a thief made meanwhile. Such a request gives way.

    Attributes:
        recovery: the record's recovery key.
        witness: the record's witness key.
        owner: the new owner handle.
        sealing_key: SHA-256 of its X-Wing key.
    """

    signed_by: ClassVar[dict[str, Role]] = {
        "recovery": "recovery",
        "witness": "witness",
        "owner": "new",
    }
    publishes: ClassVar[tuple[str, ...]] = ("sealing_key",)
    recovery: Signer
    witness: Signer
    owner: Signer
    sealing_key: Hash


class RecoverByWitness(Action, frozen=True, tag="records.recover-by-witness"):
    """Witness and custodian ask, without the recovery key; 7 days, veto possible.

    A request by the recovery key takes its place.
    """

    signed_by: ClassVar[dict[str, Role]] = {
        "witness": "witness",
        "custodian": "custodian",
        "owner": "new",
    }
    publishes: ClassVar[tuple[str, ...]] = ("sealing_key",)
    witness: Signer
    custodian: Signer
    owner: Signer
    sealing_key: Hash


class VetoRecovery(Action, frozen=True, tag="records.veto-recovery"):
    """The owner stops a recovery that it did not ask for."""

    signed_by: ClassVar[dict[str, Role]] = {"owner": "handle"}
    owner: Signer
