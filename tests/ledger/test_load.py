"""No envelope that is let in takes long."""

import time

import pytest

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.records import Rewrap
from careledger.ledger.actions.tokens import IssueTokens
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import MAX_LOAD, open_envelope
from careledger.ledger.execute import execute_block
from careledger.ledger.refusals.base import TooMuchWork
from careledger.ledger.workflows.presence import KEPT_FREE, MOST_SEATS
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import Chart, Clinic, clinic
from tests.ledger.offices import PAT, REGISTRAR
from tests.ledger.world import key

LONG = 0.100
"""Seconds: a hundred times what a slow machine takes for one action."""


@pytest.fixture(scope="module")
def full() -> tuple[Clinic, Chart]:
    """A record with as many participants as it may have, all holding its key."""
    c = clinic()
    chart = c.open()
    for n in range(MOST_SEATS - KEPT_FREE - 1):
        c.join(chart.owner, f"p{n}")
    return c, chart


def envelope(c: Clinic, chart: Chart, actions: list[AnyAction]) -> bytes:
    return c.envelope(*actions, by=[chart.owner])


def test_so_many_heavy_actions_and_no_more(full):
    c, chart = full
    for heavy in (c.entry(chart), c.rotation(chart)):
        open_envelope(envelope(c, chart, [heavy] * MAX_LOAD))
        with pytest.raises(TooMuchWork):
            open_envelope(envelope(c, chart, [heavy] * (MAX_LOAD + 1)))
    with pytest.raises(TooMuchWork):
        open_envelope(
            envelope(c, chart, [c.entry(chart)] * MAX_LOAD + [c.rotation(chart)])
        )
    issue = c.issue(1, start=99)
    most = MAX_LOAD // IssueTokens.load
    by = [REGISTRAR, PAT]
    assert open_envelope(c.envelope(*[issue] * most, by=by))
    with pytest.raises(TooMuchWork):
        open_envelope(c.envelope(*[issue] * (most + 1), by=by))


def test_the_heaviest_envelopes_are_quick(full):
    c, chart = full
    epoch = c.record(chart).epoch
    for actions in (
        [c.entry(chart, f"e{n}") for n in range(MAX_LOAD)],
        [c.rotation(chart, epoch=epoch + 1 + n) for n in range(MAX_LOAD)],
        [Rewrap(0, key(f"p{n}").public, sha256(b"w")) for n in range(59)],
    ):
        tx = open_envelope(envelope(c, chart, actions))
        header = Header(c.height + 1, c.now + 1, c.root)
        start = time.thread_time()
        result = execute_block(c.state, header, [tx])
        assert time.thread_time() - start < LONG
        assert [one.code for one in result.receipts] == ["ok"]
