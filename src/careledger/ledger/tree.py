"""The hashing rules of the state tree.

The state is a table of keys and values. Every key has a place that its hash
decides: the first 20 bits of SHA-256(key) are the number of its *bucket*, and
the buckets are the bottom of a 16-ary tree of fixed depth 5:

    leaf   = SHA-256(0x00 ‖ salt[16] ‖ key_hash[32] ‖ value)
    bucket = SHA-256(0x01 ‖ (key_hash ‖ leaf) …)   ascending key_hash; empty: zeros
    inner  = SHA-256(0x02 ‖ 16 child hashes)       all children zero: zeros

The one node at the top is the *state root*. A salt, new at every write, keeps
a value that can be guessed from being recognised in a neighbour's proof.

Pure rules only: storing rows and levels is the engine's business.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from careledger.primitives.hashing import HASH_SIZE, sha256

FAN_OUT: Final = 16
DEPTH: Final = 5
BUCKETS: Final = FAN_OUT**DEPTH
SALT_SIZE: Final = 16

ZERO: Final = bytes(HASH_SIZE)
"""The hash of an empty bucket, and of a node above nothing but empty ones."""

_CHILDREN: Final = FAN_OUT * HASH_SIZE
_NO_CHILDREN: Final = bytes(_CHILDREN)
_SALT_MARKER: Final = b"careledger/state-salt/v1"
_SEED_MARKER: Final = b"careledger/state-seed/v1"


# --- places and hashes ------------------------------------------------------------


def key_hash(key: bytes) -> bytes:
    """Return the 32 bytes that decide where `key` lives."""
    return sha256(key)


def bucket_of(hashed_key: bytes) -> int:
    """Return the number of the bucket: the first 20 bits, big-endian."""
    return int.from_bytes(hashed_key[:3], "big") >> 4


def leaf_hash(salt: bytes, hashed_key: bytes, value: bytes) -> bytes:
    """Return the hash of one entry."""
    return sha256(b"\x00" + salt + hashed_key + value)


def bucket_hash(pairs: bytes) -> bytes:
    """Return the hash of a bucket with these (key_hash ‖ leaf) pairs."""
    return sha256(b"\x01" + pairs) if pairs else ZERO


def node_hash(children: bytes | bytearray) -> bytes:
    """Return the hash of an inner node; `children` are 16 hashes, 512 bytes."""
    return sha256(b"\x02" + children) if children != _NO_CHILDREN else ZERO


def new_salt(old_salt: bytes, seed: bytes, hashed_key: bytes) -> bytes:
    """Return the salt of this write (old_salt: 16 zeros if the key is new)."""
    return sha256(_SALT_MARKER + old_salt + seed + hashed_key)[:SALT_SIZE]


def next_seed(seed: bytes, tx_ids: Iterable[bytes]) -> bytes:
    """Return the seed of a block; `tx_ids` are of its leaves, in order.

    The seed of block 0 is the chain id. A seed tells the salts of its block to
    whoever holds it: nodes keep it among themselves.
    """
    return sha256(_SEED_MARKER + seed + b"".join(tx_ids))


# --- all levels -------------------------------------------------------------------


def empty_levels() -> list[bytearray]:
    """Return the tree of no keys: six flat levels of hashes, buckets first."""
    return [bytearray(FAN_OUT**level * HASH_SIZE) for level in range(DEPTH, -1, -1)]


def rehash(levels: Sequence[bytearray], changed: Sequence[int]) -> None:
    """Bring the levels above the buckets up to date.

    Args:
        levels: as `empty_levels` makes them; `levels[0]` is already new.
        changed: numbers of the changed buckets, ascending.
    """
    numbers = changed
    for below, above in pairwise(levels):
        numbers = list(dict.fromkeys([number >> 4 for number in numbers]))
        for number in numbers:
            children = below[number * _CHILDREN : (number + 1) * _CHILDREN]
            above[number * HASH_SIZE : (number + 1) * HASH_SIZE] = node_hash(children)


def root_of(levels: Sequence[bytearray]) -> bytes:
    """Return the state root."""
    return bytes(levels[-1])
