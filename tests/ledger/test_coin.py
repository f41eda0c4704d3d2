"""Coin: whatever people send each other, none is made and none is lost."""

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from careledger.ledger.actions.coin import (
    CancelOrder,
    PlaceHold,
    PlaceOrder,
    ReleaseHold,
    ReturnHold,
    Transfer,
)
from careledger.ledger.invariants import violations
from careledger.ledger.state import Base, Draft
from careledger.ledger.workflows import coin
from careledger.primitives.encoding import decode_any
from tests.ledger.world import ANN, BOB, CY, DAY, HOUR, World


def balances(world: World) -> list[int]:
    draft = Draft(Base(world.state))
    return [coin.balance(draft, k.public) for k in (ANN, BOB, CY)]


def created(world: World) -> bytes:
    """Return the id that the last transaction's last event is about."""
    return world.last.events[0][-1].concerns[-1]


def held(world: World) -> list[int]:
    found = [world.state.get(b"\x30" + k.public) for k in (ANN, BOB, CY)]
    return [0 if raw is None else decode_any(raw, coin.Purse).held for raw in found]


def test_an_empty_purse_decides_on_its_holds():
    for action, by, ends in (
        (ReleaseHold, ANN, [0, 1_000, 1_000]),
        (ReturnHold, CY, [1_000, 1_000, 0]),
    ):
        world = World()
        until = world.now + HOUR
        assert world.act(PlaceHold(0, CY.public, 1_000, until), by=[ANN]) == "ok"
        assert balances(world) == [0, 1_000, 0]
        assert held(world) == [1_000, 0, 1_000]
        assert world.act(action(0, created(world)), by=[by]) == "ok"
        assert balances(world) == ends
        assert held(world) == [0, 0, 0]
        assert violations(world.state.items()) == []
        emptied = ANN if by is ANN else CY
        pay = Transfer(0, BOB.public, 1)
        assert world.act(pay, by=[emptied]) == "void.nobody-known"


def test_a_refunded_hold_counts_for_nobody():
    world = World()
    world.act(PlaceHold(0, CY.public, 400, world.now + HOUR), by=[ANN])
    world.block(at=world.now + HOUR)
    assert (balances(world), held(world)) == ([1_000, 1_000, 0], [0, 0, 0])


def test_a_transfer_moves_coin():
    world = World()
    assert world.act(Transfer(0, CY.public, 300), by=[ANN]) == "ok"
    assert balances(world) == [700, 1_000, 300]


def test_what_the_purse_does_not_hold_cannot_be_sent():
    world = World()
    code = world.act(Transfer(0, CY.public, 1_001), by=[ANN])
    assert code == "coin.insufficient-funds"
    assert balances(world) == [1_000, 1_000, 0]


def test_nobody_pays_himself():
    world = World()
    assert world.act(Transfer(0, ANN.public, 1), by=[ANN]) == "coin.same-purse"
    hold = PlaceHold(0, ANN.public, 1, world.now + HOUR)
    assert world.act(hold, by=[ANN]) == "coin.same-purse"
    order = PlaceOrder(0, ANN.public, 1, world.now + HOUR, DAY, 1)
    assert world.act(order, by=[ANN]) == "coin.same-purse"


def test_all_actions_of_an_envelope_or_none():
    world = World()
    code = world.act(Transfer(0, CY.public, 300), Transfer(0, CY.public, 800), by=[ANN])
    assert code == "coin.insufficient-funds"
    assert balances(world) == [1_000, 1_000, 0]


def test_a_hold_is_released_by_its_payer_only():
    world = World()
    assert world.act(PlaceHold(0, CY.public, 400, world.now + HOUR), by=[ANN]) == "ok"
    hold = created(world)
    assert balances(world) == [600, 1_000, 0]
    assert world.act(ReleaseHold(0, hold), by=[BOB]) == "coin.no-such-hold"
    assert world.act(ReleaseHold(0, bytes(32)), by=[ANN]) == "coin.no-such-hold"
    assert world.act(ReleaseHold(0, hold), by=[ANN]) == "ok"
    assert balances(world) == [600, 1_000, 400]
    assert world.act(ReleaseHold(0, hold), by=[ANN]) == "coin.no-such-hold"


def test_a_hold_is_returned_by_its_payee_only():
    world = World()
    assert world.act(PlaceHold(0, BOB.public, 400, world.now + HOUR), by=[ANN]) == "ok"
    hold = created(world)
    assert world.act(ReturnHold(0, hold), by=[ANN]) == "coin.no-such-hold"
    assert world.act(ReturnHold(0, hold), by=[BOB]) == "ok"
    assert balances(world) == [1_000, 1_000, 0]


def test_a_hold_that_nobody_settles_returns_at_its_time():
    world = World()
    until = world.now + HOUR
    world.act(PlaceHold(0, CY.public, 400, until), by=[ANN])
    world.block(at=until - 1)
    assert balances(world) == [600, 1_000, 0]
    world.block(at=until)
    assert balances(world) == [1_000, 1_000, 0]
    assert [event.name for event in world.last.timer_events] == ["coin.refunded"]


def test_a_standing_order_pays_on_time_and_says_what_it_missed():
    world = World()
    first = world.now + HOUR
    order = PlaceOrder(0, CY.public, 600, first, DAY, 3)
    assert world.act(order, by=[ANN]) == "ok"
    world.block(at=first)
    assert balances(world) == [400, 1_000, 600]
    world.block(at=first + DAY)
    assert [event.name for event in world.last.timer_events] == ["coin.payment-missed"]
    world.act(Transfer(0, ANN.public, 200), by=[BOB])
    world.block(at=first + 2 * DAY)
    assert balances(world) == [0, 800, 1_200]
    world.block(at=first + 3 * DAY)
    assert world.last.diff == {}


def test_only_the_payer_cancels_a_standing_order():
    world = World()
    first = world.now + HOUR
    world.act(PlaceOrder(0, CY.public, 600, first, DAY, 3), by=[ANN])
    order = created(world)
    assert world.act(CancelOrder(0, order), by=[BOB]) == "coin.no-such-order"
    assert world.act(CancelOrder(0, bytes(32)), by=[ANN]) == "coin.no-such-order"
    assert world.act(CancelOrder(0, order), by=[ANN]) == "ok"
    world.block(at=first)
    assert balances(world) == [1_000, 1_000, 0]


def test_dates_in_the_past_or_too_far_ahead_are_refused():
    world = World()
    for until in (world.now, world.now + 3_661 * DAY):
        code = world.act(PlaceHold(0, CY.public, 1, until), by=[ANN])
        assert code == "coin.bad-date"
    code = world.act(
        PlaceOrder(0, CY.public, 1, world.now + HOUR, 366 * DAY, 1000), by=[ANN]
    )
    assert code == "coin.bad-date"


class CoinMachine(RuleBasedStateMachine):
    """Random transfers and holds against three integers."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.model = [1_000, 1_000, 0]
        self.holds: list[tuple[int, int]] = []  # all of Ann's, for Bob

    people = st.integers(0, 2)
    amounts = st.integers(1, 1_500)

    @rule(a=people, b=people, n=amounts)
    def send(self, a, b, n):
        keys = (ANN, BOB, CY)
        code = self.world.act(Transfer(0, keys[b].public, n), by=[keys[a]])
        has_a_say = self.holds and keys[a] in (ANN, BOB)
        if not self.model[a] and not has_a_say:
            assert code == "void.nobody-known"
        elif a == b:
            assert code == "coin.same-purse"
        elif n > self.model[a]:
            assert code == "coin.insufficient-funds"
        else:
            assert code == "ok"
            self.model[a] -= n
            self.model[b] += n

    @rule(n=amounts, hours=st.integers(1, 48))
    def hold(self, n, hours):
        until = self.world.now + hours * HOUR
        code = self.world.act(PlaceHold(0, BOB.public, n, until), by=[ANN])
        if code == "ok":
            self.model[0] -= n
            self.holds.append((until, n))

    @rule(hours=st.integers(1, 24))
    def wait(self, hours):
        self.world.block(at=self.world.now + hours * HOUR)
        for one in [h for h in self.holds if h[0] <= self.world.now]:
            self.model[0] += one[1]
            self.holds.remove(one)

    @invariant()
    def coin_is_neither_made_nor_lost(self):
        draft = Draft(Base(self.world.state))
        assert balances(self.world) == self.model
        held = sum(amount for _, amount in self.holds)
        assert sum(self.model) + held == coin.supply(draft)


TestCoinModel = CoinMachine.TestCase
