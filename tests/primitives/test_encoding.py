"""One meaning, one encoding; and hostile bytes end at `decode`."""

import struct
import tracemalloc
from typing import Annotated

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from careledger.primitives.encoding import (
    MAX_INTEGER,
    Message,
    NotCanonical,
    UInt,
    decode,
    decode_any,
    encode,
)


class Leaf(Message, frozen=True, tag="leaf"):
    number: UInt
    raw: bytes


class Twig(Message, frozen=True, tag="twig"):
    name: Annotated[str, msgspec.Meta(max_length=20)]
    leaves: tuple[Leaf, ...]
    wanted: bool
    other: Leaf | None = None


class Ages(Message, frozen=True):
    by_name: dict[str, UInt]


class Tree(Message, frozen=True):
    children: tuple["Tree", ...]


KINDS = [Leaf, Twig, Leaf | Twig, Ages, Tree, tuple[UInt, ...], UInt, bytes, str]
NUMBERS = st.integers(0, MAX_INTEGER)
LEAVES = st.builds(Leaf, NUMBERS, st.binary(max_size=300))
TWIGS = st.builds(
    Twig,
    st.text(max_size=20),
    st.lists(LEAVES, max_size=20).map(tuple),
    st.booleans(),
    st.none() | LEAVES,
)
AGES = st.builds(Ages, st.dictionaries(st.text(max_size=40), NUMBERS, max_size=20))
TREES = st.recursive(
    st.just(Tree(())),
    lambda inner: st.builds(Tree, st.lists(inner, max_size=4).map(tuple)),
    max_leaves=20,
)
VALUES = LEAVES | TWIGS | AGES | TREES


def refused(raw, kind):
    with pytest.raises(NotCanonical):
        decode(raw, kind)


def wider(raw):
    """Every wider head that MessagePack has for the same small value."""
    head = raw[0]
    if head < 0x80:  # positive fixint
        return [bytes([t]) + head.to_bytes(s, "big") for t, s in UINTS] + [
            bytes([t]) + head.to_bytes(s, "big") for t, s in INTS
        ]
    families = {0x90: ARRAYS, 0xA0: STRINGS, 0x80: MAPS}
    for base, family in families.items():
        width = 0x20 if base == 0xA0 else 0x10
        if base <= head < base + width:
            count = head - base
            return [bytes([t]) + count.to_bytes(s, "big") + raw[1:] for t, s in family]
    assert head == 0xC4
    return [bytes([t]) + raw[1].to_bytes(s, "big") + raw[2:] for t, s in BINS[1:]]


UINTS = [(0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8)]
INTS = [(0xD0, 1), (0xD1, 2), (0xD2, 4), (0xD3, 8)]
STRINGS = [(0xD9, 1), (0xDA, 2), (0xDB, 4)]
BINS = [(0xC4, 1), (0xC5, 2), (0xC6, 4)]
ARRAYS = [(0xDC, 2), (0xDD, 4)]
MAPS = [(0xDE, 2), (0xDF, 4)]


# --- one meaning, one encoding


@given(value=VALUES)
def test_every_message_survives_its_bytes(value):
    raw = encode(value)
    assert decode(raw, type(value)) == value
    assert decode_any(raw, type(value)) == value
    assert encode(decode(raw, type(value))) == raw


@given(value=LEAVES | TWIGS)
def test_a_tag_tells_which_message_it_is(value):
    assert decode(encode(value), Leaf | Twig) == value
    refused(encode(value), Twig if isinstance(value, Leaf) else Leaf)


@settings(max_examples=300)
@given(raw=st.binary(max_size=60), kind=st.sampled_from(KINDS))
@example(raw=b"", kind=Leaf)
def test_what_is_decoded_is_what_was_encoded(raw, kind):
    try:
        value = decode(raw, kind)
    except NotCanonical:
        return
    assert encode(value) == raw


@given(value=VALUES, data=st.data())
def test_a_changed_byte_is_refused_or_means_something_else(value, data):
    raw = bytearray(encode(value))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        changed = decode(bytes(raw), type(value))
    except NotCanonical:
        return
    assert changed != value


def test_known_bytes():
    # array of 3: "leaf", 300 as uint16, bin of 2
    leaf = Leaf(300, b"\x01\x02")
    assert encode(leaf).hex() == "93a46c656166cd012cc4020102"
    # keys of a map in the order of their bytes, however they were put in
    assert encode(Ages({"b": 2, "a": 1})).hex() == "9182a16101a16202"


@pytest.mark.parametrize("number", [0, 127, 128, 2**16, 2**32, MAX_INTEGER])
def test_numbers_up_to_the_largest(number):
    assert decode(encode(number), UInt) == number


@pytest.mark.parametrize("number", [-1, -(2**63), MAX_INTEGER + 1, 2**64 - 1])
def test_numbers_out_of_range_are_refused(number):
    refused(msgspec.msgpack.encode(number), UInt)


# --- what is not canonical


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5, UInt),
        ((1, 2), tuple[UInt, ...]),
        ("name", str),
        (b"raw", bytes),
        ({"a": 1}, dict[str, UInt]),
    ],
    ids=["integer", "array", "string", "bytes", "map"],
)
def test_a_wider_head_than_needed_is_refused(value, kind):
    raw = encode(value)
    assert decode(raw, kind) == value
    forms = wider(raw)
    assert forms
    for form in forms:
        assert msgspec.msgpack.decode(form, type=kind) == value
        refused(form, kind)


@given(value=VALUES, more=st.binary(min_size=1, max_size=4))
def test_trailing_bytes_are_refused(value, more):
    refused(encode(value) + more, type(value))


@given(value=VALUES, data=st.data())
def test_truncated_bytes_are_refused(value, data):
    raw = encode(value)
    refused(raw[: data.draw(st.integers(0, len(raw) - 1))], type(value))


def test_map_keys_twice_or_out_of_order_are_refused():
    assert decode(bytes.fromhex("9182a16101a16202"), Ages) == Ages({"a": 1, "b": 2})
    refused(bytes.fromhex("9182a16202a16101"), Ages)
    refused(bytes.fromhex("9182a16101a16101"), Ages)
    refused(bytes.fromhex("9182a16101a16102"), Ages)


def test_a_field_too_many_or_too_few_is_refused():
    refused(encode(["leaf", 1, b"", 2]), Leaf)
    refused(encode(["leaf", 1]), Leaf)
    refused(encode([]), Leaf)


def test_a_default_that_was_left_out_is_refused():
    short = encode(["twig", "name", [], True])
    assert decode_any(short, Twig) == Twig("name", (), wanted=True)
    refused(short, Twig)


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack(">Bd", 0xCB, float("nan")),
        struct.pack(">Bd", 0xCB, float("inf")),
        struct.pack(">Bd", 0xCB, 5.0),
        struct.pack(">Bf", 0xCA, 5.0),
        struct.pack(">Bf", 0xCA, float("nan")),
        b"\xcb\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
    ids=["nan", "infinity", "five", "short five", "short nan", "other nan"],
)
def test_no_float_is_a_number(raw):
    for kind in KINDS:
        refused(raw, kind)
    refused(b"\x93\xa4leaf" + raw + b"\xc4\x00", Leaf)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xa1\xff",
        b"\xa3\xed\xa0\x80",
        b"\xc1",
        b"\xd4\x05\x01",
        b"\xd6\xff\x00\x00\x00\x00",
        b"\xd7\xff" + b"\xff" * 8,
        b"\xc7\x0c\xff" + b"\xff" * 12,
        b"\x81\x91\x01\x01",
        b"\x81\x81\x01\x01\x01",
        b"\xc0",
    ],
    ids=[
        "not UTF-8",
        "half a surrogate pair",
        "the unused head",
        "an extension",
        "a time",
        "a time out of range",
        "a long time out of range",
        "a list as key",
        "a map as key",
        "nil",
    ],
)
def test_forms_without_meaning_are_refused(raw):
    for kind in KINDS:
        refused(raw, kind)
    refused(b"\x91" + raw, Ages)
    refused(b"\x94\xa4twig" + raw + b"\x90\xc2", Twig)


# --- what would be costly

HUGE = b"\xff\xff\xff\xff"
OVERSIZED = {
    "array": b"\xdd" + HUGE,
    "array of numbers": b"\xdd" + HUGE + b"\x01" * 100,
    "map": b"\xdf" + HUGE,
    "string": b"\xdb" + HUGE,
    "bytes": b"\xc6" + HUGE,
    "extension": b"\xc9" + HUGE + b"\x05",
    "array in leaf": b"\x93\xa4leaf\xdd" + HUGE,
    "bytes in leaf": b"\x93\xa4leaf\x01\xc6" + HUGE,
    "map in ages": b"\x91\xdf" + HUGE,
    "children": b"\x91\xdd" + HUGE,
    "arrays of arrays": b"\xdd" + HUGE + (b"\xdd" + HUGE) * 200,
    "children of children": (b"\x91\xdd" + HUGE) * 200,
}


@pytest.mark.parametrize("raw", OVERSIZED.values(), ids=OVERSIZED)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_length_that_is_not_there_costs_nothing(raw, kind):
    tracemalloc.start()
    try:
        refused(raw, kind)
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("head", [b"\x91", b"\x81\xa1a", b"\x91\x91", b"\x92\xa4leaf"])
def test_ten_thousand_levels_are_refused(kind, head):
    refused(head * 10_000, kind)
    refused(head * 10_000 + b"\x90", kind)


def test_a_deep_tree_is_decoded_or_refused_and_nothing_else():
    assert decode(b"\x91\x91" * 5 + b"\x91\x90", Tree)
    for depth in range(100, 2_000, 7):
        raw = b"\x91\x91" * depth + b"\x91\x90"
        try:
            decode(raw, Tree)
        except NotCanonical:
            assert depth > 200


def test_a_refused_message_quotes_nothing():
    with pytest.raises(NotCanonical) as caught:
        decode(b"\xa9forbidden", UInt)
    assert "forbidden" not in str(caught.value)
