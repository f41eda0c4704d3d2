"""Execution: one order, all or nothing, bounded timers, and bugs never swallowed."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from careledger.ledger import timers
from careledger.ledger.actions.coin import (
    CancelOrder,
    PlaceHold,
    PlaceOrder,
    ReleaseHold,
    ReturnHold,
    Transfer,
)
from careledger.ledger.blocks import Header, TransactionLeaf, block_leaf, in_order
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.execute import HANDLERS, execute_block
from careledger.ledger.state import Draft
from careledger.ledger.workflows import coin
from careledger.primitives.encoding import NotCanonical, decode, encode
from careledger.primitives.hashing import sha256
from tests.ledger.world import ANN, BOB, CY, DAY, HOUR, START, World

PAY = Transfer(0, CY.public, 1)


def opened(world: World, count: int):
    """Return envelopes whose outcome depends on who goes first."""
    moves = (
        (ANN, Transfer(0, BOB.public, 700)),
        (BOB, Transfer(0, CY.public, 1_200)),
        (ANN, Transfer(0, CY.public, 400)),
        (BOB, Transfer(0, ANN.public, 300)),
    )
    chosen = [moves[i % len(moves)] for i in range(count)]
    return [open_envelope(world.envelope(move, by=[who])) for who, move in chosen]


# Order


@given(st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_the_order_is_the_hash_of_previous_root_and_id(root, random):
    transactions = opened(World(), 8)
    shuffled = transactions * 2
    random.shuffle(shuffled)
    expected = sorted((sha256(root + tx.tx_id), tx.tx_id) for tx in transactions)
    assert [tx.tx_id for tx in in_order(root, shuffled)] == [i for _, i in expected]


@given(st.permutations(range(8)), st.integers(0, 7))
@settings(max_examples=25)
def test_how_they_arrive_changes_nothing(order, repeated):
    world = World()
    transactions = opened(world, 8)
    header = Header(1, START + 1, world.root)
    shuffled = [transactions[i] for i in (*order, repeated)]
    straight = execute_block(world.state, header, transactions)
    assert execute_block(world.state, header, shuffled) == straight
    assert len(straight.leaves) == 8


def test_another_root_gives_another_order():
    world = World()
    transactions = opened(world, 8)
    orders = [
        [
            receipt.tx_id
            for receipt in execute_block(world.state, header, transactions).receipts
        ]
        for header in (Header(1, START + 1, bytes([i]) * 32) for i in range(3))
    ]
    assert len({tuple(one) for one in orders}) == 3


# What a block leaves


def test_a_leaf_holds_core_signatures_and_code():
    world = World()
    good = world.envelope(PAY, by=[ANN], bodies=(b"one", b"two"))
    bad = world.envelope(Transfer(0, CY.public, 5_000), by=[BOB])
    receipts = world.block(good, bad)
    by_id = {open_envelope(raw).tx_id: open_envelope(raw) for raw in (good, bad)}
    for receipt, raw_leaf in zip(receipts, world.last.leaves, strict=True):
        leaf, tx = decode(raw_leaf, TransactionLeaf), by_id[receipt.tx_id]
        assert (leaf.core, leaf.signatures) == (tx.core, tx.signatures)
        assert leaf.code == receipt.code
    assert [receipt.position for receipt in receipts] == [0, 1]
    assert {receipt.code for receipt in receipts} == {"ok", "coin.insufficient-funds"}


def test_a_transaction_is_indexed_under_its_signers_and_whom_it_concerns():
    world = World()
    world.act(PAY, by=[ANN])
    assert world.last.parties == [(ANN.public, CY.public)]
    world.act(Transfer(0, CY.public, 5_000), by=[BOB])
    assert (world.last.parties, world.last.events) == ([(BOB.public,)], [[]])


def test_bodies_are_handed_on_with_their_hashes():
    world = World()
    world.act(PAY, by=[ANN], bodies=(b"one", b"two"))
    assert world.last.bodies == [((sha256(b"one"), b"one"), (sha256(b"two"), b"two"))]


def test_the_bodies_of_a_refused_transaction_are_not_kept():
    """It is indexed under no record, so no erasure would ever find them."""
    world = World()
    world.act(Transfer(0, CY.public, 5_000), by=[BOB], bodies=(b"one",))
    assert [receipt.code for receipt in world.last.receipts] == [
        "coin.insufficient-funds"
    ]
    assert world.last.bodies == [()]


def test_a_block_leaf_is_tagged_apart_from_transactions():
    assert block_leaf(7, START, bytes(32)) == encode([0, 7, START, bytes(32)])


def test_an_empty_block_changes_nothing():
    world = World()
    world.block()
    assert (world.last.diff, world.last.leaves) == ({}, [])


# All or nothing


@pytest.mark.parametrize("bad_at", range(4))
def test_a_refused_action_takes_the_others_with_it(bad_at):
    world = World()
    before = dict(world.state)
    actions = [PAY, PlaceHold(0, CY.public, 5, START + HOUR), PAY]
    actions.insert(bad_at, Transfer(0, CY.public, 5_000))
    assert world.act(*actions, by=[ANN]) == "coin.insufficient-funds"
    changed = [
        k
        for k in world.state.keys() | before.keys()
        if world.state.get(k) != before.get(k)
    ]
    assert [key[1:] for key in changed] == [ANN.public], "only the quota is charged"
    assert coin.balance(world.draft(), ANN.public) == 1_000
    assert world.last.events == [[]]


def test_later_actions_see_what_earlier_ones_did():
    world = World()
    there_and_on = (Transfer(0, CY.public, 900), Transfer(1, BOB.public, 900))
    assert world.act(*there_and_on, by=[ANN, CY]) == "ok"


def test_each_action_creates_under_an_id_of_its_own():
    world = World()
    hold = PlaceHold(0, CY.public, 5, START + HOUR)
    world.act(hold, hold, by=[ANN])
    first, second = (event.concerns[-1] for event in world.last.events[0])
    assert first != second


# Timers


def plan_holds(world: World, count: int) -> list[tuple[int, bytes]]:
    """Place `count` holds of 1 with three different ends; return (until, id)."""
    planned = []
    for start in range(0, count, 64):
        size = min(64, count - start)
        ends = [START + HOUR + i % 3 for i in range(size)]
        world.act(*(PlaceHold(0, CY.public, 1, end) for end in ends), by=[ANN])
        ids = [event.concerns[-1] for event in world.last.events[0]]
        planned.extend(zip(ends, ids, strict=True))
    return planned


def test_at_most_256_timers_a_block_and_the_rest_carry_over_in_order():
    world = World()
    planned = plan_holds(world, 300)
    assert timers.PER_BLOCK == 256
    ran = []
    for expected in (256, 44, 0):
        world.block(at=max(world.now + 1, START + DAY))
        ran += [event.concerns[-1] for event in world.last.timer_events]
        assert len(world.last.timer_events) == expected
    assert ran == [hold for _, hold in sorted(planned)]


def test_a_timer_runs_in_the_first_block_at_its_time_and_not_before():
    world = World()
    world.act(PlaceHold(0, CY.public, 1, START + HOUR), by=[ANN])
    world.block(at=START + HOUR - 1)
    assert world.last.timer_events == []
    world.block(at=START + HOUR)
    assert [event.name for event in world.last.timer_events] == ["coin.refunded"]
    world.block(at=START + 2 * HOUR)
    assert world.last.diff == {}


def test_timers_run_before_transactions():
    world = World()
    world.act(PlaceHold(0, CY.public, 1_000, START + HOUR), by=[ANN])
    world.now = START + HOUR - 1
    assert world.act(PAY, by=[ANN]) == "ok"


@pytest.mark.parametrize("settle", [ReleaseHold, ReturnHold])
def test_a_settled_hold_leaves_no_timer(settle):
    world = World()
    world.act(PlaceHold(0, BOB.public, 1, START + HOUR), by=[ANN])
    hold = world.last.events[0][0].concerns[-1]
    who = ANN if settle is ReleaseHold else BOB
    assert world.act(settle(0, hold), by=[who]) == "ok"
    assert world.state.first(b"\x10", b"\x11", 9) == []


def test_a_cancelled_order_leaves_no_timer_and_an_open_one_has_the_next():
    world = World()
    world.act(PlaceOrder(0, CY.public, 1, START + HOUR, DAY, 3), by=[ANN])
    order = world.last.events[0][0].concerns[-1]
    world.block(at=START + HOUR)
    (key,) = world.state.first(b"\x10", b"\x11", 9)
    assert (timers.due_time(key), key[9:41]) == (START + HOUR + DAY, order)
    assert world.act(CancelOrder(0, order), by=[ANN]) == "ok"
    assert world.state.first(b"\x10", b"\x11", 9) == []


def test_a_timer_that_the_draft_has_cancelled_is_not_taken():
    world = World()
    world.act(PlaceHold(0, CY.public, 1, START + HOUR), by=[ANN])
    hold = world.last.events[0][0].concerns[-1]
    draft = world.draft()
    timers.cancel_timer(draft, START + HOUR, "hold-expires", hold)
    assert timers.take_due(world.state, draft, START + DAY) == []


# Bugs and broken machines


@pytest.mark.parametrize("fault", [RuntimeError, MemoryError, KeyError, AssertionError])
def test_whatever_is_no_refusal_stops_the_block(monkeypatch, fault):
    def broken(*_: object) -> None:
        raise fault

    world = World()
    raw = world.envelope(PAY, by=[ANN])
    monkeypatch.setitem(HANDLERS, Transfer, broken)
    before = dict(world.state)
    with pytest.raises(fault):
        world.block(raw)
    assert world.state == before


def test_a_bug_in_a_timer_stops_the_block(monkeypatch):
    def broken(_draft: Draft, _hold: bytes) -> None:
        raise RuntimeError

    world = World()
    world.act(PlaceHold(0, CY.public, 1, START + HOUR), by=[ANN])
    monkeypatch.setattr(coin, "expire_hold", broken)
    with pytest.raises(RuntimeError):
        world.block(at=START + HOUR)


def test_a_timer_that_a_rule_refuses_is_over_and_the_others_run():
    world = World()
    hold = PlaceHold(0, CY.public, 1, START + HOUR)
    world.act(hold, hold, by=[ANN])
    lost = world.last.events[0][0].concerns[-1]
    del world.state[b"\x32" + lost]
    world.block(at=START + HOUR)
    assert [event.name for event in world.last.timer_events] == ["coin.refunded"]
    assert world.state.first(b"\x10", b"\x11", 9) == []


def test_a_damaged_state_stops_the_block():
    world = World()
    world.state[b"\x30" + ANN.public] = b"\xc1"
    with pytest.raises(NotCanonical):
        world.act(PAY, by=[ANN])
