"""A bucket against a dictionary: the same entries, sorted, each under a new salt."""

from hypothesis import given
from hypothesis import strategies as st

from careledger.ledger.bucket import (
    EMPTY_BUCKET,
    entries_of,
    erase_entry,
    find_salt,
    find_value,
    pairs_again,
    pairs_of,
    write_entry,
)
from careledger.ledger.tree import key_hash
from careledger.primitives.hashing import sha256

KEYS = st.binary(max_size=3) | st.sampled_from([bytes([at]) * 33 for at in range(9)])
WRITES = st.lists(st.tuples(KEYS, st.none() | st.binary(max_size=70)), max_size=40)


def put(bucket: bytes, key: bytes, value: bytes, seed: bytes = b"seed") -> bytes:
    return write_entry(bucket, key, key_hash(key), value, seed)


@given(WRITES)
def test_a_bucket_is_a_dictionary_sorted_by_key_hash(writes):
    bucket, expected = EMPTY_BUCKET, {}
    for key, value in writes:
        if value is None:
            bucket = erase_entry(bucket, key_hash(key))
            expected.pop(key, None)
        else:
            bucket = put(bucket, key, value)
            expected[key] = value
    entries = list(entries_of(bucket))
    assert {key: value for key, _, value in entries} == expected
    assert [key for key, _, _ in entries] == sorted(expected, key=key_hash)
    assert pairs_of(bucket) == b"".join(
        key_hash(key) + sha256(b"\x00" + salt + key_hash(key) + value)
        for key, salt, value in entries
    )
    for key, salt, value in entries:
        assert find_value(bucket, key_hash(key)) == value
        assert find_salt(bucket, key_hash(key)) == salt
    assert find_value(bucket, key_hash(b"absent")) is None
    assert expected or bucket == EMPTY_BUCKET


def test_pairs_are_found_again_from_the_entries_and_not_from_others():
    bucket = put(put(EMPTY_BUCKET, b"first key", b"one"), b"second key", b"two")
    assert pairs_again(bucket) == pairs_of(bucket)
    for what in (b"first key", b"one"):
        flipped = bytearray(bucket)
        flipped[bucket.rindex(what)] ^= 1
        assert pairs_again(bytes(flipped)) != pairs_of(bytes(flipped))


def test_the_salt_changes_with_every_write():
    once = put(EMPTY_BUCKET, b"k", b"v")
    twice = put(once, b"k", b"v")
    ((_, first, _),), ((_, second, _),) = entries_of(once), entries_of(twice)
    assert first != second
    assert pairs_of(once) != pairs_of(twice)


def test_bytes_that_stand_across_two_pairs_are_no_key():
    """Nobody can make such a hash; if he could, it would still not be found."""
    bucket = put(put(EMPTY_BUCKET, b"one", b"1"), b"two", b"2")
    across = pairs_of(bucket)[16:48]
    assert across in bucket
    assert find_value(bucket, across) is None
    assert erase_entry(bucket, across) == bucket


def test_a_key_that_another_holds_as_its_value_is_not_there():
    hidden = key_hash(b"hidden")
    bucket = put(EMPTY_BUCKET, b"k", hidden)
    assert hidden in bucket
    assert find_value(bucket, hidden) is None


def test_golden_bytes():
    """The form that files keep: it changes with a new version of the file only."""
    key, hashed = b"k", sha256(b"k")
    salt = sha256(b"careledger/state-salt/v1" + bytes(16) + b"seed" + hashed)[:16]
    leaf = sha256(b"\x00" + salt + hashed + b"v")
    assert put(EMPTY_BUCKET, key, b"v") == (
        b"\0\0\0\1\0\0\0\0\0\0\0\x14" + hashed + leaf + salt + b"\0\1" + b"k" + b"v"
    )
