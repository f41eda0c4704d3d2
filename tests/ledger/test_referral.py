"""Referral: nobody passes on more than it has, nor more than the owner allows."""

import pytest

from careledger.ledger.actions.referral import (
    AllEpochs,
    Approve,
    FromEpoch,
    Invite,
    OnlyEntries,
)
from careledger.ledger.workflows import seats
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import ALL, UNTIL, clinic, entry_id, invitation, opened
from tests.ledger.referrals import set_policy

# Both authorised assets


def test_after_accept_both_authorised_assets_list_each_other():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    draft = c.draft()
    assert seats.joined(draft, chart.owner.public, drew.public) == c.now
    assert seats.joined(draft, drew.public, chart.owner.public) == c.now
    mine = c.seat(drew)
    assert (mine.role, mine.capabilities, mine.scope) == (
        "practitioner",
        ALL,
        AllEpochs(),
    )
    assert (mine.until, mine.depth, mine.inviter) == (UNTIL, 0, seats.OWNER)
    assert c.last.events[0][-1].concerns == (
        chart.id,
        chart.owner.public,
        drew.public,
    )


def test_after_a_referral_a_lists_b_and_b_lists_a_and_the_owner_lists_b():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=1)
    robin = c.join(drew, "robin")
    draft = c.draft()
    for one, other in ((drew, robin), (chart.owner, robin), (chart.owner, drew)):
        assert seats.joined(draft, one.public, other.public)
        assert seats.joined(draft, other.public, one.public)
    sam = c.join(chart.owner, "sam")
    assert not seats.joined(c.draft(), drew.public, sam.public)
    assert c.seat(robin).inviter == c.place(drew).seat


# Attenuation


@pytest.mark.parametrize(
    ("own", "offer"),
    [
        ({"capabilities": ("read",)}, {"capabilities": ("read", "write")}),
        ({}, {"capabilities": ("write", "read")}),
        ({}, {"capabilities": ("read", "read")}),
        ({"depth": 2}, {"depth": 2}),
        ({"depth": 0}, {"depth": 0}),
        ({"until": UNTIL}, {"until": UNTIL + 1}),
        ({"until": UNTIL}, {"until": 0}),
        ({"until": 0}, {"until": 0}),
        ({"until": UNTIL}, {"until": 1}),
        ({"until": 0}, {"until": 1}),
        ({"scope": OnlyEntries((entry_id("a"),))}, {"scope": AllEpochs()}),
        ({"scope": OnlyEntries((entry_id("a"),))}, {"scope": FromEpoch(1)}),
        (
            {"scope": OnlyEntries((entry_id("a"),))},
            {"scope": OnlyEntries((entry_id("a"), entry_id("b")))},
        ),
        ({"scope": FromEpoch(1)}, {"scope": AllEpochs()}),
        ({"scope": FromEpoch(1)}, {"scope": FromEpoch(0)}),
        ({"scope": FromEpoch(1)}, {"scope": OnlyEntries((entry_id("a"),))}),
        ({}, {"scope": FromEpoch(2)}),
        ({}, {"scope": OnlyEntries((entry_id("nothing"),))}),
        ({}, {"role": "agent"}),
        ({}, {"role": "insurer"}),
        ({}, {"role": "proxy"}),
    ],
)
def test_nobody_offers_more_than_it_has(own, offer):
    """Entry `a` is of epoch 0, `b` of epoch 1, which is the current one."""
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.must(c.rotate(chart.owner, chart))
    c.must(c.append(chart.owner, chart, "b"))
    own = {"capabilities": ("read", "refer", "write"), "depth": 2} | own
    if "refer" not in own["capabilities"]:
        own["capabilities"] = (*own["capabilities"], "refer")
    drew = c.join(chart.owner, "drew", **own)
    until = own.get("until", UNTIL) or UNTIL
    least = {
        "capabilities": ("read",),
        "scope": OnlyEntries((entry_id("b"),)),
        "until": until,
    }
    if "a" in str(own.get("scope", "")) and isinstance(own["scope"], OnlyEntries):
        least["scope"] = own["scope"]
    if own["depth"]:
        c.must(c.invite(drew, "least", **least))
    code = c.invite(drew, "robin", **(least | offer))
    assert code == "referral.beyond-own-rights"


@pytest.mark.parametrize(
    "offer",
    [
        {"scope": FromEpoch(1)},
        {"scope": OnlyEntries((entry_id("b"),))},
    ],
)
def test_a_from_now_on_holder_passes_on_what_came_since(offer):
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.must(c.rotate(chart.owner, chart))
    c.must(c.append(chart.owner, chart, "b"))
    drew = c.join(chart.owner, "drew", scope=FromEpoch(1), depth=1)
    assert c.read(drew, "b") == "ok"
    assert c.read(drew, "a") == "records.no-such-entry"
    robin = c.join(drew, "robin", **offer)
    assert c.read(robin, "b") == "ok"
    assert c.read(robin, "a") == "records.no-such-entry"


def test_the_owner_offers_anything_and_without_end():
    c, chart = opened()
    for role in ("agent", "insurer", "practitioner", "proxy"):
        c.must(c.invite(chart.owner, role, role=role, until=0, depth=4))
        c.must(c.accept(role, role))
    past = c.invite(chart.owner, "late", until=c.now)
    assert past == "referral.beyond-own-rights"


def test_without_the_capability_nobody_refers():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", capabilities=("read", "write"), depth=4)
    assert c.invite(drew, "robin") == "records.not-permitted"


def test_a_chain_ends_at_depth_zero():
    c, chart = opened()
    last = chart.owner
    for depth in (4, 3, 2, 1, 0):
        last = c.join(last, f"link-{depth}", depth=depth)
    assert c.invite(last, "beyond") == "referral.beyond-own-rights"
    assert c.may(last, "read")


def test_an_invitation_key_is_fresh():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    assert c.invite(chart.owner, "drew") == "records.key-not-fresh"
    owner = Invite(0, chart.owner.public, c.offer())
    assert c.act(owner, by=[chart.owner]) == "records.key-not-fresh"


# Policy


def test_deny_means_no_referral_by_anybody_but_the_owner():
    c, chart = opened(policy="deny")
    drew = c.join(chart.owner, "drew", depth=1)
    assert c.invite(drew, "robin") == "referral.policy-forbids"


def test_the_policys_depth_bounds_everybody_but_the_owner():
    c, chart = opened(depth=1)
    drew = c.join(chart.owner, "drew", depth=4)
    assert c.invite(drew, "robin", depth=1) == "referral.policy-forbids"
    robin = c.join(drew, "robin", depth=0)
    assert c.invite(robin, "sam") == "referral.beyond-own-rights"
    set_policy(c, chart, "allow", 0)
    assert c.invite(drew, "sam") == "referral.policy-forbids"


def test_ask_means_that_the_owner_approves_first():
    c, chart = opened(policy="ask")
    drew = c.join(chart.owner, "drew", depth=1)
    c.must(c.invite(drew, "robin"))
    assert c.accept("robin") == "referral.policy-forbids"
    approve = Approve(0, invitation("robin").public)
    assert c.act(approve, by=[drew]) == "records.not-permitted"
    c.must(c.act(approve, by=[chart.owner]))
    assert c.act(approve, by=[chart.owner]) == "referral.no-such-invitation"
    c.must(c.accept("robin"))
    assert c.act(approve, by=[chart.owner]) == "referral.no-such-invitation"


def test_the_policy_of_the_day_of_acceptance_counts():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=2)
    for name in ("robin", "sam"):
        c.must(c.invite(drew, name, depth=1))
    set_policy(c, chart, "ask")
    assert c.accept("robin") == "referral.policy-forbids"
    c.must(c.act(Approve(0, invitation("robin").public), by=[chart.owner]))
    set_policy(c, chart, "deny")
    assert c.accept("robin") == "referral.policy-forbids"
    set_policy(c, chart, "ask", 1)
    assert c.accept("robin") == "referral.policy-forbids"
    set_policy(c, chart, "ask")
    c.must(c.accept("robin"))
    set_policy(c, chart, "allow")
    c.must(c.accept("sam"))


def test_an_owner_approves_in_its_own_record_only():
    c = clinic()
    one, other = c.open("one", policy="ask"), c.open("other", policy="ask")
    drew = c.join(one.owner, "drew", depth=1)
    c.must(c.invite(drew, "robin"))
    approve = Approve(0, invitation("robin").public)
    assert c.act(approve, by=[other.owner]) == "referral.no-such-invitation"
    unknown = Approve(0, sha256(b"nothing"))
    assert c.act(unknown, by=[other.owner]) == "referral.no-such-invitation"


def test_the_owners_own_invitations_need_no_approval():
    c, chart = opened(policy="ask")
    c.must(c.invite(chart.owner, "drew"))
    approve = Approve(0, invitation("drew").public)
    assert c.act(approve, by=[chart.owner]) == "referral.no-such-invitation"
    c.must(c.accept("drew"))
