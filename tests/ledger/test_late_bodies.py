"""Bodies that an erasure reaches, and those that come too late for it."""

from careledger.ledger.actions.emergency import Review
from careledger.ledger.actions.records import Append, Declare, Erase, Erased, Retained
from careledger.ledger.bodies import manifest_of, share_out
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.workflows import records
from careledger.ledger.workflows.entries import ERASURE_DELAY
from tests.ledger.clinic import entry_id, opened
from tests.ledger.offices import AUDITOR
from tests.ledger.world import DAY

BODY = (b"sealed",)


def test_the_manifest_of_an_erased_entry_goes_with_it():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a", "b"))
    append = c.last.receipts[0].tx_id
    c.must(c.append(chart.owner, chart, "c"))
    other = c.last.receipts[0].tx_id
    c.must(c.act(Erase(0, (entry_id("a"),)), by=[chart.owner]))
    c.wait(ERASURE_DELAY)
    assert records.ERASED_BODIES.get(c.draft(), append) == c.now
    assert records.ERASED_BODIES.get(c.draft(), other) == 0


def test_a_manifest_is_what_belongs_to_an_append():
    c, chart = opened()
    added = c.entry(chart, "a")
    bodies = (b"statement", b"page 1", b"page 2")
    raw = c.envelope(Declare(0), added, by=[chart.owner], bodies=bodies)
    content = open_envelope(raw).content
    assert isinstance(content.actions[1], Append)
    assert manifest_of(content) == share_out(content)[1] == content.body_hashes[1:]


def test_what_comes_to_an_erased_record_is_not_stored():
    c, chart = opened()
    c.plan(chart)
    c.must(c.break_glass(chart, "yan", "zoe"))
    access = c.last.events[0][-1].concerns[1]
    c.must(c.act(Declare(0), by=[chart.owner], bodies=BODY))
    assert [data for _, data in c.last.bodies[0]] == list(BODY)
    c.must(c.act(Erase(0, ()), by=[chart.owner]))
    erasure = c.last.events[0][-1].concerns[-1]
    c.wait(ERASURE_DELAY)
    retained = Retained(0, erasure, "litigation", c.now + DAY)
    for action, by in (
        (retained, chart.custodian),
        (Erased(0, erasure), chart.custodian),
        (Review(0, access, "justified"), AUDITOR),
    ):
        c.must(c.act(action, by=[by], bodies=BODY))
        assert c.last.bodies == [()]


def test_what_a_refused_one_brought_is_not_stored():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    refused = Erase(0, ())
    assert c.act(refused, by=[drew], bodies=BODY) == "records.not-permitted"
    assert c.last.bodies == [()]
