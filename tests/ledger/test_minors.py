"""Proxies of minors: the witness invites them, the owner has a week."""

import msgspec
import pytest

from careledger.ledger.actions.records import SetPolicy
from careledger.ledger.actions.referral import Approve, InviteForMinor
from tests.ledger.clinic import invitation, opened
from tests.ledger.referrals import GONE, witness_invites
from tests.ledger.world import DAY, key


@pytest.mark.parametrize(
    "offer",
    [
        {"role": "agent"},
        {"until": 0},
        {"until": 1},
        {"capabilities": ("write", "read")},
    ],
)
def test_the_witness_invites_proxies_with_an_end_date_and_nobody_else(offer):
    c, chart = opened()
    assert witness_invites(c, chart, **offer) == "referral.beyond-own-rights"


def test_a_minors_proxy_enters_after_a_week():
    c, chart = opened(policy="deny")
    c.must(witness_invites(c, chart))
    made = c.now
    assert c.accept("parent", "proxy") == "referral.policy-forbids"
    c.block(at=made + 7 * DAY - 2)
    assert c.accept("parent", "proxy") == "referral.policy-forbids"
    c.must(c.accept("parent", "proxy"))
    assert c.now == made + 7 * DAY
    assert c.may(key("parent"), "read")
    assert not c.holds(key("parent")), "the witness has no key to give"
    c.must(c.rotate(chart.owner, chart))
    assert c.holds(key("parent"))


def test_the_owner_may_let_a_minors_proxy_in_at_once_or_not_at_all():
    c, chart = opened()
    c.must(witness_invites(c, chart))
    c.must(c.act(Approve(0, invitation("parent").public), by=[chart.owner]))
    c.must(c.accept("parent", "proxy"))
    c, chart = opened()
    c.must(witness_invites(c, chart))
    c.must(c.revoke(chart.owner, invitation("parent")))
    assert not c.stale(chart)
    c.wait(7 * DAY)
    assert c.accept("parent", "proxy") == GONE


def test_nobody_else_invites_for_a_minor():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    offer = c.offer(role="proxy")
    action = InviteForMinor(0, invitation("parent").public, offer)
    for by in (chart.owner, chart.custodian, chart.recovery, drew):
        assert c.act(action, by=[by]) == GONE
    move = SetPolicy(0, "deny", 0)
    second = msgspec.structs.replace(action, witness=1)
    code = c.act(move, second, by=[chart.owner, drew])
    assert code == "records.not-permitted"
