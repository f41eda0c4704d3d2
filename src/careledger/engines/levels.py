"""The inner levels of the state tree, in memory (36 MB), and their way to disk.

The file keeps the bucket hashes in pages of 64. A page is written when a bucket
of it is copied to its B-tree; buckets still in the journal are hashed again at
the start. So a start reads 32 MB of hashes, never the buckets.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import apsw

from careledger.engines.snapshot import StoreSnapshot
from careledger.ledger.tree import (
    FAN_OUT,
    Bucket,
    StateProof,
    bucket_hash,
    bucket_of,
    decode_bucket,
    empty_levels,
    encode_bucket,
    erase_entry,
    key_hash,
    prove,
    rehash,
    root_of,
    write_entry,
)
from careledger.primitives.hashing import HASH_SIZE

PAGE: Final = 64
"""Bucket hashes to a page: two pages to a page of SQLite."""

_PAGE_SIZE: Final = PAGE * HASH_SIZE


class StateTree:
    """The hashes of all buckets and of everything above them."""

    def __init__(self) -> None:
        self._levels = empty_levels()

    @property
    def root(self) -> bytes:
        """The state root."""
        return root_of(self._levels)

    def load(self, cursor: apsw.Cursor, recent: Mapping[int, bytes]) -> None:
        """Read the bucket hashes; `recent` are buckets the pages may not have."""
        buckets, changed = self._levels[0], list[int]()
        for page, hashes in cursor.execute("SELECT page, hashes FROM bucket_hash"):
            buckets[page * _PAGE_SIZE : (page + 1) * _PAGE_SIZE] = hashes
            changed.extend(range(page * PAGE, (page + 1) * PAGE, FAN_OUT))
        self._set({number: decode_bucket(row) for number, row in recent.items()})
        changed.extend(recent)
        rehash(self._levels, sorted(changed))

    def apply(
        self, diff: Mapping[bytes, bytes | None], seed: bytes, before: StoreSnapshot
    ) -> list[tuple[int, bytes]]:
        """Bring the tree to the state after a block; return the changed rows."""
        changed: dict[int, Bucket] = {}
        for key, value in diff.items():
            hashed, number = before.place(key)
            bucket = changed.get(number) or before.bucket(number)
            changed[number] = (
                erase_entry(bucket, hashed)
                if value is None
                else write_entry(bucket, key, hashed, value, seed)
            )
        self._set(changed)
        rehash(self._levels, sorted(changed))
        return [(number, encode_bucket(bucket)) for number, bucket in changed.items()]

    def _set(self, changed: Mapping[int, Bucket]) -> None:
        buckets = self._levels[0]
        for number, (pairs, _) in changed.items():
            at = number * HASH_SIZE
            buckets[at : at + HASH_SIZE] = bucket_hash(pairs)

    def pages(self, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        """Return the pages of these buckets, to be written."""
        buckets = self._levels[0]
        return [
            (page, bytes(buckets[page * _PAGE_SIZE : (page + 1) * _PAGE_SIZE]))
            for page in dict.fromkeys(number // PAGE for number in numbers)
        ]

    def prove(self, key: bytes, before: StoreSnapshot) -> StateProof:
        """Return the proof of presence or absence of `key`."""
        return prove(self._levels, key, before.bucket(bucket_of(key_hash(key))))
