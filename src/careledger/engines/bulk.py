"""Loading a whole state at once: genesis, or a snapshot of another node."""

from collections.abc import Iterator, Mapping
from itertools import groupby

import apsw

from careledger.engines.levels import PAGE
from careledger.ledger.state import ORDERED_PREFIXES
from careledger.ledger.tree import (
    EMPTY_BUCKET,
    bucket_hash,
    bucket_of,
    encode_bucket,
    key_hash,
    write_entry,
)
from careledger.primitives.hashing import HASH_SIZE


def load_state(cursor: apsw.Cursor, state: Mapping[bytes, bytes], seed: bytes) -> None:
    """Write `state` into the empty tables of the open SQLite transaction.

    Buckets are written in ascending order, so millions of keys fill the file
    page by page.
    """
    hashes: dict[int, bytearray] = {}
    cursor.executemany("INSERT INTO bucket VALUES(?,?)", _buckets(state, seed, hashes))
    cursor.executemany("INSERT INTO bucket_hash VALUES(?,?)", hashes.items())
    cursor.executemany(
        "INSERT INTO ordered_key VALUES(?)",
        [(key,) for key in sorted(state) if key[:1] in ORDERED_PREFIXES],
    )


def _buckets(
    state: Mapping[bytes, bytes], seed: bytes, hashes: dict[int, bytearray]
) -> Iterator[tuple[int, bytes]]:
    """Yield each bucket's row; note its hash in its page."""
    placed = sorted((key_hash(key), key) for key in state)
    for number, members in groupby(placed, key=lambda member: bucket_of(member[0])):
        bucket = EMPTY_BUCKET
        for hashed, key in members:
            bucket = write_entry(bucket, key, hashed, state[key], seed)
        page = hashes.setdefault(number // PAGE, bytearray(PAGE * HASH_SIZE))
        at = number % PAGE * HASH_SIZE
        page[at : at + HASH_SIZE] = bucket_hash(bucket[0])
        yield number, encode_bucket(bucket)
