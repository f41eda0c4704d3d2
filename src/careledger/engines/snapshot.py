"""The state before a block, as `execute_block` reads it.

Buckets that were read are kept until the block is done: the tree needs them
again, to put the changes in.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import apsw

from careledger.engines.tail import POSITION_SIZE, Tail
from careledger.ledger.bucket import find_value
from careledger.ledger.tree import bucket_of, key_hash
from careledger.primitives.hashing import HASH_SIZE

Rows: TypeAlias = Callable[[int], bytes]
"""Gives a bucket by its number."""

_RECORDED: Final = (
    "SELECT entry FROM transaction_index WHERE entry>=? ORDER BY entry LIMIT 1"
)
_OF_MANY: Final = """
SELECT wanted.value FROM carray(?) AS wanted WHERE wanted.value = substr(
    (SELECT entry FROM transaction_index
     WHERE entry >= wanted.value ORDER BY entry LIMIT 1), 1, ?)
"""
_FIRST: Final = (
    "SELECT key FROM ordered_key WHERE key>=? AND key<? ORDER BY key LIMIT ?"
)


class StoreSnapshot:
    """A `PreState`: what the store holds while no block is being committed."""

    __slots__ = ("_buckets", "_cursor", "_places", "_recorded", "_rows", "_tail")

    def __init__(self, cursor: apsw.Cursor, tail: Tail, rows: Rows) -> None:
        self._cursor = cursor
        self._tail = tail
        self._rows = rows
        self._buckets: dict[int, bytes] = {}
        self._places: dict[bytes, tuple[bytes, int]] = {}
        self._recorded: dict[bytes, bool] = {}

    def look_up(self, tx_ids: Iterable[bytes]) -> None:
        """Ask for many ids at once: one statement instead of one for each."""
        asked = sorted(tx_ids)
        if asked:
            wanted = (apsw.carray(tuple(asked)), HASH_SIZE)
            found = {tx_id for (tx_id,) in self._cursor.execute(_OF_MANY, wanted)}
            self._recorded = {
                tx_id: tx_id in found or self._tail.position(tx_id) is not None
                for tx_id in asked
            }

    def get(self, key: bytes) -> bytes | None:
        """Return the value at `key`, or `None` if there is none."""
        hashed, number = self.place(key)
        return find_value(self.bucket(number), hashed)

    def recorded(self, tx_id: bytes) -> bool:
        """Tell whether the log has a transaction leaf with this id."""
        known = self._recorded.get(tx_id)
        if known is not None:
            return known
        if self._tail.position(tx_id) is not None:
            return True
        entry = self._cursor.execute(_RECORDED, (tx_id,)).get
        return entry is not None and bool(entry[:-POSITION_SIZE] == tx_id)

    def first(self, prefix: bytes, below: bytes, limit: int) -> list[bytes]:
        """Return up to `limit` keys of an ordered table in [prefix, below)."""
        found = self._cursor.execute(_FIRST, (prefix, below, limit))
        return [key for (key,) in found]

    def place(self, key: bytes) -> tuple[bytes, int]:
        """Return the hash of `key` and the number of its bucket."""
        place = self._places.get(key)
        if place is None:
            hashed = key_hash(key)
            place = self._places[key] = (hashed, bucket_of(hashed))
        return place

    def bucket(self, number: int) -> bytes:
        """Return a bucket as it was before the block."""
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = self._rows(number)
        return bucket
