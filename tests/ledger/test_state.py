"""State: reads fall through, refused writes are dropped, one form for one meaning."""

import gc
import weakref

import pytest

from careledger.ledger.state import Base, Draft, Event, Table, difference
from careledger.primitives.encoding import NotCanonical, encode
from tests.ledger.world import MemoryState

COUNTS: Table[int] = Table(b"\xfe", int, 0)
FIVE = MemoryState({b"\xfea": encode(5)})


class Counting(MemoryState):
    """A state that counts how often each key is asked for."""

    asked = 0

    def get(self, key, default=None):
        self.asked += 1
        return super().get(key, default)


def test_reads_fall_through_and_writes_do_not():
    base = Base(FIVE)
    block = Draft(base)
    action = Draft(block)
    COUNTS.put(action, b"a", 6)
    assert COUNTS.get(action, b"a") == 6
    assert COUNTS.get(block, b"a") == 5
    block.keep(action)
    assert COUNTS.get(block, b"a") == 6
    assert block.read(b"\xfea", int) == 6
    assert dict(FIVE) == {b"\xfea": encode(5)}


def test_an_absent_key_stands_for_the_default():
    assert COUNTS.get(Draft(Base(FIVE)), b"b") == 0


def test_the_default_deletes():
    base = Base(FIVE)
    block = Draft(base)
    COUNTS.put(block, b"a", 0)
    assert COUNTS.get(block, b"a") == 0
    assert difference(base, block) == {b"\xfea": None}


def test_what_ends_as_it_was_is_no_difference():
    base = Base(FIVE)
    block = Draft(base)
    COUNTS.put(block, b"a", COUNTS.get(block, b"a") + 1)
    COUNTS.put(block, b"b", COUNTS.get(block, b"b") + 1)
    assert difference(base, block) == {b"\xfea": encode(6), b"\xfeb": encode(1)}
    COUNTS.put(block, b"a", 5)
    COUNTS.put(block, b"b", 0)
    assert difference(base, block) == {}


def test_each_key_is_asked_for_and_decoded_once_a_block():
    state = Counting(FIVE)
    base = Base(state)
    for _ in range(3):
        assert COUNTS.get(Draft(base), b"a") == 5
        assert COUNTS.get(Draft(base), b"b") == 0
    assert state.asked == 2


def test_a_stored_value_of_another_kind_is_never_taken():
    with pytest.raises(NotCanonical):
        COUNTS.get(Draft(Base(MemoryState({b"\xfea": encode(b"x")}))), b"a")


def test_a_finished_draft_hands_on_what_it_said():
    block = Draft(Base(FIVE))
    action = Draft(block)
    block.say("one.said", b"1")
    action.say("two.said", b"2", b"3")
    block.keep(action)
    assert block.events == [
        Event("one.said", (b"1",)),
        Event("two.said", (b"2", b"3")),
    ]


def test_what_a_block_read_goes_with_the_block():
    state = Counting(FIVE)
    seen = weakref.ref(state)
    gc.disable()
    try:
        base = Base(state)
        draft = Draft(Draft(base))
        COUNTS.get(draft, b"a")
        del base, draft, state
        assert seen() is None
    finally:
        gc.enable()
