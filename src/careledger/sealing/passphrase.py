"""A small secret under a passphrase: Argon2id (RFC 9106) and AES-256-GCM.

    locked = marker ‖ canonical Lock ‖ SHA-256 of all before

The parameters travel with the lock, so that they can grow; below the floor they
are refused, so that a replaced file cannot make the passphrase cheap to guess.
The hash tells a damaged file from a wrong passphrase and protects nothing.
Nothing here opens a file: the keystore does.
"""

import unicodedata
from typing import Annotated, Final

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from careledger.primitives.encoding import Message, NotCanonical, UInt, decode, encode
from careledger.primitives.hashing import HASH_SIZE, sha256
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.problems import DamagedLock, WeakLock, WrongPassphrase

MARKER: Final = b"careledger/lock/v1\n"

_SALT_SIZE: Final = 16
_NONCE_SIZE: Final = 12

Salt = Annotated[bytes, msgspec.Meta(min_length=_SALT_SIZE, max_length=_SALT_SIZE)]
Nonce = Annotated[bytes, msgspec.Meta(min_length=_NONCE_SIZE, max_length=_NONCE_SIZE)]


class Cost(Message, frozen=True, tag="argon2id"):
    """How dear one guess is.

    Attributes:
        memory: KiB.
        passes: over that memory.
        lanes: in parallel.
    """

    memory: UInt
    passes: UInt
    lanes: UInt


FLOOR: Final = Cost(memory=64 * 1024, passes=3, lanes=1)
"""The least that is written or accepted: 64 MiB, as RFC 9106 §4 (second option)."""

CEILING: Final = Cost(memory=1024 * 1024, passes=16, lanes=16)
"""The most that is accepted, so that a replaced file cannot stall the machine."""

USUAL: Final = Cost(memory=64 * 1024, passes=3, lanes=4)
"""What is written today: RFC 9106 §4, second recommended option."""


class Lock(Message, frozen=True, tag="lock"):
    """A locked secret as it is stored."""

    cost: Cost
    salt: Salt
    nonce: Nonce
    sealed: bytes


def lock(
    passphrase: str, secret: bytes, *, cost: Cost = USUAL, draw: Draw = random_bytes
) -> bytes:
    """Return `secret` locked under `passphrase`.

    Args:
        passphrase: at least one character; equal under Unicode NFC is equal.
        secret: a seed or another few bytes, held in memory whole.
        cost: of one guess, between `FLOOR` and `CEILING`.
        draw: source of salt and nonce.

    Raises:
        WeakLock: `cost` is out of bounds.
        WrongPassphrase: the passphrase is empty.
    """
    salt, nonce = draw(_SALT_SIZE), draw(_NONCE_SIZE)
    key = _key(passphrase, cost, salt)
    sealed = AESGCM(key).encrypt(nonce, secret, _bound(cost, salt))
    body = MARKER + encode(Lock(cost=cost, salt=salt, nonce=nonce, sealed=sealed))
    return body + sha256(body)


def unlock(passphrase: str, locked: bytes) -> bytes:
    """Return the secret that `lock` was given.

    Raises:
        DamagedLock: the bytes changed since they were written.
        WeakLock: the parameters are below the floor or above the ceiling.
        WrongPassphrase: another passphrase locked it.
    """
    body, checksum = locked[:-HASH_SIZE], locked[-HASH_SIZE:]
    if sha256(body) != checksum or not body.startswith(MARKER):
        raise DamagedLock
    try:
        stored = decode(body[len(MARKER) :], Lock)
    except NotCanonical:
        raise DamagedLock from None
    key = _key(passphrase, stored.cost, stored.salt)
    try:
        bound = _bound(stored.cost, stored.salt)
        return AESGCM(key).decrypt(stored.nonce, stored.sealed, bound)
    except InvalidTag:
        raise WrongPassphrase from None


def _key(passphrase: str, cost: Cost, salt: bytes) -> bytes:
    _check_cost(cost)
    if not passphrase:
        raise WrongPassphrase
    return hash_secret_raw(
        secret=unicodedata.normalize("NFC", passphrase).encode(),
        salt=salt,
        time_cost=cost.passes,
        memory_cost=cost.memory,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )


def _check_cost(cost: Cost) -> None:
    within = (
        FLOOR.memory <= cost.memory <= CEILING.memory
        and FLOOR.passes <= cost.passes <= CEILING.passes
        and FLOOR.lanes <= cost.lanes <= CEILING.lanes
    )
    if not within:
        raise WeakLock


def _bound(cost: Cost, salt: bytes) -> bytes:
    return MARKER + encode(cost) + salt
