"""Wraps and rotation: exactly the full holders, each with what it may hold."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.primitives.encoding import encode
from careledger.sealing.binding import Binding
from careledger.sealing.history import first_epoch
from careledger.sealing.hpke import OpeningKey, seal
from careledger.sealing.keyring import (
    MAX_EPOCHS,
    MAX_GRANTS,
    AllEpochs,
    FromEpoch,
    from_now_on,
    single_entries,
    some_epochs,
)
from careledger.sealing.padding import BODY_LIMIT, BODY_SIZES, pad_body, pad_to
from careledger.sealing.problems import NotARecipient, Tampered, TooLarge
from careledger.sealing.wraps import (
    Holder,
    Reach,
    Wrap,
    open_wrap,
    pack_wraps,
    rotate,
    unpack_wraps,
    wrap_keyring,
)
from tests.sealing.known import ALICE, BOB, flipped

A, B, C = b"a" * 32, b"b" * 32, b"c" * 32
PLACE = Binding("test-1", b"r" * 32, 7)
RING = first_epoch(7)
WRAP = wrap_keyring(RING, PLACE, A, B, BOB.public)


@pytest.mark.parametrize(
    "ring",
    [
        RING,
        from_now_on(RING),
        some_epochs(dict.fromkeys(range(8), bytes(32)), 2),
        some_epochs({2**53 - 1 - i: bytes(32) for i in range(MAX_EPOCHS)}, 0),
        single_entries({0: bytes(32)}, [(0, bytes(16))]),
        single_entries(
            {0: bytes(32)}, [(0, i.to_bytes(16, "big")) for i in range(MAX_GRANTS)]
        ),
    ],
    ids=lambda ring: f"{type(ring).__name__}-{len(encode(ring))}",
)
def test_every_keyring_fits_into_a_wrap_and_a_body(ring):
    epoch = ring.keys[-1].epoch if isinstance(ring, FromEpoch) else 7
    place = replace(PLACE, epoch=epoch)
    wrap = wrap_keyring(ring, place, A, B, BOB.public)
    assert open_wrap(BOB, B, wrap, place, A) == ring
    (body,) = pack_wraps([wrap])
    assert unpack_wraps(body) == (wrap,)
    assert len(body) in BODY_SIZES


def test_a_wrap_for_another_handle():
    with pytest.raises(NotARecipient):
        open_wrap(ALICE, A, WRAP, PLACE, A)


@pytest.mark.parametrize(
    ("place", "sender"),
    [
        (replace(PLACE, chain_id="test-2"), A),
        (replace(PLACE, record=b"s" * 32), A),
        (replace(PLACE, epoch=8), A),
        (PLACE, C),
    ],
    ids=["chain", "record", "epoch", "sender"],
)
def test_a_wrap_opens_nowhere_else(place, sender):
    entries = single_entries({0: bytes(32)}, [(0, bytes(16))])
    for ring in (RING, entries):
        wrap = wrap_keyring(ring, PLACE, A, B, BOB.public)
        assert open_wrap(BOB, B, wrap, PLACE, A) == ring
        with pytest.raises(Tampered):
            open_wrap(BOB, B, wrap, place, sender)


def test_a_wrap_cannot_be_passed_on():
    """Somebody with the same key but another handle name."""
    with pytest.raises(Tampered):
        open_wrap(BOB, C, Wrap(C, WRAP.sealed), PLACE, A)


def test_every_changed_byte_is_noticed():
    for byte in range(len(WRAP.sealed)):
        changed = Wrap(B, flipped(WRAP.sealed, 8 * byte + byte % 8))
        with pytest.raises(Tampered):
            open_wrap(BOB, B, changed, PLACE, A)


def raw_wrap(padded):
    info = PLACE.info(b"careledger/wrap/v1", A, B)
    return Wrap(B, seal(BOB.public, info, padded))


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        pad_to(b"no keyring", 128),
        pad_to(encode(RING), 127),
        pad_to(encode(RING), 1000),
        pad_to(encode(first_epoch(8)), 128),
        pad_to(encode(from_now_on(first_epoch(6))), 128),
        bytes(128),
    ],
    ids=["empty", "none", "127", "1000", "other-epoch", "older-epoch", "zeros"],
)
def test_a_hostile_rotation_is_noticed(padded):
    assert open_wrap(BOB, B, raw_wrap(pad_to(encode(RING), 128)), PLACE, A) == RING
    with pytest.raises(Tampered):
        open_wrap(BOB, B, raw_wrap(padded), PLACE, A)


def key_of(number):
    return OpeningKey(number.to_bytes(32, "big"))


@given(st.lists(st.sampled_from(Reach), max_size=5), st.sampled_from(Reach))
@settings(max_examples=20)
def test_a_rotation_wraps_exactly_the_full_holders(reaches, recovery_reach):
    ids = [bytes([n]) * 32 for n in range(1, len(reaches) + 1)]
    holders = [
        Holder(handle, key_of(n).public, reach)
        for n, (handle, reach) in enumerate(zip(ids, reaches, strict=True))
    ]
    recovery = Holder(C, ALICE.public, recovery_reach)
    wraps = rotate(RING, PLACE, A, holders, recovery)
    assert [wrap.recipient for wrap in wraps] == [*ids, C]
    assert len({len(wrap.sealed) for wrap in wraps}) == 1
    assert open_wrap(ALICE, C, wraps[-1], PLACE, A) == RING
    for number, (holder, wrap) in enumerate(zip(holders, wraps, strict=False)):
        opened = open_wrap(key_of(number), holder.handle, wrap, PLACE, A)
        full = holder.reach is Reach.ALL_EPOCHS
        assert opened == (RING if full else from_now_on(RING))
        assert isinstance(opened, AllEpochs) is full


def test_a_rotation_of_64_participants_fits_into_a_transaction():
    holder = Holder(B, BOB.public, Reach.ALL_EPOCHS)
    wraps = rotate(RING, PLACE, A, [holder] * 64, holder)
    bodies = pack_wraps(wraps)
    assert [wrap for body in bodies for wrap in unpack_wraps(body)] == list(wraps)
    assert len(bodies) <= 14
    assert sum(map(len, bodies)) <= 112 * 1024


@pytest.mark.parametrize("reach", Reach)
@pytest.mark.parametrize("key", [b"\xff" * 1216, ALICE.public[:1184] + bytes(32)])
def test_who_published_no_key_stops_no_rotation(reach, key):
    """Junk gets a wrap of the size of the others, of which nothing can be told."""
    bad, good = Holder(B, key, reach), Holder(C, ALICE.public, Reach.ALL_EPOCHS)
    first, second = (rotate(RING, PLACE, A, [bad], good) for _ in range(2))
    assert first[0].recipient == B
    assert len(first[0].sealed) == len(first[1].sealed)
    assert first[0].sealed != second[0].sealed
    assert open_wrap(ALICE, C, first[1], PLACE, A) == RING
    with pytest.raises(Tampered):
        open_wrap(BOB, B, first[0], PLACE, A)


def test_no_wraps_no_bodies():
    assert pack_wraps([]) == ()


def test_what_is_no_body_of_wraps():
    for content in (b"", b"\xc1", encode((1, 2))):
        with pytest.raises(Tampered):
            unpack_wraps(pad_body(content, 0))
    with pytest.raises(Tampered):
        unpack_wraps(bytes(2048))


def test_a_wrap_larger_than_a_body():
    with pytest.raises(TooLarge):
        pack_wraps([Wrap(B, bytes(BODY_LIMIT))])
