"""The levels of the state tree, in memory (36 MB)."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from careledger.engines.errors import LedgerDamaged
from careledger.engines.snapshot import StoreSnapshot
from careledger.ledger.bucket import EMPTY_BUCKET, erase_entry, pairs_of, write_entry
from careledger.ledger.state_proofs import StateProof, prove
from careledger.ledger.tree import (
    BUCKETS,
    FAN_OUT,
    bucket_hash,
    bucket_of,
    empty_levels,
    key_hash,
    rehash,
    root_of,
)
from careledger.primitives.hashing import HASH_SIZE

Changed: TypeAlias = tuple[int, bytes, bytes]
"""Number of a bucket, the bucket before a change, and after it."""


class StateTree:
    """The hashes of all buckets and of everything above them.

    Attributes:
        hashes: those of the buckets, 32 bytes each, by number.
    """

    def __init__(self) -> None:
        self._levels = empty_levels()
        self.hashes = self._levels[0]

    @property
    def root(self) -> bytes:
        """The state root."""
        return root_of(self._levels)

    def apply(
        self, diff: Mapping[bytes, bytes | None], seed: bytes, before: StoreSnapshot
    ) -> Iterator[Changed]:
        """Bring the tree to the state after a block, once all of this was taken.

        Yields (number, before, after) of the buckets, ascending, one by one, so
        that none is in memory longer than it takes to write it. A bucket with two
        changed keys comes twice; the last word counts.
        """
        number, new = -1, EMPTY_BUCKET
        ordered = sorted([(*before.place(key), key) for key in diff])
        for hashed, at, key in ordered:
            old = new if at == number else before.bucket(at)
            number, value = at, diff[key]
            if value is None:
                new = erase_entry(old, hashed)
            else:
                new = write_entry(old, key, hashed, value, seed)
            self.put(number, new)
            yield number, old, new
        rehash(self._levels, [at for _, at, _ in ordered])

    def put(self, number: int, bucket: bytes) -> None:
        """Put the hash of a bucket in; the levels above do not follow yet."""
        at = number * HASH_SIZE
        self.hashes[at : at + HASH_SIZE] = bucket_hash(pairs_of(bucket))

    def has(self, number: int, bucket: bytes) -> bool:
        """Tell whether a bucket has the hash that the tree has for it."""
        at = number * HASH_SIZE
        is_bucket = len(bucket) >= len(EMPTY_BUCKET)
        hashed = bucket_hash(pairs_of(bucket)) if is_bucket else b""
        return self.hashes[at : at + HASH_SIZE] == hashed

    def check(self, number: int, bucket: bytes) -> None:
        """Check that a bucket has the hash that the tree has for it.

        Raises:
            LedgerDamaged: it has not.
        """
        if not self.has(number, bucket):
            raise LedgerDamaged(f"bucket {number}")

    def rehash(self) -> None:
        """Bring everything above the buckets up to date: 0.1 s."""
        rehash(self._levels, range(0, BUCKETS, FAN_OUT))

    def prove(self, key: bytes, before: StoreSnapshot) -> StateProof:
        """Return the proof of presence or absence of `key`."""
        return prove(self._levels, key, before.bucket(bucket_of(key_hash(key))))
