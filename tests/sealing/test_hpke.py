"""HPKE with X-Wing: what opens, what does not, and the standard's own vector."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.sealing.hpke import (
    OVERHEAD,
    PUBLIC_SIZE,
    OpeningKey,
    bound_info,
    seal,
)
from careledger.sealing.problems import BadKey, NotARecipient
from tests.sealing.known import ALICE, BOB, flipped


@given(st.binary(max_size=300), st.binary(max_size=300))
@settings(max_examples=50)
def test_what_is_sealed_opens(plaintext, info):
    sealed = seal(ALICE.public, info, plaintext)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert ALICE.open(info, sealed) == plaintext


def test_the_published_x_wing_vector():
    """draft-connolly-cfrg-xwing-kem, appendix C, first vector: seed to public key."""
    seed = bytes.fromhex(
        "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"
    )
    assert seed == hashlib.shake_128(b"").digest(32)
    public = OpeningKey(seed).public
    assert public[:16].hex() == "e2236b35a8c24b39b10aa1323a96a919"
    assert len(public) == PUBLIC_SIZE


def test_another_key_is_no_recipient():
    with pytest.raises(NotARecipient):
        BOB.open(b"info", seal(ALICE.public, b"info", b"secret"))


def test_another_info_does_not_open():
    with pytest.raises(NotARecipient):
        ALICE.open(b"other", seal(ALICE.public, b"info", b"secret"))


def test_every_changed_byte_is_noticed():
    sealed = seal(ALICE.public, b"info", b"secret")
    for byte in range(len(sealed)):
        with pytest.raises(NotARecipient):
            ALICE.open(b"info", flipped(sealed, 8 * byte + byte % 8))


@pytest.mark.parametrize("size", [0, 1, 1119, 1120, 1135, OVERHEAD])
def test_cut_messages_do_not_open(size):
    with pytest.raises(NotARecipient):
        ALICE.open(b"info", seal(ALICE.public, b"info", b"secret")[:size])


@pytest.mark.parametrize(
    "public",
    [
        b"",
        bytes(PUBLIC_SIZE - 1),
        bytes(PUBLIC_SIZE + 1),
        b"\xff" * PUBLIC_SIZE,  # coefficients above q (FIPS 203 §7.2)
        ALICE.public[:1184] + bytes(32),  # X25519 point of small order
    ],
)
def test_bad_public_keys_are_refused(public):
    with pytest.raises(BadKey):
        seal(public, b"info", b"secret")


@pytest.mark.parametrize("size", [0, 31, 33])
def test_seeds_are_32_bytes(size):
    with pytest.raises(BadKey):
        OpeningKey(bytes(size))


@given(
    st.lists(st.binary(max_size=5), min_size=1, max_size=4),
    st.lists(st.binary(max_size=5), min_size=1, max_size=4),
)
def test_bound_info_is_unambiguous(one, other):
    assert (bound_info(*one) == bound_info(*other)) == (one == other)


def test_bound_info_bytes():
    assert bound_info(b"m", b"", b"ab") == (
        b"\x00\x00\x00\x01m" + b"\x00\x00\x00\x00" + b"\x00\x00\x00\x02ab"
    )
