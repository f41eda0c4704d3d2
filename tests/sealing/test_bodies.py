"""Bodies: few sizes, one purpose, one place."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.sealing.binding import Binding
from careledger.sealing.bodies import (
    open_body,
    open_body_with,
    seal_body,
    seal_body_to,
)
from careledger.sealing.hpke import seal
from careledger.sealing.padding import BODY_LIMIT, BODY_SIZES
from careledger.sealing.problems import NotARecipient, Tampered, TooLarge
from tests.sealing.known import ALICE, BOB

PLACE = Binding("test-1", b"r" * 32, 7)
KEY, MARKER = bytes(32), b"careledger/statement/v1"


@given(st.binary(max_size=5000))
def test_round_trip_under_a_shared_key(content):
    body = seal_body(KEY, MARKER, PLACE, content)
    assert len(body) in BODY_SIZES
    assert open_body(KEY, MARKER, PLACE, body) == content


@given(st.binary(max_size=5000))
def test_round_trip_to_one_reader(content):
    body = seal_body_to(ALICE.public, b"info", content)
    assert len(body) in BODY_SIZES
    assert open_body_with(ALICE, b"info", body) == content


@pytest.mark.parametrize(
    ("key", "marker", "place"),
    [
        (bytes(31) + b"k", MARKER, PLACE),
        (KEY, b"careledger/other/v1", PLACE),
        (KEY, MARKER, replace(PLACE, chain_id="test-2")),
        (KEY, MARKER, replace(PLACE, record=b"s" * 32)),
        (KEY, MARKER, replace(PLACE, epoch=8)),
    ],
    ids=["key", "purpose", "chain", "record", "epoch"],
)
def test_a_body_opens_nowhere_else(key, marker, place):
    with pytest.raises(Tampered):
        open_body(key, marker, place, seal_body(KEY, MARKER, PLACE, b"content"))


def test_another_reader():
    body = seal_body_to(ALICE.public, b"info", b"content")
    with pytest.raises(NotARecipient):
        open_body_with(BOB, b"info", body)
    with pytest.raises(NotARecipient):
        open_body_with(ALICE, b"other", body)


def test_unpadded_bodies_are_refused():
    with pytest.raises(Tampered):
        open_body_with(ALICE, b"info", seal(ALICE.public, b"info", b"unpadded"))


def test_bodies_have_a_limit():
    with pytest.raises(TooLarge):
        seal_body(KEY, MARKER, PLACE, bytes(BODY_LIMIT - 28))
    assert len(seal_body(KEY, MARKER, PLACE, bytes(BODY_LIMIT - 29))) == BODY_LIMIT
