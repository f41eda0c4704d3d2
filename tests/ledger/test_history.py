"""History: nothing that a record's own handles did can be left out unseen."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from careledger.ledger.actions.records import Declare
from careledger.ledger.history import History, NotComplete, check_complete
from careledger.ledger.workflows import records
from careledger.primitives.hashing import marked_hash, sha256
from tests.ledger.clinic import Chart, Clinic, clinic, opened
from tests.ledger.world import key

IDS = [sha256(bytes([n])) for n in range(6)]
FEW = settings(max_examples=50)


def leads_to(events) -> History:
    history = History()
    for one in events:
        history = history.after(one)
    return history


def of(c: Clinic, chart: Chart) -> History:
    return records.history(c.draft(), chart.id)


def test_the_running_hash_is_marked_and_chained():
    first = marked_hash(b"careledger/history/v1", bytes(32), IDS[0])
    second = marked_hash(b"careledger/history/v1", first, IDS[1])
    assert leads_to(IDS[:2]) == History(2, second)


@FEW
@given(
    events=st.lists(st.sampled_from(IDS), max_size=6),
    shown=st.lists(st.sampled_from(IDS), max_size=6),
)
def test_only_exactly_these_events_lead_to_the_leaf(events, shown):
    if shown == events:
        check_complete(shown, leads_to(events))
    else:
        with pytest.raises(NotComplete):
            check_complete(shown, leads_to(events))


@pytest.mark.parametrize(
    "shown",
    [
        IDS[1:4],
        IDS[:3],
        IDS[:5],
        [*IDS[:2], IDS[3]],
        [IDS[1], IDS[0], *IDS[2:4]],
        [*IDS[:4], IDS[3]],
        [],
    ],
    ids=["first", "last", "added", "middle", "swapped", "twice", "all"],
)
def test_a_missing_swapped_added_or_cut_event_is_found(shown):
    check_complete(IDS[:4], leads_to(IDS[:4]))
    with pytest.raises(NotComplete):
        check_complete(shown, leads_to(IDS[:4]))


def test_every_transaction_of_its_own_handles_counts_refused_ones_too():
    c, chart = opened()
    seen = [c.last.receipts[0].tx_id]

    def done(code: str, expected: str = "ok") -> None:
        assert code == expected
        seen.append(c.last.receipts[0].tx_id)

    done(c.invite(chart.owner, "drew", depth=1))
    done(c.accept("drew"))
    drew = key("drew")
    done(c.append(drew, chart))
    done(c.append(drew, chart), "records.key-not-fresh")
    done(c.read(drew, "nothing"), "records.no-such-entry")
    done(c.revoke(drew, chart.owner), "records.not-permitted")
    done(c.act(Declare(0), Declare(1), by=[drew, chart.owner]))
    done(c.revoke(chart.owner, drew))
    check_complete(seen, of(c, chart))
    assert of(c, chart).counter == len(seen)


def test_what_others_try_is_not_in_it():
    c = clinic()
    chart, other = c.open("one"), c.open("two")
    before = of(c, chart)
    assert c.revoke(other.owner, chart.owner) == "records.not-permitted"
    assert c.break_glass(chart, "yan", "zoe") == "emergency.no-plan"
    assert c.act(Declare(0), by=[key("nobody")]) == "void.nobody-known"
    assert of(c, chart) == before
    assert of(c, other).counter == 2


def test_several_events_of_one_block_are_in_their_order_of_execution():
    c, chart = opened()
    before = of(c, chart)
    receipts = c.block(*(c.envelope(Declare(0), by=[chart.owner]) for _ in range(5)))
    history = before
    for receipt in receipts:
        history = history.after(receipt.tx_id)
    assert of(c, chart) == history
    first = c.last.receipts[0].tx_id
    assert of(c, chart) != before.after(first)


def test_void_envelopes_leave_nothing_in_it():
    c = clinic()
    chart, other = c.open("one"), c.open("two")
    before = of(c, chart)
    both = c.act(Declare(0), Declare(1), by=[chart.owner, other.owner])
    assert both == "void.several-records"
    assert of(c, chart) == before
