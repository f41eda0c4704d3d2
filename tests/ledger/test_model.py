"""The ledger against a model in dictionaries: the same verdicts, the same state.

Hypothesis plays all workflows against each other; after each step the model's
purses, members and statuses are those of the ledger, and no invariant is broken.
"""

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.coin import (
    CancelOrder,
    PlaceHold,
    PlaceOrder,
    ReleaseHold,
    ReturnHold,
    Transfer,
)
from careledger.ledger.actions.governance import (
    AdmitOrganisation,
    Application,
    MintCoin,
    SetStatus,
)
from careledger.ledger.actions.registry import (
    CancelKeyChange,
    ChangeKey,
    RegisterMember,
    SetMemberStatus,
)
from careledger.ledger.invariants import violations
from careledger.ledger.workflows import coin, governance, registry
from tests.ledger.model import OK, Model, Plan
from tests.ledger.town import CARD
from tests.ledger.world import DAY, GOVERNORS, HOUR, World, application, genesis, key

PURSES = ("ann", "bob", "cy")
OFFICES = ("alpha", "beta", "gamma", "hospital")
KEYS = tuple(f"key-{i}" for i in range(4))
STATUSES = ("active", "suspended", "expelled")

purses, offices, keys = map(st.sampled_from, (PURSES, OFFICES, KEYS))
employers = st.sampled_from(("hospital", "hospital", "alpha"))
amounts = st.integers(1, 1_500)
votes = st.sampled_from((1, 2, 2, 2, 3))


class LedgerMachine(RuleBasedStateMachine):
    """Each rule asks model and ledger for a verdict and compares."""

    def __init__(self) -> None:
        super().__init__()
        hospital = application("hospital", "hospital")
        self.world = World(genesis(organisations=(hospital,)))
        self.model = Model({"ann": 1_000, "bob": 1_000}, 2_000)
        self.model.organisations["hospital"] = ("active", "hospital", "hospital")
        self.ids = {"hospital": governance.organisation_id(hospital)}

    def act(self, action: AnyAction, *by: str) -> tuple[str, bytes]:
        """Submit an action; return its code and what its last event is about."""
        code = self.world.act(action, by=[key(name) for name in by])
        events = self.world.last.events
        done = code == OK and bool(events[0][-1].concerns)
        return code, events[0][-1].concerns[-1] if done else b""

    def tick(self) -> int:
        """Let the model do what the next block does at its start."""
        self.model.tick(self.world.now + 1)
        return self.world.now + 1

    def govern(self, count: int, action: AnyAction) -> str:
        return self.world.act(action, by=GOVERNORS[:count])

    # Coin

    @rule(a=purses, b=purses, n=amounts)
    def transfer(self, a, b, n):
        self.tick()
        code, _ = self.act(Transfer(0, key(b).public, n), a)
        assert code == self.model.transfer(a, b, n)

    @rule(a=purses, b=purses, n=amounts, hours=st.integers(1, 48))
    def hold(self, a, b, n, hours):
        until = self.tick() + hours * HOUR
        code, hold = self.act(PlaceHold(0, key(b).public, n, until), a)
        assert code == self.model.hold(a, b, n)
        if code == OK:
            self.model.plans[hold] = Plan(until, "hold", a, b, n)

    @rule(
        data=st.data(),
        signer=purses,
        way=st.sampled_from(((ReleaseHold, "payer"), (ReturnHold, "payee"))),
    )
    def settle(self, data, signer, way):
        self.tick()
        plan = data.draw(st.sampled_from([bytes(32), *sorted(self.model.plans)]))
        code, _ = self.act(way[0](0, plan), signer)
        assert code == self.model.settle(plan, signer, way[1])

    @rule(
        a=purses, b=purses, n=amounts, hours=st.integers(1, 48), left=st.integers(1, 3)
    )
    def order(self, a, b, n, hours, left):
        first = self.tick() + hours * HOUR
        action = PlaceOrder(0, key(b).public, n, first, DAY, left)
        code, order = self.act(action, a)
        assert code == self.model.order(a, b)
        if code == OK:
            self.model.plans[order] = Plan(first, "order", a, b, n, left)

    @rule(data=st.data(), signer=purses)
    def cancel_order(self, data, signer):
        self.tick()
        plan = data.draw(st.sampled_from([bytes(32), *sorted(self.model.plans)]))
        code, _ = self.act(CancelOrder(0, plan), signer)
        assert code == self.model.cancel_order(plan, signer)

    # Governance

    @rule(count=votes, purse=purses, n=amounts)
    def mint(self, count, purse, n):
        self.tick()
        action = MintCoin(tuple(range(count)), key(purse).public, n)
        assert self.govern(count, action) == self.model.mint(count, purse, n)

    @rule(
        count=votes,
        name=offices,
        kind=st.sampled_from(("hospital", "insurer", "research")),
        group=st.sampled_from(("g", "h")),
    )
    def admit(self, count, name, kind, group):
        self.tick()
        fields = {"chain": self.world.chain, "entity": name.encode()}
        filled_in = application(name, kind, group=group.encode(), **fields)
        action = signed(filled_in, name, tuple(range(count)))
        code = self.govern(count, action)
        assert code == self.model.admit(count, name, kind, group)
        if code == OK:
            self.ids[name] = governance.organisation_id(filled_in)

    @rule(count=votes, name=offices, status=st.sampled_from(STATUSES))
    def set_status(self, count, name, status):
        self.tick()
        found = self.ids.get(name, bytes(32))
        action = SetStatus(tuple(range(count)), found, status)
        code = self.govern(count, action)
        assert code == self.model.set_status(count, name, status)

    # Registry

    @rule(office=employers, name=keys)
    def register(self, office, name):
        self.tick()
        code, _ = self.act(RegisterMember(0, 1, "staff", CARD), office, name)
        assert code == self.model.register(office, name)

    @rule(
        office=employers,
        member=keys,
        status=st.sampled_from(("active", "suspended", "left")),
    )
    def set_member(self, office, member, status):
        self.tick()
        action = SetMemberStatus(0, key(member).public, status)
        code, _ = self.act(action, office)
        assert code == self.model.set_member(office, member, status)

    @rule(old=keys, new=keys)
    def change_key(self, old, new):
        if old == new:
            return
        due = self.tick() + DAY
        code, member = self.act(ChangeKey(0, 1), old, new)
        assert code == self.model.change_key(old, new, member, due)

    @rule(name=keys)
    def cancel_change(self, name):
        self.tick()
        code, _ = self.act(CancelKeyChange(0), name)
        assert code == self.model.cancel_change(name)

    # Time

    @rule(hours=st.integers(1, 60))
    def wait(self, hours):
        now = self.world.now + hours * HOUR
        self.model.tick(now)
        self.world.block(at=now)

    # What must always hold

    @invariant()
    def nothing_is_violated(self):
        assert violations(self.world.state.items()) == []

    @invariant()
    def coin_is_where_the_model_says(self):
        draft = self.world.draft()
        for name in PURSES:
            assert coin.balance(draft, key(name).public) == self.model.purses.get(
                name, 0
            )
        assert coin.supply(draft) == self.model.supply

    @invariant()
    def people_are_what_the_model_says(self):
        draft = self.world.draft()
        for name, (status, *_) in self.model.organisations.items():
            assert governance.organisation(draft, self.ids[name]).status == status
        for name, (office, status, acts) in self.model.members.items():
            found = registry.member(draft, key(name).public)
            assert (found.status, found.key) == (status, key(acts).public)
            assert found.organisation == self.ids[office]


def signed(
    filled_in: Application, name: str, indexes: tuple[int, ...]
) -> AdmitOrganisation:
    message = governance.application_message(filled_in)
    return AdmitOrganisation(indexes, filled_in, key(name).sign(message))


def test_the_ledger_does_what_the_model_does():
    limits = settings(max_examples=60, stateful_step_count=40)
    run_state_machine_as_test(LedgerMachine, settings=limits)


@pytest.mark.large
def test_the_ledger_does_what_the_model_does_at_length():
    limits = settings(max_examples=1_000, stateful_step_count=80)
    run_state_machine_as_test(LedgerMachine, settings=limits)
