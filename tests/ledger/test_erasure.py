"""Erasure: asked for by the owner, in effect after three days, answered by custodians."""

import msgspec
import pytest

from careledger.ledger import timers
from careledger.ledger.actions.records import (
    CancelErase,
    Erase,
    Erased,
    Recover,
    Retained,
)
from careledger.ledger.refusals.records import NoSuchEntry, NothingPending
from careledger.ledger.workflows import entries, records
from careledger.ledger.workflows.entries import ERASURE_DELAY
from tests.ledger.clinic import Chart, Clinic, clinic, entry_id, opened
from tests.ledger.world import DAY, body, key

GONE = "void.nobody-known"


# Erasing


def test_an_erasure_takes_effect_after_72_hours():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a", "b"))
    c.erase(chart, "a")
    asked = c.now
    c.block(at=asked + ERASURE_DELAY - 2)
    c.must(c.read(chart.owner, "a"))
    assert c.read(chart.owner, "a") == "records.no-such-entry"
    assert c.now == asked + ERASURE_DELAY
    assert [event.name for event in c.last.timer_events] == ["records.erased"]
    c.must(c.read(chart.owner, "b"))
    with pytest.raises(NoSuchEntry):
        c.stored(chart, "a")


def test_what_is_not_there_cannot_be_erased():
    c, chart = opened()
    code = c.act(Erase(0, (entry_id("a"),)), by=[chart.owner])
    assert code == "records.no-such-entry"


def test_two_requests_for_one_entry_erase_it_once():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.erase(chart, "a")
    first = c.now
    c.erase(chart, "a", "a")
    c.block(at=first + ERASURE_DELAY)
    raw = dict(c.state)
    c.wait(DAY)
    erased = [k for k in raw if k[:1] == b"\x5a"]
    assert erased
    assert all(c.state[k] == raw[k] for k in erased)


def test_a_request_is_taken_back_before_it_takes_effect():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    erasure = c.erase(chart, "a")
    c.must(c.act(CancelErase(0, erasure), by=[chart.owner]))
    cancelled = c.act(CancelErase(0, erasure), by=[chart.owner])
    assert cancelled == "records.nothing-pending"
    c.wait(ERASURE_DELAY)
    assert c.last.timer_events == []
    c.must(c.read(chart.owner, "a"))
    late = c.erase(chart, "a")
    c.wait(ERASURE_DELAY)
    assert c.act(CancelErase(0, late), by=[chart.owner]) == "records.nothing-pending"


def test_nobody_takes_back_the_erasure_of_another_record():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    erasure = c.erase(one)
    for by in (other.owner,):
        code = c.act(CancelErase(0, erasure), by=[by])
        assert code == "records.nothing-pending"
    drew = c.join(one.owner, "drew")
    assert c.act(CancelErase(0, erasure), by=[drew]) == "records.not-permitted"


def test_the_whole_record_goes_and_its_bodies_with_it():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.erase(chart)
    c.erase(chart)
    c.wait(ERASURE_DELAY - 1)
    erased_at = c.now
    c.wait(DAY)
    assert records.ERASED_BODIES.get(c.draft(), chart.id) == erased_at


def test_a_timer_without_its_erasure_harms_nobody():
    c, _ = opened()
    draft = c.draft()
    with pytest.raises(NothingPending):
        entries.erase_now(draft, bytes(32), c.now)
    timers.set_timer(draft, c.now, "erasure-due", bytes(32))
    c.state.update({k: msgspec.msgpack.encode(v) for k, v in draft.writes.items()})
    c.wait(1)
    assert c.last.timer_events == []


def test_custodians_answer_an_erasure_once_it_is_in_effect():
    c, chart = opened()
    erasure = c.erase(chart)
    answer = Erased(0, erasure)
    keep = Retained(0, erasure, "medical-law", c.now + 900 * DAY)
    for action in (answer, keep):
        code = c.act(action, by=[chart.custodian])
        assert code == "records.nothing-pending"
    c.wait(ERASURE_DELAY)
    c.must(c.act(keep, by=[chart.custodian]))
    later = msgspec.structs.replace(keep, until=c.now + 1_000 * DAY)
    c.must(c.act(later, by=[chart.custodian]))
    past = msgspec.structs.replace(keep, until=c.now + 1)
    assert c.act(past, by=[chart.custodian]) == "records.not-permitted"
    c.must(c.act(answer, by=[chart.custodian]))
    assert c.act(answer, by=[chart.custodian]) == "records.nothing-pending"
    assert c.act(later, by=[chart.custodian]) == "records.nothing-pending"


def test_only_the_records_custodians_answer():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    erasure = c.erase(one)
    c.wait(ERASURE_DELAY)
    answer = Erased(0, erasure)
    assert c.act(answer, by=[other.custodian]) == "records.nothing-pending"
    for by in (one.owner, one.witness, key("stranger")):
        assert c.act(answer, by=[by]) == GONE
    unknown = Erased(0, bytes(32))
    assert c.act(unknown, by=[one.custodian]) == "records.nothing-pending"


def test_an_owner_who_is_no_custodian_answers_nothing_even_in_company():
    c, chart = opened()
    erasure = c.erase(chart)
    c.wait(ERASURE_DELAY)
    both = Erased(0, erasure), Recover(1, 2, body(b"x"))
    code = c.act(*both, by=[chart.owner, chart.recovery, key("new")])
    assert code == "records.not-permitted"


# Erasing and recovering


def recover(c: Clinic, chart: Chart, name: str = "new-owner") -> None:
    action = Recover(0, 1, body(name.encode()))
    c.must(c.act(action, by=[chart.recovery, key(name)]))


@pytest.mark.parametrize("gap", [-DAY, 1, DAY])
def test_a_thief_cannot_erase_what_is_being_recovered(gap):
    """The thief asks for erasure a day before, just after, and a day after."""
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    if gap > 0:
        recover(c, chart)
        c.wait(gap)
    erasure = c.erase(chart)
    if gap < 0:
        c.wait(-gap)
        recover(c, chart)
    c.wait(3 * DAY)
    moved = c.now if c.record(chart).recovered else 0
    c.wait(ERASURE_DELAY - DAY)
    assert c.record(chart).status == "open", moved
    new_owner = key("new-owner")
    c.must(c.act(CancelErase(0, erasure), by=[new_owner]))
    c.wait(30 * DAY)
    assert c.record(chart).status == "open"
    c.must(c.read(new_owner, "a"))


def test_an_erasure_that_the_new_owner_leaves_takes_effect():
    c, chart = opened()
    c.erase(chart)
    c.wait(DAY)
    recover(c, chart)
    asked = c.now
    c.block(at=asked + 3 * DAY)
    c.block(at=asked + 6 * DAY - 1)
    assert c.record(chart).status == "open"
    c.block(at=asked + 6 * DAY)
    assert c.record(chart).status == "erased"
