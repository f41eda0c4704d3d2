"""What an invitation leaves behind that nobody took up in time."""

import pytest

from careledger.ledger import timers
from careledger.ledger.actions.records import Erase
from careledger.ledger.actions.referral import FromEpoch, OnlyEntries
from careledger.ledger.invariants import violations
from careledger.ledger.refusals.referral import NoSuchInvitation
from careledger.ledger.workflows import referral
from careledger.ledger.workflows.referral import LAPSE
from tests.ledger.clinic import entry_id, invitation, opened
from tests.ledger.world import DAY, key

TIMERS = b"\x10"


def waits(c) -> int:
    """Return how many timers are set."""
    return sum(each[:1] == TIMERS for each in c.state)


@pytest.mark.parametrize("scope", [None, FromEpoch(0)])
def test_a_lapsed_invitation_that_brought_the_key_makes_the_record_stale(scope):
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew", **({"scope": scope} if scope else {})))
    c.wait(LAPSE - 1)
    assert not c.stale(chart)
    c.wait(1)
    assert c.stale(chart)
    assert c.append(chart.owner, chart) == "records.stale-epoch"
    assert [one.name for one in c.last.timer_events] == []
    c.must(c.rotate(chart.owner, chart))
    c.must(c.append(chart.owner, chart))
    assert violations(c.state.items()) == []


@pytest.mark.parametrize("end", ["taken", "withdrawn", "old key", "single entry"])
def test_others_do_not(end):
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    only = {"scope": OnlyEntries((entry_id("a"),))} if end == "single entry" else {}
    c.must(c.invite(chart.owner, "drew", **only))
    if end == "taken":
        c.must(c.accept("drew"))
        c.must(c.revoke(key("drew"), key("drew")))
    if end == "withdrawn":
        c.must(c.revoke(chart.owner, invitation("drew")))
    if end != "single entry":
        c.must(c.rotate(chart.owner, chart))
    assert waits(c) == (end in ("old key", "single entry"))
    c.wait(LAPSE)
    assert not c.stale(chart)
    assert waits(c) == 0
    assert violations(c.state.items()) == []


def test_an_erased_record_is_not_marked():
    c, chart = opened()
    c.must(c.act(Erase(0, ()), by=[chart.owner]))
    c.must(c.invite(chart.owner, "drew"))
    c.wait(3 * DAY)
    c.wait(LAPSE)
    assert (c.record(chart).status, c.record(chart).stale) == ("erased", False)
    assert violations(c.state.items()) == []


def test_a_timer_without_its_invitation_harms_nobody():
    c, _ = opened()
    draft = c.draft()
    with pytest.raises(NoSuchInvitation):
        referral.lapse(draft, bytes(32))
    assert not draft.writes


def test_an_invitation_named_like_a_hold_leaves_its_timer_alone():
    """Whoever invites chooses the invitation's key: any 32 bytes, a hold's id too."""
    c, _ = opened()
    draft, hold = c.draft(), key("a hold's id").public
    timers.set_timer(draft, c.now, "hold-expires", hold)
    before = dict(draft.writes)
    timers.set_timer(draft, c.now, "invitation-lapses", hold)
    timers.cancel_timer(draft, c.now, "invitation-lapses", hold)
    assert {at: draft.writes[at] for at in before} == before
