"""Whatever participants do, and in whatever order: ledger and model agree.

Several transactions go into one block, where the ledger alone decides the order.
The model follows that order, predicts every verdict, and afterwards every handle
that ever was must have exactly the rights the model gives it.
"""

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from careledger.ledger.actions.records import Rewrap
from careledger.ledger.actions.referral import (
    AllEpochs,
    FromEpoch,
    Invite,
    OnlyEntries,
    Renew,
    ReplaceHandle,
    Revoke,
)
from careledger.ledger.actions.registry import WithdrawRecognition
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.invariants import violations
from careledger.ledger.workflows import entries, records
from careledger.primitives.hashing import sha256
from tests.ledger.authorisation import Model, Person
from tests.ledger.clinic import UNTIL, entry_id, invitation, opened, twin
from tests.ledger.offices import REGISTRAR
from tests.ledger.world import DAY, HOUR, body, key

CAPABILITIES = ("read", "refer", "write")
SUBSETS = [
    tuple(one for n, one in enumerate(CAPABILITIES) if bits >> n & 1)
    for bits in (7, 7, 7, 3, 1, 5, 0)
]
LAPSES = st.sampled_from([30 * DAY, 30 * DAY, 30 * DAY, DAY, HOUR, 1])
WHO = st.integers(0, 255)

INTENT = st.one_of(
    st.tuples(
        st.just("invite"),
        WHO,
        st.sampled_from(SUBSETS),
        st.sampled_from(["all", "all", "now", "first", "only"]),
        st.sampled_from([UNTIL, UNTIL, UNTIL, 0, DAY]),
        st.integers(0, 4),
    ),
    *[st.tuples(st.just("accept"), WHO, LAPSES)] * 4,
    *[st.tuples(st.just("revoke"), WHO, WHO)] * 2,
    st.tuples(st.just("take back"), WHO, WHO),
    st.tuples(st.just("withdraw"), WHO),
    st.tuples(st.just("renew"), WHO, LAPSES),
    st.tuples(st.just("move"), WHO, LAPSES),
    *[st.tuples(st.just("rotate"), WHO)] * 2,
    st.tuples(st.just("rewrap"), WHO, WHO),
    st.tuples(st.just("append"), WHO),
)

_START = []


def start():
    if not _START:
        _START.append(opened())
    c, chart = _START[0]
    return twin(c), chart


class Authorisation(RuleBasedStateMachine):
    """One record, many hands."""

    def __init__(self) -> None:
        super().__init__()
        self.c, self.chart = start()
        self.model = Model(self.c.now)
        self.fresh = 0
        self.offered = ["nobody"]
        for who in (0, 1, 2, 0):  # a chain of three and one more
            self.together([("invite", who, CAPABILITIES, "all", UNTIL, 3 - who)])
            self.together([("accept", 0, 30 * DAY)])

    # Names

    def new_name(self, kind: str) -> str:
        self.fresh += 1
        return f"{kind}-{self.fresh}"

    def handle(self, number: int) -> str:
        """Return some handle, mostly one that may act."""
        names = list(self.model.seat_of)
        active = [name for name in names if self.model.may(name)]
        pool = active * 4 + names
        return pool[number % len(pool)]

    def offer(self, number: int) -> str:
        """Return the name of some offer, mostly one that waits."""
        pool = list(self.model.offers) * 4 + self.offered
        return pool[number % len(pool)]

    # Intents: an envelope, and what the model is to make of it

    def plan(self, intent) -> tuple[bytes, Callable[[], str]]:
        kind, *rest = intent
        return getattr(self, "plan_" + kind.replace(" ", "_"))(*rest)

    def plan_invite(self, who, capabilities, scope, until, depth):
        by, name = self.handle(who), self.new_name("offer")
        until = self.c.now + DAY if until == DAY else until
        some = tuple(self.model.entries)[:2] or ("nothing",)
        epoch = self.model.epoch
        model_scope, real_scope = {
            "all": (("all",), AllEpochs()),
            "now": (("from", epoch), FromEpoch(epoch)),
            "first": (("from", 0), FromEpoch(0)),
            "only": (("only", some), OnlyEntries(tuple(map(entry_id, some)))),
        }[scope]
        self.offered.append(name)
        real = self.c.offer(
            capabilities=capabilities, scope=real_scope, until=until, depth=depth
        )
        person = Person("", capabilities, model_scope, until, depth)
        return (
            self.c.envelope(Invite(0, invitation(name).public, real), by=[key(by)]),
            lambda: self.model.invite(by, name, person),
        )

    def plan_accept(self, which, lapses):
        name, handle = self.offer(which), self.new_name("handle")
        until = self.c.now + lapses
        word = self.c.endorse(key(handle), "practitioner", until=until)
        action = self.c.acceptance(handle, endorsed=word)
        by = [invitation(name), key(handle)]
        return (
            self.c.envelope(action, by=by),
            lambda: self.model.accept(name, handle, until),
        )

    def plan_revoke(self, who, whom):
        by, handle = self.handle(who), self.handle(whom)
        action = Revoke(0, key(handle).public)
        return (
            self.c.envelope(action, by=[key(by)]),
            lambda: self.model.revoke(by, handle),
        )

    def plan_take_back(self, who, which):
        by, name = self.handle(who), self.offer(which)
        action = Revoke(0, invitation(name).public)
        return (
            self.c.envelope(action, by=[key(by)]),
            lambda: self.model.take_back(by, name),
        )

    def word_of(self, handle: str) -> str:
        return self.model.people[self.model.seat_of[handle]].word

    def plan_withdraw(self, who):
        word = self.word_of(self.handle(who)) or "nobody"
        commitment = sha256(b"card of " + key(word).public)
        return (
            self.c.envelope(WithdrawRecognition(0, commitment), by=[REGISTRAR]),
            lambda: self.model.withdraw(word),
        )

    def plan_renew(self, who, lapses):
        handle = self.handle(who)
        word = self.word_of(handle)
        until = self.c.now + lapses
        commitment = sha256(b"card of " + key(word or handle).public)
        endorsed = self.c.endorse(
            key(handle), "practitioner", until=until, commitment=commitment
        )
        return (
            self.c.envelope(Renew(0, endorsed), by=[key(handle)]),
            lambda: self.model.renew(handle, word, until),
        )

    def plan_move(self, who, lapses):
        old, new = self.handle(who), self.new_name("moved")
        until = self.c.now + lapses
        endorsed = self.c.endorse(key(new), "practitioner", until=until)
        action = ReplaceHandle(0, 1, body(b"s"), endorsed, sha256(b"w"))
        return (
            self.c.envelope(action, by=[key(old), key(new)]),
            lambda: self.model.move(old, new, until),
        )

    def plan_rotate(self, who):
        by = self.handle(who)
        action = self.c.rotation(self.chart)
        return (
            self.c.envelope(action, by=[key(by)]),
            lambda: self.model.rotate(by, action.epoch, action.recipients),
        )

    def plan_rewrap(self, who, whom):
        by, to = self.handle(who), self.handle(whom)
        action = Rewrap(0, key(to).public, sha256(b"wrap"))
        return (
            self.c.envelope(action, by=[key(by)]),
            lambda: self.model.rewrap(by, to),
        )

    def plan_append(self, who):
        by, name = self.handle(who), self.new_name("entry")
        action = self.c.entry(self.chart, name)
        return (
            self.c.envelope(action, by=[key(by)]),
            lambda: self.model.append(by, name, action.epoch),
        )

    # Steps

    @rule(intents=st.lists(INTENT, min_size=1, max_size=4))
    def a_block(self, intents):
        self.together(intents)

    def together(self, intents) -> None:
        """Put the intents into one block and compare every verdict."""
        plans = [self.plan(intent) for intent in intents]
        predictions = {open_envelope(raw).tx_id: guess for raw, guess in plans}
        previous = self.c.root
        self.c.block(*(raw for raw, _ in plans))
        self.model.now = self.c.now
        said = {receipt.tx_id: receipt.code for receipt in self.c.last.receipts}
        said |= dict(self.c.last.voids)
        for tx_id in sorted(predictions, key=lambda one: sha256(previous + one)):
            assert verdict(said[tx_id]) == predictions[tx_id](), said[tx_id]

    @rule(millis=st.sampled_from([1, HOUR, DAY, 15 * DAY, 29 * DAY]))
    def time_passes(self, millis):
        self.c.wait(millis)
        self.model.now = self.c.now

    @invariant()
    def everybody_has_exactly_the_rights_of_the_model(self):
        for handle in self.model.seat_of:
            for one in CAPABILITIES:
                wanted = self.model.may(handle, one)
                assert self.c.may(key(handle), one) == wanted, (handle, one)
            assert self.c.may(key(handle)) == self.model.may(handle)

    @invariant()
    def everybody_reads_exactly_the_entries_of_the_model(self):
        draft = self.c.draft()
        for person in self.model.people:
            seat = self.c.seat(key(person.handle))
            for name in self.model.entries:
                has = entries.may_have(draft, self.chart.id, seat.scope, entry_id(name))
                assert has == self.model.covers(person.scope, name)

    @invariant()
    def the_current_key_is_where_the_model_says(self):
        found = self.c.record(self.chart)
        assert found.epoch == self.model.epoch
        assert set(found.wrapped) == self.model.holders
        assert list(found.wrapped) == sorted(found.wrapped)
        assert self.c.stale(self.chart) == self.model.stale()
        full = records.full_holders(self.c.draft(), self.chart.id, self.c.now)
        assert list(full) == self.model.full()

    @invariant()
    def no_single_entry_participant_holds_a_key(self):
        for number in self.model.holders:
            assert self.model.people[number].scope[0] != "only"

    def teardown(self) -> None:
        assert violations(self.c.state.items()) == []


def verdict(code: str) -> str:
    if code == "ok":
        return "ok"
    return "void" if code.startswith("void.") else "refused"


def run(examples: int, steps: int, *phases: Phase) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=(Phase.reuse, Phase.generate, *phases),
    )
    run_state_machine_as_test(Authorisation, settings=chosen)


def test_ledger_and_model_agree():
    run(25, 25)  # a failure is shown as it was found, at once


@pytest.mark.large
def test_ledger_and_model_agree_at_length():
    run(400, 60, Phase.shrink)
