"""Emergencies: two people, a plan, a day, and somebody who looks at it afterwards."""

import msgspec
import pytest

from careledger.ledger.actions.emergency import Review, SetPlan
from careledger.ledger.actions.records import CannotOpen, Declare, Rewrap
from careledger.ledger.actions.referral import Renew, ReplaceHandle, Revoke
from careledger.ledger.refusals.emergency import NoSuchAccess
from careledger.ledger.workflows import emergency, records
from careledger.ledger.workflows.emergency import ACCESS, REVIEW
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import Chart, Clinic, clinic, opened, tag_of
from tests.ledger.offices import AUDITOR, HOSPITAL
from tests.ledger.world import HOUR, body, key

GONE = "void.nobody-known"
YAN, ZOE = key("yan"), key("zoe")


def planned() -> tuple[Clinic, Chart]:
    """Return a clinic with a record that has a plan and one entry."""
    c, chart = opened()
    c.must(c.append(chart.owner, chart))
    c.plan(chart)
    return c, chart


def broken() -> tuple[Clinic, Chart, bytes]:
    """Return the same, just opened in an emergency, and the access's identifier."""
    c, chart = planned()
    c.must(c.break_glass(chart, "yan", "zoe"))
    return c, chart, c.last.events[0][-1].concerns[1]


def status(c: Clinic, access: bytes) -> str:
    return emergency.access(c.draft(), access).status


def review(c: Clinic, access: bytes, verdict: str, by=AUDITOR) -> str:
    return c.act(Review(0, access, verdict), by=[by])  # type: ignore[arg-type]


# The plan


def test_a_plan_is_three_different_agents_with_a_share_each():
    c, chart = opened()
    agents = tuple(key(f"agent-{n}").public for n in range(3))
    shares = tuple(sha256(agent) for agent in agents)
    for a, s in (
        (agents[:2], shares[:2]),
        (agents[:2] * 2, shares[:2]),
        ((agents[0], *agents[:2]), shares),
        (agents, shares[:2]),
        ((), shares),
        (agents, ()),
    ):
        code = c.act(SetPlan(0, a[:3], s), by=[chart.owner])
        assert code == "emergency.bad-plan"
    c.must(c.act(SetPlan(0, agents, shares), by=[chart.owner]))
    assert emergency.agents(c.draft(), chart.id) == agents
    assert c.record(chart).shares == 3
    changed = (*agents[1:], key("agent-3").public)
    c.must(c.act(SetPlan(0, changed, shares), by=[chart.owner]))
    c.must(c.act(SetPlan(0, (), ()), by=[chart.owner]))
    assert emergency.agents(c.draft(), chart.id) == ()
    assert c.record(chart).shares == 0


def test_agents_keys_are_fresh():
    c, chart = opened()
    shares = (bytes(32),) * 3
    taken = (chart.witness.public, key("a").public, key("b").public)
    assert c.act(SetPlan(0, taken, shares), by=[chart.owner]) == "records.key-not-fresh"


# Breaking the glass


def test_two_people_read_for_a_day_and_the_owner_is_told():
    c, chart, _ = broken()
    event = c.last.events[0][-1]
    assert event.name == "emergency.glass-broken"
    assert (event.concerns[0], *event.concerns[2:]) == (
        chart.id,
        YAN.public,
        ZOE.public,
    )
    began = c.now
    for one in (YAN, ZOE):
        seat = c.seat(one)
        assert (seat.role, seat.capabilities, seat.depth) == ("emergency", ("read",), 0)
        assert seat.until == began + ACCESS
        c.must(c.read(one))
    c.block(at=began + ACCESS - 2)
    c.must(c.read(YAN))
    assert c.read(YAN) == GONE
    assert c.now == began + ACCESS


def test_without_a_plan_nobody_breaks_in():
    c, chart = opened()
    assert c.break_glass(chart, "yan", "zoe") == "emergency.no-plan"
    nothing = c.breaking(chart, "yan", "zoe", record=bytes(32))
    assert c.act(nothing, by=[YAN, ZOE]) == "emergency.no-plan"


def test_one_person_with_two_handles_is_one_person():
    c, chart = planned()
    assert c.break_glass(chart, "zoe", "zoe-2") == "emergency.not-two-people"


def test_one_handle_twice_is_one_person():
    c, chart = planned()
    action = msgspec.structs.replace(c.breaking(chart, "zoe", "zoe"), second=0)
    assert c.act(action, by=[ZOE]) == "emergency.not-two-people"


def test_both_are_vouched_for_by_one_registrar():
    c, chart = planned()
    other = c.endorse(ZOE, "emergency", registrar="college", tag=tag_of("zoe"))
    code = c.break_glass(chart, "yan", "zoe", second_endorsed=other)
    assert code == "emergency.not-two-people"


@pytest.mark.parametrize(
    "fields",
    [
        {"tag": b""},
        {"until": 1},
        {"issuer": key("forger")},
        {"role": "practitioner"},
        {"handle": YAN.public},
        {"epoch": 7},
        {"registrar": "college", "issuer": key("issuer-registrar")},
        {"chain_id": bytes(32)},
    ],
)
def test_without_two_good_endorsements_nobody_is_known(fields):
    c, chart = planned()
    word = c.endorse(ZOE, "emergency", **({"tag": tag_of("zoe")} | fields))
    for name in ("first_endorsed", "second_endorsed"):
        order = ("yan", "zoe") if name == "second_endorsed" else ("zoe", "yan")
        code = c.break_glass(chart, *order, **{name: word})
        assert code == GONE


def test_a_bad_endorsement_is_refused_even_in_company():
    c, chart = planned()
    word = c.endorse(ZOE, "emergency", tag=b"")
    action = c.breaking(chart, "yan", "zoe", second_endorsed=word)
    judge = Review(2, bytes(32), "justified")
    assert c.act(action, judge, by=[YAN, ZOE, AUDITOR]) == "void.several-records"


def test_used_handles_break_no_glass_again():
    c, chart, _ = broken()
    assert c.break_glass(chart, "yan", "zoe") == "records.key-not-fresh"
    c.must(c.break_glass(chart, "yan-2", "zoe-2"))


# What an emergency seat may not do


def test_an_emergency_seat_reads_and_has_no_say():
    c, chart, _ = broken()
    drew = c.join(chart.owner, "drew")
    assert c.invite(YAN, "friend") == "records.not-permitted"
    assert c.append(YAN, chart, "b") == "records.not-permitted"
    assert c.rotate(YAN, chart) == "records.not-permitted"
    assert c.act(Rewrap(0, drew.public, bytes(32)), by=[YAN]) == "records.not-permitted"
    assert c.act(CannotOpen(0, bytes(32)), by=[YAN]) == "records.not-permitted"
    for other in (chart.owner, drew, ZOE):
        assert c.revoke(YAN, other) == "records.not-permitted"
    c.must(c.act(Declare(0), by=[YAN], bodies=(b"why we came",)))
    c.must(c.revoke(YAN, YAN))


def test_an_emergency_seat_does_not_move_to_somebody_else():
    c, _, _ = broken()
    friend = c.endorse(key("friend"), "emergency", tag=tag_of("zoe"))
    action = ReplaceHandle(0, 1, body(b"s"), friend, bytes(32))
    assert c.act(action, by=[YAN, key("friend")]) == "records.not-permitted"


def test_an_emergency_seat_gets_the_new_key_while_it_lasts_and_then_no_more():
    c, chart, _ = broken()
    c.must(c.rotate(chart.owner, chart))
    assert c.holds(YAN)
    c.must(c.append(chart.owner, chart, "b"))
    c.wait(ACCESS)
    assert c.append(chart.owner, chart, "c") == "records.stale-epoch"
    c.must(c.rotate(chart.owner, chart))
    assert not c.holds(YAN)
    assert c.record(chart).present == (0,)


def test_the_owner_ends_an_emergency_access_at_once():
    c, chart, _ = broken()
    c.must(c.revoke(chart.owner, YAN))
    assert c.read(YAN) == GONE
    c.must(c.read(ZOE))


def test_an_emergency_seat_whose_endorsement_lapses_is_renewed_by_the_same_person():
    c, chart = planned()
    short = c.endorse(ZOE, "emergency", tag=tag_of("zoe"), until=c.now + HOUR)
    c.must(c.break_glass(chart, "yan", "zoe", second_endorsed=short))
    c.wait(HOUR)
    assert c.read(ZOE) == "records.not-permitted"
    c.must(c.act(Renew(0, c.endorse(ZOE, "emergency", tag=tag_of("zoe"))), by=[ZOE]))
    c.must(c.read(ZOE))


# The review


def test_a_justified_access_bars_nobody():
    c, chart, access = broken()
    c.must(review(c, access, "justified"))
    assert status(c, access) == "justified"
    c.wait(REVIEW)
    assert c.last.timer_events == []
    c.must(c.break_glass(chart, "yan-2", "zoe-2"))


@pytest.mark.parametrize("who", ["yan-2", "zoe-2"])
def test_an_access_that_was_not_justified_bars_both(who):
    c, chart, access = broken()
    c.must(review(c, access, "not-justified"))
    assert c.break_glass(chart, who, "will") == "emergency.not-two-people"
    assert c.break_glass(chart, "will", who) == "emergency.not-two-people"
    c.must(c.break_glass(chart, "will", "vera"))


def test_an_access_nobody_reviews_in_72_hours_bars_both():
    c, chart, access = broken()
    began = c.now
    c.block(at=began + REVIEW - 2)
    assert status(c, access) == "waiting"
    c.must(c.break_glass(chart, "yan-2", "zoe-2"))
    c.wait(1)
    assert status(c, access) == "overdue"
    assert [event.name for event in c.last.timer_events] == ["emergency.review-overdue"]
    assert c.break_glass(chart, "yan-3", "will") == "emergency.not-two-people"


def test_a_late_review_lifts_the_bar_only_if_the_access_was_justified():
    for verdict, code in (
        ("justified", "ok"),
        ("not-justified", "emergency.not-two-people"),
    ):
        c, chart, access = broken()
        c.wait(REVIEW)
        c.must(review(c, access, verdict))
        assert status(c, access) == verdict
        assert c.break_glass(chart, "yan-2", "zoe-2") == code
        assert review(c, access, "justified") == "emergency.no-such-access"


def test_one_justified_access_does_not_lift_the_bar_of_another():
    c, chart, bad = broken()
    c.must(c.break_glass(chart, "yan-2", "zoe-2"))
    good = c.last.events[0][-1].concerns[1]
    c.must(review(c, bad, "not-justified"))
    c.wait(REVIEW)
    assert status(c, good) == "overdue"
    c.must(review(c, good, "justified"))
    assert c.break_glass(chart, "yan-3", "zoe-3") == "emergency.not-two-people"


def test_only_an_auditor_reviews_and_each_access_once():
    c, chart, access = broken()
    assert review(c, access, "justified", HOSPITAL) == "registry.not-your-office"
    assert review(c, access, "justified", chart.owner) == GONE
    assert review(c, bytes(32), "justified") == "emergency.no-such-access"
    c.must(review(c, access, "justified"))
    assert review(c, access, "not-justified") == "emergency.no-such-access"
    with pytest.raises(NoSuchAccess):
        emergency.access(c.draft(), bytes(32))


# Its place in the record's history


def test_access_and_review_are_in_the_records_history_once_each():
    c, chart = planned()
    before = records.history(c.draft(), chart.id)
    c.must(c.break_glass(chart, "yan", "zoe"))
    opened_by, access = c.last.receipts[0].tx_id, c.last.events[0][-1].concerns[1]
    c.must(review(c, access, "justified"))
    expected = before.after(opened_by).after(c.last.receipts[0].tx_id)
    assert records.history(c.draft(), chart.id) == expected


def test_breaking_the_glass_stands_alone_in_its_envelope():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    for chart in (one, other):
        c.plan(chart)
        c.must(c.append(chart.owner, chart, f"{chart.name}-entry"))
    breaking = c.breaking(one, "yan", "zoe")
    mixed = Declare(2)
    for owner in (one.owner, other.owner):
        code = c.act(breaking, mixed, by=[YAN, ZOE, owner])
        assert code == "void.several-records"
    second = msgspec.structs.replace(
        c.breaking(other, "will", "vera"), first=2, second=3
    )
    by = [YAN, ZOE, key("will"), key("vera")]
    assert c.act(breaking, second, by=by) == "void.several-records"
    leave = Revoke(0, YAN.public)
    c.must(c.act(breaking, leave, by=[YAN, ZOE]))
