"""The hashing rules of the state tree, and proofs about single keys.

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

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, ClassVar, Final, TypeAlias

import msgspec

from careledger.errors import CareLedgerError
from careledger.primitives.encoding import Message, NotCanonical, encode
from careledger.primitives.hashing import HASH_SIZE, sha256

FAN_OUT: Final = 16
DEPTH: Final = 5
BUCKETS: Final = FAN_OUT**DEPTH
SALT_SIZE: Final = 16

ZERO: Final = bytes(HASH_SIZE)
"""The hash of an empty bucket, and of a node above nothing but empty ones."""

_NO_SALT: Final = bytes(SALT_SIZE)
_CHILDREN: Final = FAN_OUT * HASH_SIZE
_NO_CHILDREN: Final = bytes(_CHILDREN)
_PAIR: Final = 2 * HASH_SIZE
_SALT_MARKER: Final = b"careledger/state-salt/v1"
_SEED_MARKER: Final = b"careledger/state-seed/v1"

Bucket: TypeAlias = tuple[bytes, list[tuple[bytes, bytes, bytes]]]
"""Pairs (key_hash ‖ leaf, 64 bytes each, ascending) and their (key, salt, value)."""

EMPTY_BUCKET: Final[Bucket] = (b"", [])

_ROW: Final = msgspec.msgpack.Decoder(Bucket)

Hash = Annotated[bytes, msgspec.Meta(min_length=HASH_SIZE, max_length=HASH_SIZE)]
Salt = Annotated[bytes, msgspec.Meta(min_length=SALT_SIZE, max_length=SALT_SIZE)]


class StateProofInvalid(CareLedgerError):
    """A state proof that does not lead to the state root."""

    code: ClassVar[str] = "tree.proof-invalid"
    happened: ClassVar[str] = "The proof does not lead to this state root."
    to_do: ClassVar[str] = "Ask the node for a proof at the root that you hold."


class Siblings(Message, frozen=True):
    """The 15 other children of one inner node, zeros left out.

    Attributes:
        present: bit *i* is set if the *i*-th sibling (own place skipped) is
            not zero.
        hashes: those siblings, in order.
    """

    present: Annotated[int, msgspec.Meta(ge=0, lt=2 ** (FAN_OUT - 1))]
    hashes: Annotated[list[Hash], msgspec.Meta(max_length=FAN_OUT - 1)]


class StateProof(Message, frozen=True, tag="state-proof/v1"):
    """That `key` has `value` in a state, or (value None) that it is not in it.

    Attributes:
        key: table prefix and identifier, as in docs/spec.md.
        value: None proves absence.
        salt: of this entry; None for absence.
        pairs: (key_hash, leaf) of everything in the bucket of the key.
        siblings: of the five levels, from the buckets up.
    """

    key: Annotated[bytes, msgspec.Meta(max_length=1024)]
    value: Annotated[bytes, msgspec.Meta(max_length=2**17)] | None
    salt: Salt | None
    pairs: Annotated[list[tuple[Hash, Hash]], msgspec.Meta(max_length=2**16)]
    siblings: Annotated[
        list[Siblings], msgspec.Meta(min_length=DEPTH, max_length=DEPTH)
    ]


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


# --- one bucket -------------------------------------------------------------------


def decode_bucket(row: bytes) -> Bucket:
    """Return the bucket that `encode_bucket` made `row` of.

    Raises:
        NotCanonical: `row` is no bucket: the file was damaged.
    """
    try:
        return _ROW.decode(row)  # type: ignore[no-any-return]
    except msgspec.DecodeError as error:
        raise NotCanonical from error


def encode_bucket(bucket: Bucket) -> bytes:
    """Return the row that an engine stores: state and tree leaf in one."""
    return encode(bucket)


def find_value(bucket: Bucket, key: bytes) -> bytes | None:
    """Return the value of `key` in its bucket."""
    for known, _, value in bucket[1]:
        if known == key:
            return value
    return None


def write_entry(
    bucket: Bucket, key: bytes, hashed_key: bytes, value: bytes, seed: bytes
) -> Bucket:
    """Return the bucket with `key` set to `value` under a new salt."""
    pairs, entries = bucket
    place = _place(pairs, hashed_key)
    start, known = place * _PAIR, _is_at(pairs, place, hashed_key)
    salt = new_salt(entries[place][1] if known else _NO_SALT, seed, hashed_key)
    pair = hashed_key + leaf_hash(salt, hashed_key, value)
    return (
        pairs[:start] + pair + pairs[start + _PAIR * known :],
        [*entries[:place], (key, salt, value), *entries[place + known :]],
    )


def erase_entry(bucket: Bucket, hashed_key: bytes) -> Bucket:
    """Return the bucket without this key; a key it does not have is no fault."""
    pairs, entries = bucket
    place = _place(pairs, hashed_key)
    if not _is_at(pairs, place, hashed_key):
        return bucket
    start = place * _PAIR
    return (
        pairs[:start] + pairs[start + _PAIR :],
        entries[:place] + entries[place + 1 :],
    )


def _place(pairs: bytes, hashed_key: bytes) -> int:
    known = pairs.find(hashed_key)  # most writes are to keys that are there
    if known >= 0 and known % _PAIR == 0:
        return known // _PAIR
    return bisect_left(
        range(len(pairs) // _PAIR),
        hashed_key,
        key=lambda at: pairs[at * _PAIR : at * _PAIR + HASH_SIZE],
    )


def _is_at(pairs: bytes, place: int, hashed_key: bytes) -> bool:
    return pairs[place * _PAIR : place * _PAIR + HASH_SIZE] == hashed_key


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


# --- proofs -----------------------------------------------------------------------


def prove(levels: Sequence[bytearray], key: bytes, bucket: Bucket) -> StateProof:
    """Return the proof of presence or absence of `key`; `bucket` is its bucket."""
    pairs, entries = bucket
    salt, value = next(((s, v) for k, s, v in entries if k == key), (None, None))
    number = bucket_of(key_hash(key))
    return StateProof(
        key,
        value,
        salt,
        [
            (pairs[at : at + HASH_SIZE], pairs[at + HASH_SIZE : at + _PAIR])
            for at in range(0, len(pairs), _PAIR)
        ],
        [_siblings(level, number >> 4 * up) for up, level in enumerate(levels[:-1])],
    )


def _siblings(level: bytearray, number: int) -> Siblings:
    first = number - number % FAN_OUT
    others = [
        bytes(level[at * HASH_SIZE : (at + 1) * HASH_SIZE])
        for at in range(first, first + FAN_OUT)
        if at != number
    ]
    present = sum(1 << at for at, child in enumerate(others) if child != ZERO)
    return Siblings(present, [child for child in others if child != ZERO])


def verify_state_proof(proof: StateProof, state_root: bytes) -> None:
    """Check that `proof` holds in the state with this root.

    Raises:
        StateProofInvalid: it does not.
    """
    hashed_key = key_hash(proof.key)
    _check_entry(proof, hashed_key)
    number = bucket_of(hashed_key)
    node = bucket_hash(b"".join(known + leaf for known, leaf in proof.pairs))
    for level in proof.siblings:
        node = node_hash(_children(level, node, number % FAN_OUT))
        number >>= 4
    if node != state_root:
        raise StateProofInvalid


def _check_entry(proof: StateProof, hashed_key: bytes) -> None:
    hashes = [known for known, _ in proof.pairs]
    if any(left >= right for left, right in pairwise(hashes)):
        raise StateProofInvalid
    leaf = next((leaf for known, leaf in proof.pairs if known == hashed_key), None)
    if leaf != _claimed_leaf(proof, hashed_key):
        raise StateProofInvalid


def _claimed_leaf(proof: StateProof, hashed_key: bytes) -> bytes | None:
    if proof.value is None and proof.salt is None:
        return None
    if proof.value is None or proof.salt is None:
        raise StateProofInvalid
    return leaf_hash(proof.salt, hashed_key, proof.value)


def _children(level: Siblings, node: bytes, place: int) -> bytes:
    if level.present.bit_count() != len(level.hashes) or ZERO in level.hashes:
        raise StateProofInvalid
    given = iter(level.hashes)
    others = [
        next(given) if level.present >> at & 1 else ZERO for at in range(FAN_OUT - 1)
    ]
    return b"".join([*others[:place], node, *others[place:]])
