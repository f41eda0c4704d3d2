"""Secret sharing: any two of three, never one."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.sealing.problems import WrongShares
from careledger.sealing.shamir import join, split


@given(st.binary(max_size=9), st.integers(1, 3), st.integers(0, 1))
@settings(max_examples=40)
def test_any_threshold_of_shares_joins(secret, threshold, spare):
    shares = split(secret, threshold, threshold + spare)
    for chosen in combinations(shares, threshold):
        assert join({x: shares[x] for x in chosen}) == secret


def test_known_shares():
    """f(x) = 0x53 + 0xca·x over the field of FIPS 197 (§4.2: 0x53 · 0xca = 1)."""
    shares = split(b"\x53", 2, 3, lambda _: b"\xca")
    assert shares == {1: b"\x99", 2: b"\xdc", 3: b"\x16"}
    assert split(b"\x00", 2, 0x53, lambda _: b"\xca")[0x53] == b"\x01"


def test_one_share_fits_every_secret():
    """Share 1 is the same for all 256 secrets: it says nothing."""
    seen = {
        split(bytes([s]), 2, 3, lambda _, s=s: bytes([s ^ 7]))[1] for s in range(256)
    }
    assert seen == {b"\x07"}


@pytest.mark.parametrize(
    "shares", [{}, {1: b"a", 2: b"ab"}, {0: b"a", 1: b"b"}, {1: b"a", 256: b"b"}]
)
def test_malformed_shares(shares):
    with pytest.raises(WrongShares):
        join(shares)
