"""The registry: members, their keys, and who is recognised as what.

Only this module touches its tables. A member keeps its identifier (the first
key) for ever; how it moves to another key is in `key_changes`. Practitioners and
staff have a public card, given here by its salted hash; a patient is a pseudonymous
key and who admitted it, nothing more.
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from careledger.ledger.actions import registry as actions
from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import DAY, parameters
from careledger.ledger.refusals.registry import (
    AlreadyWithdrawn,
    KeyTaken,
    NoSuchEpoch,
    NotAMember,
    NotRecognised,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.usage import charge as charge_usage
from careledger.ledger.workflows import governance
from careledger.primitives.encoding import Message, UInt, encode
from careledger.primitives.signing import BadSignature, verify

LONGEST_ENDORSEMENT: Final = 30 * DAY
"""How far ahead an endorsement may reach when it is used, in milliseconds."""

ENDORSEMENT_MARKER: Final = b"careledger/endorsement/v1"


class Member(Message, frozen=True):
    """A practitioner, a member of staff, or a patient.

    Attributes:
        organisation: who registered or admitted it.
        kind: what it is.
        key: the key that acts for it now.
        card: salted hash of the public card; empty for a patient.
        status: `left` is final.
    """

    organisation: Hash
    kind: Literal["practitioner", "staff", "patient"]
    key: PublicKey
    card: bytes
    status: str


class Issuer(Message, frozen=True):
    """The key that a registrar endorses with in one epoch."""

    key: PublicKey
    open: bool


_MEMBERS: Table[Member | None] = Table(b"\x20", Member, None)
_KEYS: Table[bytes] = Table(b"\x21", Hash, b"")
_ISSUERS: Table[Issuer | None] = Table(b"\x23", Issuer, None)
_EPOCHS: Table[int] = Table(b"\x24", UInt, 0)
_WITHDRAWN: Table[int] = Table(b"\x25", UInt, 0)
_PATIENTS: Table[int] = Table(b"\x26", UInt, 0)


# What other workflows may call.


def member(draft: Draft, member_id: bytes) -> Member:
    """Return a member by its identifier.

    Raises:
        NotAMember: there is none.
    """
    found = _MEMBERS.get(draft, member_id)
    if found is None:
        raise NotAMember
    return found


def acting(draft: Draft, key: bytes, *kinds: str) -> bytes:
    """Return the identifier of the active member that `key` acts for.

    Raises:
        NotAMember: no such member, not active, or of another kind.
    """
    member_id = _KEYS.get(draft, key)
    if not member_id:
        raise NotAMember
    found = member(draft, member_id)
    if found.status != "active" or found.key != key or found.kind not in kinds:
        raise NotAMember
    return member_id


def charge(draft: Draft, key: bytes, weight: int, now: int) -> bool:
    """Count `weight` actions of a member; tell whether it is known.

    Raises:
        OverQuota: it has used up its quota for today.
    """
    member_id = _KEYS.get(draft, key)
    # A key whose change is still under way is reserved, but nobody's yet.
    known = member_id != b"" and member(draft, member_id).key == key
    if known:
        charge_usage(draft, key, weight, now, parameters(draft).member_quota)
    return known


def recognise(
    draft: Draft, endorsement: actions.Endorsement, signature: bytes, at: Context
) -> None:
    """Check that a registrar's endorsement is good now.

    Raises:
        NotRecognised: forged, lapsed, too long, of another network, from a closed
            epoch, withdrawn, or by a registrar that is not active. All alike.
    """
    registrar, epoch = endorsement.registrar, endorsement.epoch
    issuer = _ISSUERS.get(draft, _epoch_key(registrar, epoch))
    if issuer is None or not vouches(draft, registrar, epoch):
        raise NotRecognised
    if not at.now < endorsement.until <= at.now + LONGEST_ENDORSEMENT:
        raise NotRecognised
    if endorsement.chain_id != at.chain_id:
        raise NotRecognised
    if is_withdrawn(draft, registrar, endorsement.commitment):
        raise NotRecognised
    try:
        verify(issuer.key, endorsement_message(endorsement), signature)
    except BadSignature as error:
        raise NotRecognised from error


def vouches(draft: Draft, registrar: bytes, epoch: int) -> bool:
    """Tell whether what a registrar endorsed in an epoch counts now.

    It does not while the registrar is suspended or once the epoch is closed.
    """
    issuer = _ISSUERS.get(draft, _epoch_key(registrar, epoch))
    if issuer is None or not issuer.open:
        return False
    return governance.organisation(draft, registrar).status == "active"


def is_withdrawn(draft: Draft, registrar: bytes, commitment: bytes) -> bool:
    """Tell whether a recognition was withdrawn: that is final."""
    return _WITHDRAWN.get(draft, registrar + commitment) != 0


def endorsement_message(endorsement: actions.Endorsement) -> bytes:
    """Return the bytes that a registrar signs."""
    return ENDORSEMENT_MARKER + encode(endorsement)


def _epoch_key(registrar: bytes, epoch: int) -> bytes:
    return registrar + epoch.to_bytes(8, "big")


def of_organisation(at: Context, key: bytes, member_id: bytes) -> Member:
    """Return a member that the signing organisation answers for.

    Raises:
        NotAMember: no such member, left, or of another organisation.
    """
    organisation = governance.acting(at.draft, key)
    found = member(at.draft, member_id)
    if found.organisation != organisation or found.status == "left":
        raise NotAMember
    return found


def check_free(draft: Draft, key: bytes) -> None:
    """Check that a key may come to stand for a member.

    Raises:
        KeyTaken: it stands for somebody, is about to, or is an identifier.
    """
    if _KEYS.get(draft, key) or _MEMBERS.get(draft, key) is not None:
        raise KeyTaken


def reserve(draft: Draft, key: bytes, member_id: bytes) -> None:
    """Keep a key for a member: `acting` refuses it until the member moves to it."""
    _KEYS.put(draft, key, member_id)


def release(draft: Draft, key: bytes) -> None:
    """Keep a key for nobody any more."""
    _KEYS.put(draft, key, b"")


def move(draft: Draft, member_id: bytes, key: bytes) -> None:
    """Let a member act with a key that was reserved for it; the old one stops."""
    found = member(draft, member_id)
    release(draft, found.key)
    _MEMBERS.put(draft, member_id, msgspec.structs.replace(found, key=key))


def _enter(draft: Draft, new: Member) -> bytes:
    """Enter a member under its first key.

    Raises:
        KeyTaken: the key stands for somebody, is about to, or is an identifier.
    """
    check_free(draft, new.key)
    _MEMBERS.put(draft, new.key, new)
    _KEYS.put(draft, new.key, new.key)
    return new.key


# Handlers: one per action.


def on_register_member(at: Context, action: actions.RegisterMember) -> None:
    """Register one of an organisation's people."""
    organisation = governance.acting(at.draft, at.signers[action.organisation])  # WHO
    # MAY: any active organisation, for its own people
    key = at.signers[action.member]
    new = Member(organisation, action.kind, key, action.card, "active")
    _enter(at.draft, new)  # DO
    at.draft.say("registry.member-registered", organisation, key)  # SAY


def on_admit_patient(at: Context, action: actions.AdmitPatient) -> None:
    """Admit a patient; the admitting organisation answers for their number."""
    organisation = governance.acting(  # WHO, MAY
        at.draft, at.signers[action.organisation], "hospital", "registrar"
    )
    key = at.signers[action.patient]
    _enter(at.draft, Member(organisation, "patient", key, b"", "active"))  # DO
    _PATIENTS.put(at.draft, organisation, _PATIENTS.get(at.draft, organisation) + 1)
    at.draft.say("registry.patient-admitted", organisation, key)  # SAY


def on_change_card(at: Context, action: actions.ChangeCard) -> None:
    """Replace a public card."""
    signer = at.signers[action.organisation]
    found = of_organisation(at, signer, action.member)  # WHO
    if found.kind == "patient":  # MAY
        raise NotAMember
    changed = msgspec.structs.replace(found, card=action.card)  # DO
    _MEMBERS.put(at.draft, action.member, changed)
    at.draft.say("registry.card-changed", action.member)  # SAY


def on_set_member_status(at: Context, action: actions.SetMemberStatus) -> None:
    """Suspend, reinstate or release a member."""
    signer = at.signers[action.organisation]
    found = of_organisation(at, signer, action.member)  # WHO, MAY
    changed = msgspec.structs.replace(found, status=action.status)  # DO
    _MEMBERS.put(at.draft, action.member, changed)
    at.draft.say(f"registry.member-{action.status}", action.member)  # SAY


def on_change_mailbox(at: Context, action: actions.ChangeMailbox) -> None:
    """Publish a new mailbox key."""
    organisation = governance.acting(at.draft, at.signers[action.organisation])  # WHO
    governance.set_mailbox(at.draft, organisation, action.mailbox)  # DO
    at.draft.say("registry.mailbox-changed", organisation)  # SAY


def on_open_issuer_epoch(at: Context, action: actions.OpenIssuerEpoch) -> None:
    """Start to endorse with a new key."""
    signer = at.signers[action.registrar]
    registrar = governance.acting(at.draft, signer, "registrar")  # WHO, MAY
    epoch = _EPOCHS.get(at.draft, registrar) + 1  # DO
    _EPOCHS.put(at.draft, registrar, epoch)
    _ISSUERS.put(at.draft, _epoch_key(registrar, epoch), Issuer(action.key, open=True))
    at.draft.say("registry.issuer-epoch-opened", registrar)  # SAY


def on_close_issuer_epoch(at: Context, action: actions.CloseIssuerEpoch) -> None:
    """End an epoch and every endorsement made in it."""
    signer = at.signers[action.registrar]
    registrar = governance.acting(at.draft, signer, "registrar")  # WHO
    key = _epoch_key(registrar, action.epoch)
    issuer = _ISSUERS.get(at.draft, key)
    if issuer is None or not issuer.open:  # MAY
        raise NoSuchEpoch
    _ISSUERS.put(at.draft, key, Issuer(issuer.key, open=False))  # DO
    at.draft.say("registry.issuer-epoch-closed", registrar)  # SAY


def on_withdraw_recognition(at: Context, action: actions.WithdrawRecognition) -> None:
    """Withdraw one endorsement at once."""
    signer = at.signers[action.registrar]
    registrar = governance.acting(at.draft, signer, "registrar")  # WHO
    key = registrar + action.commitment
    if _WITHDRAWN.get(at.draft, key):  # MAY
        raise AlreadyWithdrawn
    _WITHDRAWN.put(at.draft, key, at.now)  # DO
    at.draft.say("registry.recognition-withdrawn", action.commitment)  # SAY


# Audit.


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong with members and issuers; `audit_keys` sees to the keys."""
    members = listing.present(_MEMBERS)
    patients: dict[bytes, int] = {}
    for member_id, found in members.items():
        if not governance.is_admitted(listing, found.organisation):
            yield f"registry: the member {short(member_id)} belongs to nobody"
        if found.kind == "patient":
            patients[found.organisation] = patients.get(found.organisation, 0) + 1
    if listing.rows(_PATIENTS) != patients:
        yield "registry: the counts of patients are not those of the members"
    yield from _audit_issuers(listing)


def audit_keys(listing: Listing, reserved: dict[bytes, bytes]) -> Iterator[str]:
    """Compare the table of keys with the members and the keys reserved for them."""
    in_force = {one.key: key for key, one in listing.present(_MEMBERS).items()}
    if listing.rows(_KEYS) != in_force | reserved:
        yield "registry: the table of keys is not that of the members"


def _audit_issuers(listing: Listing) -> Iterator[str]:
    """Yield each registrar whose epochs are not counted from 1 without gaps."""
    epochs: dict[bytes, int] = {}
    for key in listing.rows(_ISSUERS):
        epochs[key[:32]] = epochs.get(key[:32], 0) + 1
    if listing.rows(_EPOCHS) != epochs:
        yield "registry: the counts of issuer epochs are not those of the issuers"
    for key in listing.rows(_WITHDRAWN):
        if not governance.is_admitted(listing, key[:32]):
            yield f"registry: the withdrawal {short(key[32:])} is by no registrar"
