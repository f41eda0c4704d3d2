"""One bucket of the state tree: the entries whose keys share 20 bits of hash.

A bucket is one byte string, in memory and in an engine's file: to read one value
of it, or to change one, nothing is built of the others.

    bucket  = count[4] ‖ offsets[4 each] ‖ pairs[64 each] ‖ entries
    offsets = where each entry begins among the entries, then where the last ends
    pair    = key_hash[32] ‖ leaf[32]              ascending key_hash
    entry   = salt[16] ‖ key length[2] ‖ key ‖ value
"""

from bisect import bisect_left
from collections.abc import Iterator
from struct import Struct, pack, unpack_from
from typing import Final

from careledger.ledger.tree import SALT_SIZE, key_hash, leaf_hash, new_salt
from careledger.primitives.hashing import HASH_SIZE

EMPTY_BUCKET: Final = bytes(8)
"""A bucket without entries."""

PAIR_SIZE: Final = 2 * HASH_SIZE

_NO_SALT: Final = bytes(SALT_SIZE)
_KEY_AT: Final = SALT_SIZE + 2
_WORD: Final = 4
_FIXED: Final = 2 * _WORD  # the count, and one offset more than there are entries
_EACH: Final = _WORD + PAIR_SIZE
_COUNT: Final = Struct(">I")
_SPAN: Final = Struct(">II")


def find_value(bucket: bytes, hashed_key: bytes) -> bytes | None:
    """Return the value of a key in its bucket, or `None` if it is not there."""
    count, place, known = _find(bucket, hashed_key)
    if not known:
        return None
    start, end = _span(bucket, count, place, known)
    salt, key = start + SALT_SIZE, start + _KEY_AT
    return bucket[key + int.from_bytes(bucket[salt:key], "big") : end]


def find_salt(bucket: bytes, hashed_key: bytes) -> bytes | None:
    """Return the salt of a key in its bucket, or `None` if it is not there."""
    count, place, known = _find(bucket, hashed_key)
    return _entry(bucket, count, place)[1] if known else None


def entries_of(bucket: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield (key, salt, value) of every entry, ascending by the hash of the key."""
    (count,) = _COUNT.unpack_from(bucket)
    return (_entry(bucket, count, place) for place in range(count))


def pairs_of(bucket: bytes) -> bytes:
    """Return the pairs (key_hash ‖ leaf, 64 bytes each, ascending)."""
    (count,) = _COUNT.unpack_from(bucket)
    return bucket[_FIXED + _WORD * count : _FIXED + _EACH * count]


def pairs_again(bucket: bytes) -> bytes:
    """Return the pairs as the entries would have them: those of a sound bucket."""
    return b"".join(
        hashed + leaf_hash(salt, hashed, value)
        for key, salt, value in entries_of(bucket)
        for hashed in (key_hash(key),)
    )


def write_entry(
    bucket: bytes, key: bytes, hashed_key: bytes, value: bytes, seed: bytes
) -> bytes:
    """Return the bucket with `key` set to `value` under a new salt."""
    count, place, known = _find(bucket, hashed_key)
    start, end = _span(bucket, count, place, known)
    old_salt = bucket[start : start + SALT_SIZE] if known else _NO_SALT
    salt = new_salt(old_salt, seed, hashed_key)
    pair = hashed_key + leaf_hash(salt, hashed_key, value)
    entry = salt + len(key).to_bytes(2, "big") + key + value
    at = _FIXED + _WORD * count + PAIR_SIZE * place
    if known and len(entry) == end - start:
        # Nothing moves: nearly every write is of this kind.
        parts = bucket[:at], pair, bucket[at + PAIR_SIZE : start], entry, bucket[end:]
        return b"".join(parts)
    return _replaced(bucket, place, known, pair, entry)


def erase_entry(bucket: bytes, hashed_key: bytes) -> bytes:
    """Return the bucket without this key; a key it does not have is no fault."""
    _, place, known = _find(bucket, hashed_key)
    return _replaced(bucket, place, known, b"", b"") if known else bucket


def _replaced(
    bucket: bytes,
    place: int,
    known: bool,  # noqa: FBT001 (a number too: of the entries that go)
    pair: bytes,
    entry: bytes,
) -> bytes:
    """Return the bucket with an entry put in at `place`, exchanged or (empty) gone."""
    (count,) = _COUNT.unpack_from(bucket)
    offsets = unpack_from(f">{count + 1}I", bucket, _WORD)
    start, end = _span(bucket, count, place, known)
    grown = len(entry) - (end - start)
    offsets = (
        *offsets[: place + bool(entry)],
        *[offset + grown for offset in offsets[place + known :]],
    )
    pairs = _FIXED + _WORD * count
    at = pairs + PAIR_SIZE * place
    return b"".join(
        (
            pack(f">{1 + len(offsets)}I", len(offsets) - 1, *offsets),
            bucket[pairs:at],
            pair,
            bucket[at + PAIR_SIZE * known : start],
            entry,
            bucket[end:],
        )
    )


def _find(bucket: bytes, hashed_key: bytes) -> tuple[int, int, bool]:
    """Return the count, the place of a key among the pairs, and if it is there."""
    (count,) = _COUNT.unpack_from(bucket)
    first, end = _FIXED + _WORD * count, _FIXED + _EACH * count
    found = bucket.find(hashed_key, first, end) - first
    if found >= 0 and found % PAIR_SIZE == 0:
        return count, found // PAIR_SIZE, True
    starts = range(first, end, PAIR_SIZE)
    place = bisect_left(starts, hashed_key, key=lambda at: bucket[at : at + HASH_SIZE])
    at = first + place * PAIR_SIZE
    return count, place, bucket[at:end][:HASH_SIZE] == hashed_key


def _span(
    bucket: bytes,
    count: int,
    place: int,
    known: bool,  # noqa: FBT001 (what `_find` says)
) -> tuple[int, int]:
    """Return where the entry at `place` begins and ends; of a gap, the same twice."""
    entries, at = _FIXED + _EACH * count, _WORD * (1 + place)
    if known:
        start, end = _SPAN.unpack_from(bucket, at)
        return entries + start, entries + end
    (start,) = _COUNT.unpack_from(bucket, at)
    return entries + start, entries + start


def _entry(bucket: bytes, count: int, place: int) -> tuple[bytes, bytes, bytes]:
    """Return (key, salt, value) of the entry at `place`."""
    start, end = _span(bucket, count, place, True)  # noqa: FBT003
    salt, key = start + SALT_SIZE, start + _KEY_AT
    value = key + int.from_bytes(bucket[salt:key], "big")
    return bucket[key:value], bucket[start:salt], bucket[value:end]
