"""Entries: stored before they are added, read within a scope, erased with notice."""

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
from careledger.ledger.actions.referral import FromEpoch, OnlyEntries
from careledger.ledger.refusals.records import NoSuchEntry, NothingPending
from careledger.ledger.workflows import entries, records
from careledger.ledger.workflows.entries import ERASURE_DELAY
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import Chart, Clinic, clinic, entry_id, opened
from tests.ledger.world import DAY, body, key

GONE = "void.nobody-known"


def erase(c: Clinic, chart: Chart, *names: str) -> bytes:
    """Ask for erasure; return its identifier."""
    ids = tuple(entry_id(name) for name in names)
    c.must(c.act(Erase(0, ids), by=[chart.owner]))
    return c.last.events[0][-1].concerns[-1]


def entry(c: Clinic, chart: Chart, name: str) -> entries.Entry:
    return entries.entry(c.draft(), chart.id, entry_id(name))


# Appending


def test_an_entry_is_what_was_committed_to():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.must(c.append(drew, chart, "a", "b"))
    added = c.last.receipts[0].tx_id
    assert entry(c, chart, "a") == entries.Entry(
        sha256(b"a-blob"), sha256(b"a-key"), 0, c.place(drew).seat, b"", 0, added
    )
    c.must(c.append(chart.owner, chart, "c", supersedes=entry_id("a")))
    assert entry(c, chart, "c").supersedes == entry_id("a")


def test_who_may_not_write_appends_nothing():
    c, chart = opened()
    reader = c.join(chart.owner, "reader", capabilities=("read",))
    assert c.append(reader, chart) == "records.not-permitted"
    for by in (chart.custodian, chart.witness, chart.recovery):
        assert c.append(by, chart) == GONE


def test_a_single_entry_participant_has_no_key_to_write_under():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    scope = OnlyEntries((entry_id("a"),))
    drew = c.join(chart.owner, "drew", scope=scope)
    assert not c.holds(drew)
    assert c.append(drew, chart, "b") == "records.stale-epoch"


@pytest.mark.parametrize("epoch", [0, 2, 2**53 - 1])
def test_only_the_current_epoch_takes_entries(epoch):
    c, chart = opened()
    c.must(c.rotate(chart.owner, chart))
    assert c.append(chart.owner, chart, epoch=epoch) == "records.stale-epoch"
    assert c.append(chart.owner, chart, epoch=1) == "ok"


def test_an_identifier_is_used_once():
    c, chart = opened()
    assert c.append(chart.owner, chart, "a", "a") == "records.key-not-fresh"
    c.must(c.append(chart.owner, chart, "a"))
    assert c.append(chart.owner, chart, "a") == "records.key-not-fresh"
    erase(c, chart, "a")
    c.wait(ERASURE_DELAY)
    assert c.append(chart.owner, chart, "a") == "records.key-not-fresh"


@pytest.mark.parametrize("old", [entry_id("nothing"), b"short", b"x" * 15])
def test_what_is_corrected_must_be_there(old):
    c, chart = opened()
    code = c.append(chart.owner, chart, "b", supersedes=old)
    assert code == "records.no-such-entry"


def test_nobody_corrects_what_lies_outside_its_scope():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.must(c.rotate(chart.owner, chart))
    drew = c.join(chart.owner, "drew", scope=FromEpoch(1))
    code = c.append(drew, chart, "b", supersedes=entry_id("a"))
    assert code == "records.no-such-entry"
    c.must(c.append(drew, chart, "b"))
    c.must(c.append(drew, chart, "c", supersedes=entry_id("b")))


def test_the_custodians_receipt_is_for_exactly_these_blobs():
    c, chart = opened()
    good = c.entry(chart, "a", "b")
    swapped = msgspec.structs.replace(good, entries=good.entries[::-1])
    fewer = msgspec.structs.replace(good, entries=good.entries[:1])
    zeros = msgspec.structs.replace(good, stored=bytes(64))
    for action in (swapped, fewer, zeros):
        assert c.act(action, by=[chart.owner]) == "records.not-stored"
    c.must(c.act(good, by=[chart.owner]))


def test_a_receipt_of_another_network_record_or_party():
    c = clinic()
    chart, other = c.open("one"), c.open("two")
    by_other = c.append(chart.owner, chart, custodian=other.custodian)
    assert by_other == "records.not-stored"
    assert c.append(chart.owner, chart, custodian=chart.witness) == "records.not-stored"
    blobs = [sha256(b"entry-blob")]
    elsewhere = chart.custodian.sign(entries.stored_message(bytes(32), blobs))
    assert c.append(chart.owner, chart, stored=elsewhere) == "records.not-stored"


def test_up_to_256_entries_in_one_append():
    c, chart = opened()
    names = [f"e{n}" for n in range(256)]
    c.must(c.append(chart.owner, chart, *names))
    c.must(c.read(chart.owner, *names))


# Reading


def test_who_may_read_reads_what_lies_in_its_scope():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a", "b"))
    some = c.join(chart.owner, "some", scope=OnlyEntries((entry_id("a"),)))
    every = c.join(chart.owner, "every")
    writer = c.join(chart.owner, "writer", capabilities=("write",))
    c.must(c.read(some, "a"))
    c.must(c.read(every, "a", "b"))
    for reader, names, code in (
        (some, ("b",), "records.no-such-entry"),
        (some, ("a", "b"), "records.no-such-entry"),
        (every, ("c",), "records.no-such-entry"),
        (writer, ("a",), "records.not-permitted"),
        (chart.custodian, ("a",), GONE),
    ):
        assert c.read(reader, *names) == code


def test_entries_of_another_record_are_not_there():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    c.must(c.append(one.owner, one, "a"))
    assert c.read(other.owner, "a") == "records.no-such-entry"
    code = c.invite(other.owner, "drew", scope=OnlyEntries((entry_id("a"),)))
    assert code == "referral.beyond-own-rights"


def test_reading_goes_on_while_a_rotation_is_due():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.must(c.append(drew, chart))
    robin = c.join(chart.owner, "robin")
    c.must(c.revoke(chart.owner, drew))
    assert c.stale(chart)
    c.must(c.read(robin))


# Erasing


def test_an_erasure_takes_effect_after_72_hours():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a", "b"))
    erase(c, chart, "a")
    asked = c.now
    c.block(at=asked + ERASURE_DELAY - 2)
    c.must(c.read(chart.owner, "a"))
    assert c.read(chart.owner, "a") == "records.no-such-entry"
    assert c.now == asked + ERASURE_DELAY
    assert [event.name for event in c.last.timer_events] == ["records.erased"]
    c.must(c.read(chart.owner, "b"))
    with pytest.raises(NoSuchEntry):
        entry(c, chart, "a")


def test_what_is_not_there_cannot_be_erased():
    c, chart = opened()
    code = c.act(Erase(0, (entry_id("a"),)), by=[chart.owner])
    assert code == "records.no-such-entry"


def test_two_requests_for_one_entry_erase_it_once():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    erase(c, chart, "a")
    first = c.now
    erase(c, chart, "a", "a")
    c.block(at=first + ERASURE_DELAY)
    raw = dict(c.state)
    c.wait(DAY)
    erased = [k for k in raw if k[:1] == b"\x5a"]
    assert erased
    assert all(c.state[k] == raw[k] for k in erased)


def test_a_request_is_taken_back_before_it_takes_effect():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    erasure = erase(c, chart, "a")
    c.must(c.act(CancelErase(0, erasure), by=[chart.owner]))
    cancelled = c.act(CancelErase(0, erasure), by=[chart.owner])
    assert cancelled == "records.nothing-pending"
    c.wait(ERASURE_DELAY)
    assert c.last.timer_events == []
    c.must(c.read(chart.owner, "a"))
    late = erase(c, chart, "a")
    c.wait(ERASURE_DELAY)
    assert c.act(CancelErase(0, late), by=[chart.owner]) == "records.nothing-pending"


def test_nobody_takes_back_the_erasure_of_another_record():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    erasure = erase(c, one)
    for by in (other.owner,):
        code = c.act(CancelErase(0, erasure), by=[by])
        assert code == "records.nothing-pending"
    drew = c.join(one.owner, "drew")
    assert c.act(CancelErase(0, erasure), by=[drew]) == "records.not-permitted"


def test_the_whole_record_goes_and_its_bodies_with_it():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    erase(c, chart)
    erase(c, chart)
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
    erasure = erase(c, chart)
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
    erasure = erase(c, one)
    c.wait(ERASURE_DELAY)
    answer = Erased(0, erasure)
    assert c.act(answer, by=[other.custodian]) == "records.nothing-pending"
    for by in (one.owner, one.witness, key("stranger")):
        assert c.act(answer, by=[by]) == GONE
    unknown = Erased(0, bytes(32))
    assert c.act(unknown, by=[one.custodian]) == "records.nothing-pending"


def test_an_owner_who_is_no_custodian_answers_nothing_even_in_company():
    c, chart = opened()
    erasure = erase(c, chart)
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
    erasure = erase(c, chart)
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
    erase(c, chart)
    c.wait(DAY)
    recover(c, chart)
    asked = c.now
    c.block(at=asked + 3 * DAY)
    c.block(at=asked + 6 * DAY - 1)
    assert c.record(chart).status == "open"
    c.block(at=asked + 6 * DAY)
    assert c.record(chart).status == "erased"
