"""Keyrings: who reaches what, and the walk back through the history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.primitives.encoding import decode, encode
from careledger.sealing.aead import seal_with
from careledger.sealing.binding import Binding
from careledger.sealing.chance import random_bytes
from careledger.sealing.history import (
    Before,
    first_epoch,
    next_epoch,
    walk_history,
)
from careledger.sealing.keyring import (
    MAX_EPOCHS,
    MAX_GRANTS,
    AllEpochs,
    EpochKey,
    Keyring,
    find_entry_key,
    from_now_on,
    held_epochs,
    single_entries,
    some_epochs,
)
from careledger.sealing.keys import derive, entry_key
from careledger.sealing.padding import pad
from careledger.sealing.problems import NotHeld, Tampered, TooLarge

CHAIN, RECORD, ENTRY = "test-1", b"r" * 32, b"e" * 16


def at(epoch):
    return Binding(CHAIN, RECORD, epoch)


def rotated(count):
    """Return the rings of `count` epochs, from 0 on, and their histories."""
    rings, histories = [first_epoch(0)], {}
    for epoch in range(1, count):
        new = next_epoch(rings[-1], at(epoch))
        rings.append(new.ring)
        histories[epoch] = new.history
    return rings, histories


@given(st.integers(1, 12), st.data())
def test_who_holds_all_epochs_walks_back_to_the_first(count, data):
    rings, histories = rotated(count)
    start = data.draw(st.integers(0, count - 1))
    walked = walk_history(rings[start], at(start), histories)
    assert walked == {ring.epoch: ring.epoch_key for ring in rings[: start + 1]}


def test_one_size_however_old():
    rings, histories = rotated(40)
    assert len({len(encode(ring)) for ring in rings}) == 1
    assert len({len(history) for history in histories.values()}) == 1


def test_a_history_key_opens_no_later_epoch():
    rings, histories = rotated(3)
    assert 2 not in walk_history(rings[1], at(1), histories)


@pytest.mark.parametrize(
    "place", [Binding("test-2", RECORD, 1), Binding(CHAIN, b"s" * 32, 1)]
)
def test_a_history_belongs_to_its_place(place):
    rings, histories = rotated(2)
    with pytest.raises(Tampered):
        walk_history(rings[1], place, histories)


def test_histories_cannot_be_exchanged():
    rings, histories = rotated(3)
    with pytest.raises(Tampered):
        walk_history(rings[2], at(2), {2: histories[1]})
    with pytest.raises(Tampered):
        walk_history(AllEpochs(2, bytes(32), bytes(32)), at(2), histories)


def forged(ring, content):
    key = derive(ring.history_key, b"careledger/history/v1")
    bound = at(ring.epoch).info(b"careledger/history/v1")
    return seal_with(key, bound, pad(content), random_bytes)


@pytest.mark.parametrize(
    "before",
    [
        b"no message",
        encode(Before(AllEpochs(5, bytes(32), bytes(32)))),  # in a circle for ever
        encode(Before(AllEpochs(6, bytes(32), bytes(32)))),
        encode(Before(AllEpochs(3, bytes(32), bytes(32)), (EpochKey(3, bytes(32)),))),
        encode(Before(AllEpochs(3, bytes(32), bytes(32)), (EpochKey(5, bytes(32)),))),
    ],
    ids=["none", "circle", "forward", "between-early", "between-late"],
)
def test_a_hostile_history_ends(before):
    ring = first_epoch(5)
    with pytest.raises(Tampered):
        walk_history(ring, at(5), {5: forged(ring, before)})


def test_epochs_ascend():
    ring = first_epoch(3)
    for epoch in (2, 3):
        with pytest.raises(Tampered):
            next_epoch(ring, at(epoch))


def test_a_broken_history_is_bridged():
    ring, stray = first_epoch(3), EpochKey(4, bytes(32))
    new = next_epoch(ring, at(5), (stray,))
    walked = walk_history(new.ring, at(5), {5: new.history})
    assert walked == {3: ring.epoch_key, 4: stray.key, 5: new.ring.epoch_key}


def test_each_keyring_reaches_what_it_should():
    rings, histories = rotated(3)
    walked = walk_history(rings[2], at(2), histories)
    keys = {e: entry_key(rings[e].epoch_key, ENTRY) for e in range(3)}
    for epoch in range(3):
        assert find_entry_key(rings[2], walked, epoch, ENTRY) == keys[epoch]
    late = from_now_on(rings[1])
    assert find_entry_key(late, {}, 1, ENTRY) == keys[1]
    for epoch in (0, 2):
        with pytest.raises(NotHeld):
            find_entry_key(late, {}, epoch, ENTRY)
    with pytest.raises(NotHeld):
        find_entry_key(rings[2], {}, 0, ENTRY)


def test_from_now_on_never_holds_a_history_key():
    ring = first_epoch(0)
    assert ring.history_key not in encode(from_now_on(ring))
    assert ring.history_key not in encode(some_epochs({0: ring.epoch_key}, 0))


def test_single_entries_hold_no_epoch_key():
    keys = {0: b"a" * 32, 1: b"b" * 32}
    ring = single_entries(keys, [(0, ENTRY), (1, b"f" * 16)])
    assert not any(key in encode(ring) for key in keys.values())
    assert held_epochs(ring) == {}
    assert find_entry_key(ring, keys, 0, ENTRY) == entry_key(keys[0], ENTRY)
    with pytest.raises(NotHeld):
        find_entry_key(ring, keys, 0, b"g" * 16)


def test_limits():
    ids = [(0, i.to_bytes(16, "big")) for i in range(MAX_GRANTS + 1)]
    assert len(single_entries({0: bytes(32)}, ids[:-1]).grants) == MAX_GRANTS
    with pytest.raises(TooLarge):
        single_entries({0: bytes(32)}, ids)
    for entries in ([], [(7, ENTRY)]):
        with pytest.raises(NotHeld):
            single_entries({0: bytes(32)}, entries)


def test_some_epochs_are_the_newest():
    keys = dict.fromkeys(range(MAX_EPOCHS + 10), bytes(32))
    reached = held_epochs(some_epochs(keys, 3))
    assert list(reached) == list(range(10, MAX_EPOCHS + 10))
    assert list(held_epochs(some_epochs(keys, MAX_EPOCHS))) == list(range(256, 266))
    with pytest.raises(NotHeld):
        some_epochs(keys, MAX_EPOCHS + 10)


def test_keyrings_do_not_print_keys():
    ring = first_epoch(0)
    rings = (ring, from_now_on(ring), single_entries({0: ring.epoch_key}, [(0, ENTRY)]))
    for secret in (*rings, Before(ring), rings[1].keys[0], rings[2].grants[0]):
        assert repr(secret) == f"{type(secret).__name__}(…)"
        assert decode(encode(secret), type(secret)) == secret
        assert f"{secret}" == repr(secret)
        assert list(secret.__rich_repr__()) == []


def test_the_three_kinds_are_told_apart():
    ring = first_epoch(0)
    for kind in (ring, from_now_on(ring), single_entries({0: bytes(32)}, [(0, ENTRY)])):
        assert decode(encode(kind), Keyring) == kind
