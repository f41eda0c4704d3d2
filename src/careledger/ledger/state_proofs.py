"""Proofs about single keys of the state: that it is there, or that it is not.

A proof is the pairs of the key's bucket and, level by level, the hashes beside
the way up to the state root. A key that is not among the pairs of its bucket is
not in the state.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, ClassVar

import msgspec

from careledger.errors import CareLedgerError
from careledger.ledger.bucket import PAIR_SIZE, find_salt, find_value, pairs_of
from careledger.ledger.tree import (
    DEPTH,
    FAN_OUT,
    SALT_SIZE,
    ZERO,
    bucket_hash,
    bucket_of,
    key_hash,
    leaf_hash,
    node_hash,
)
from careledger.primitives.encoding import Message
from careledger.primitives.hashing import HASH_SIZE

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


def prove(levels: Sequence[bytearray], key: bytes, bucket: bytes) -> StateProof:
    """Return the proof of presence or absence of `key`; `bucket` is its bucket."""
    hashed_key = key_hash(key)
    pairs = pairs_of(bucket)
    number = bucket_of(hashed_key)
    return StateProof(
        key,
        find_value(bucket, hashed_key),
        find_salt(bucket, hashed_key),
        [
            (pairs[at : at + HASH_SIZE], pairs[at + HASH_SIZE : at + PAIR_SIZE])
            for at in range(0, len(pairs), PAIR_SIZE)
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
