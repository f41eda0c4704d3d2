"""Entries: stored before they are added, read within a scope, erased with notice."""

import msgspec
import pytest

from careledger.ledger.actions.referral import FromEpoch, OnlyEntries
from careledger.ledger.workflows import entries
from careledger.ledger.workflows.entries import ERASURE_DELAY
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import clinic, entry_id, opened

GONE = "void.nobody-known"


# Appending


def test_an_entry_is_what_was_committed_to():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.must(c.append(drew, chart, "a", "b"))
    added = c.last.receipts[0].tx_id
    assert c.stored(chart, "a") == entries.Entry(
        sha256(b"a-blob"), sha256(b"a-key"), 0, c.place(drew).seat, b"", 0, added
    )
    c.must(c.append(chart.owner, chart, "c", supersedes=entry_id("a")))
    assert c.stored(chart, "c").supersedes == entry_id("a")


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
    c.erase(chart, "a")
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
