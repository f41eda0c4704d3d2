"""Padding: round trips, sizes, and one padding for one content."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from careledger.sealing.padding import (
    BODY_LIMIT,
    BODY_SIZES,
    pad,
    pad_body,
    pad_to,
    padme_size,
    unpad,
    unpad_body,
    unpad_from,
)
from careledger.sealing.problems import Tampered, TooLarge


@given(st.integers(0, 2**60))
def test_padme_adds_at_most_twelve_percent(size):
    assert size <= padme_size(size) <= size * 112 // 100 + 1
    assert padme_size(padme_size(size)) == padme_size(size)


@pytest.mark.parametrize(
    ("size", "padded"), [(0, 0), (1, 1), (2, 2), (9, 10), (100, 104), (1025, 1088)]
)
def test_padme_examples(size, padded):
    assert padme_size(size) == padded


@given(st.binary(max_size=3000))
def test_round_trip(content):
    padded = pad(content)
    assert len(padded) == padme_size(len(content) + 1)
    assert unpad(padded) == content


@given(st.binary(max_size=100), st.integers(101, 300))
def test_round_trip_to_a_size(content, size):
    assert unpad_from(pad_to(content, size), size) == content


@given(st.binary(max_size=BODY_LIMIT - 1 - 1136), st.sampled_from([0, 16, 1136]))
def test_bodies_have_few_sizes(content, overhead):
    padded = pad_body(content, overhead)
    assert len(padded) + overhead in BODY_SIZES
    assert unpad_body(padded, overhead) == content


def test_the_largest_body():
    assert len(pad_body(bytes(BODY_LIMIT - 1), 0)) == BODY_LIMIT
    with pytest.raises(TooLarge):
        pad_body(bytes(BODY_LIMIT), 0)


@pytest.mark.parametrize("unpadding", [unpad, lambda b: unpad_body(b, 0)])
@given(st.binary(max_size=64))
def test_no_other_bytes_unpad(unpadding, raw):
    assume(not raw.rstrip(b"\0").endswith(b"\x80"))
    with pytest.raises(Tampered):
        unpadding(raw)


@pytest.mark.parametrize(
    "call",
    [
        lambda: unpad(pad(b"a") + bytes(64)),
        lambda: unpad_body(pad_body(b"a", 0) + bytes(2048), 0),
        lambda: unpad_from(pad_to(b"a", 9), 10),
        lambda: unpad_from(bytes(9), 9),
    ],
)
def test_one_padding_for_one_content(call):
    with pytest.raises(Tampered):
        call()


def test_the_end_mark_needs_room():
    with pytest.raises(TooLarge):
        pad_to(b"abc", 3)
