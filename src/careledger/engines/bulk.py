"""A whole state at once: that of genesis."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from careledger.ledger.bucket import EMPTY_BUCKET, write_entry
from careledger.ledger.tree import bucket_of, key_hash


def rows_of(state: Mapping[bytes, bytes], seed: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the row of each bucket of a state, ascending."""
    placed = sorted((key_hash(key), key) for key in state)
    for number, members in groupby(placed, key=lambda member: bucket_of(member[0])):
        bucket = EMPTY_BUCKET
        for hashed, key in members:
            bucket = write_entry(bucket, key, hashed, state[key], seed)
        yield number, bucket
