"""The index under a record's id holds its history: all of it, and nothing else."""

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.emergency import Review
from careledger.ledger.actions.records import Declare
from careledger.ledger.history import check_complete
from careledger.ledger.workflows import records
from tests.ledger.clinic import Chart, Clinic, opened
from tests.ledger.offices import AUDITOR
from tests.ledger.world import ANN, BOB, key


def found(c: Clinic, chart: Chart) -> list[bytes]:
    """Return what the last block's index has under a record."""
    pairs = zip(c.last.receipts, c.last.parties, strict=True)
    return [receipt.tx_id for receipt, parties in pairs if chart.id in parties]


def test_what_a_record_refuses_is_found_under_the_record():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    assert c.revoke(drew, chart.owner) == "records.not-permitted"
    assert found(c, chart) == [c.last.receipts[0].tx_id]
    assert c.accept("kim") == "void.nobody-known"
    assert c.read(drew, "nothing") == "records.no-such-entry"
    assert found(c, chart) == [c.last.receipts[0].tx_id]


def test_what_a_stranger_tries_is_not():
    c, chart = opened()
    gone = c.join(chart.owner, "gone")
    c.must(c.revoke(chart.owner, gone))
    pay = Transfer(1, BOB.public, 1)
    assert c.act(Declare(0), pay, by=[gone, ANN]) == "records.not-permitted"
    assert found(c, chart) == []
    assert c.break_glass(chart, "yan", "zoe") == "emergency.no-plan"
    assert found(c, chart) == []


def test_the_index_is_the_history():
    c, chart = opened()
    seen = found(c, chart)

    def step(code: str, expected: str = "ok") -> None:
        assert code == expected
        seen.extend(found(c, chart))

    step(c.invite(chart.owner, "drew", depth=1))
    step(c.accept("drew", "proxy"), "referral.wrong-endorsement")
    step(c.accept("drew"))
    drew = key("drew")
    step(c.append(drew, chart))
    step(c.append(drew, chart), "records.key-not-fresh")
    c.plan(chart)
    seen.extend(found(c, chart))
    step(c.break_glass(chart, "yan", "zoe"))
    access = c.last.events[0][-1].concerns[1]
    step(c.act(Review(0, access, "justified"), by=[AUDITOR]))
    step(
        c.act(Review(0, access, "justified"), by=[AUDITOR]), "emergency.no-such-access"
    )
    step(c.rotate(chart.owner, chart))
    step(c.revoke(chart.owner, drew))
    check_complete(seen, records.history(c.draft(), chart.id))
