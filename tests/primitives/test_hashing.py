"""Digests of the standards, and markers that keep inputs apart."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.primitives.hashing import (
    HASH_SIZE,
    RunningHash,
    keyed_hash,
    marked_hash,
    same,
    sha256,
    sha384,
)

PARTS = st.lists(st.binary(max_size=8), max_size=4)


def test_digests_of_the_standard():
    # FIPS 180-4's example message "abc".
    assert sha256(b"abc").hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert sha384(b"abc").hex() == (
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7"
    )
    assert len(sha256(b"")) == HASH_SIZE


def test_keyed_digest_of_the_standard():
    # RFC 4231, test case 2.
    assert keyed_hash(b"Jefe", b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@given(marker=st.binary(max_size=8), parts=PARTS)
def test_a_marked_hash_is_the_hash_of_lengths_and_bytes(marker, parts):
    raw = b"".join(len(x).to_bytes(4, "big") + x for x in [marker, *parts])
    assert marked_hash(marker, *parts) == hashlib.sha256(raw).digest()


@given(one=PARTS, other=PARTS)
def test_two_lists_never_share_a_hash(one, other):
    assert (marked_hash(b"m", *one) == marked_hash(b"m", *other)) == (one == other)


def test_bytes_cannot_move_between_parts():
    assert marked_hash(b"m", b"ab", b"c") != marked_hash(b"m", b"a", b"bc")
    assert marked_hash(b"m", b"a") != marked_hash(b"ma")
    assert marked_hash(b"m", b"") != marked_hash(b"m")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [(b"", b"", True), (b"a", b"a", True), (b"a", b"b", False), (b"a", b"aa", False)],
)
def test_same_compares_bytes(one, other, equal):
    assert same(one, other) is equal


def test_parts_hash_like_the_whole():
    running = RunningHash()
    for part in (b"one", b"", b"two"):
        running.update(part)
    assert running.digest() == sha256(b"onetwo")
