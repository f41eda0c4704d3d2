"""Derived keys and commitments."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.sealing.chance import random_bytes
from careledger.sealing.hpke import bound_info
from careledger.sealing.keys import check_commitment, commitment, derive, entry_key
from careledger.sealing.problems import Tampered


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40))
def test_derive_is_hkdf_sha256(key, field):
    """RFC 5869 written out: extract with an empty salt, expand one block."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    info = bound_info(b"marker", field)
    expected = hmac.digest(extracted, info + b"\x01", "sha256")
    assert derive(key, b"marker", field) == expected


def test_commitments_name_one_key():
    key, entry_id = entry_key(bytes(32), bytes(16)), bytes(16)
    committed = commitment(entry_id, key)
    check_commitment(committed, entry_id, key)
    for other_id, other_key in ((bytes(15) + b"a", key), (entry_id, bytes(32))):
        with pytest.raises(Tampered):
            check_commitment(committed, other_id, other_key)


def test_chance_does_not_repeat():
    assert len({random_bytes(16) for _ in range(100)}) == 100
