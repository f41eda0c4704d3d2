"""Opening a record: a token, three keys, a custodian, and the first epoch.

The envelope that opens cannot carry what is bound to the record's id, because
the id is a hash of that envelope. The founding envelope follows: the first
wraps, the first entries, the first invitations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from careledger.client.keystore import Keystore, Token
from careledger.client.line import Line, created_id
from careledger.client.papers import Paper, draw_up, envelope_of, sign
from careledger.client.part import Part, all_epochs
from careledger.client.past import epoch_commitment
from careledger.client.rotating import rewrapping
from careledger.client.session_problems import NotForThisOffice
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.records import OpenRecord, ReferralPolicy
from careledger.primitives.hashing import sha256
from careledger.sealing.keyring import AllEpochs
from careledger.sealing.keys import derive
from careledger.sealing.seeds import recovery_keys
from careledger.sealing.wraps import Holder, Reach

_FIRST_EPOCH: Final = b"careledger/first-epoch/v1"
_FIRST_HISTORY: Final = b"careledger/first-history/v1"


@dataclass(frozen=True, slots=True)
class Custody:
    """Who keeps a new record's blobs, and who witnesses it.

    Attributes:
        custodians: fresh handles of hospitals.
        witness: fresh key of the organisation that admitted the patient.
    """

    custodians: tuple[bytes, ...]
    witness: bytes


class CustodyOffice(Protocol):
    """A hospital, as it is needed to open a record."""

    def offer_custody(self) -> Custody:
        """Return fresh keys of the hospital for one record."""
        ...

    def keep_record(self, paper: Paper) -> Paper:
        """Return the paper that opens a record, signed by its custodians."""
        ...


class AdmissionOffice(CustodyOffice, Protocol):
    """A hospital, as it is needed to join."""

    def admit_patient(self, patient: bytes) -> Paper:
        """Return the paper that admits a patient, signed by the hospital."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """What the owner says to referrals by others."""

    referrals: ReferralPolicy = "allow"
    depth: int = 1


def opening_paper(
    line: Line, store: Keystore, token: Token, custody: Custody, policy: Policy
) -> Paper:
    """Return the paper that opens a record, signed by its owner.

    The custodians sign next; then `open_record` submits it.
    """
    used = next(one for one in store.kept.used if one.index == token.index)
    owner = store.keys(token.index)
    recovery = recovery_keys(store.kept.recovery_secret, used.recovery)
    count = len(custody.custodians)
    action = OpenRecord(
        owner=0,
        token_key=token.key_id,
        token=token.token,
        sealing_key=sha256(owner.opening.public),
        key_commitment=epoch_commitment(0, _first_ring(store, token.index).epoch_key),
        custodians=tuple(range(1, count + 1)),
        witness=custody.witness,
        recovery=recovery.signing.public,
        recovery_sealing=sha256(recovery.opening.public),
        policy=policy.referrals,
        depth=policy.depth,
    )
    bodies = [owner.opening.public, recovery.opening.public]
    signers = [owner.signing.public, *custody.custodians]
    return sign(draw_up(line, signers, [action], bodies), owner.signing)


def open_record(line: Line, store: Keystore, index: int, paper: Paper) -> Part:
    """Submit a paper that everybody has signed; return the owner's part.

    Raises:
        NotAToken: the token is spent, or for another handle.
        KeyNotFresh: one of the keys has been used before.
    """
    if any(not one for one in paper.signatures):
        raise NotForThisOffice
    receipt = line.submit(envelope_of(paper))
    record = created_id(receipt.tx_id, 0)
    store.settle(index, record)
    ring = _first_ring(store, index)
    part = Part(line, store.keys(index), record, ring)
    part.epochs[0] = ring.epoch_key
    return part


def found(
    part: Part,
    recovery: Holder,
    actions: Sequence[AnyAction] = (),
    bodies: Sequence[bytes] = (),
) -> None:
    """Submit the founding envelope: the first wraps, then `actions`.

    The keys of the first epoch are wrapped to the owner and to the recovery key,
    so that words and guardians both give them back.
    """
    owner = Holder(part.handle, part.keys.opening.public, Reach.ALL_EPOCHS)
    first, pages = rewrapping(part, owner, all_epochs(part, 0), 0, recovery)
    part.line.act([part.keys.signing], [first, *actions], [*pages, *bodies])


def recovery_holder(store: Keystore, index: int) -> Holder:
    """Return the recovery key of the record that handle `index` owns."""
    used = next(one for one in store.kept.used if one.index == index)
    keys = recovery_keys(store.kept.recovery_secret, used.recovery)
    return Holder(keys.signing.public, keys.opening.public, Reach.ALL_EPOCHS)


def _first_ring(store: Keystore, index: int) -> AllEpochs:
    """Return the first epoch's keys: derived, so a crash loses nothing."""
    number = index.to_bytes(8, "big")
    return AllEpochs(
        0,
        derive(store.seed, _FIRST_EPOCH, store.device, number),
        derive(store.seed, _FIRST_HISTORY, store.device, number),
    )
