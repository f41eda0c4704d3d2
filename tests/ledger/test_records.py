"""Records: who opens, what the owner sets, and that two records share nothing."""

import msgspec
import pytest

from careledger.ledger.actions import records as r
from careledger.ledger.actions import referral as f
from careledger.ledger.actions.emergency import Review, SetPlan
from careledger.ledger.actions.records import (
    Declare,
    Erase,
    Erased,
    Recover,
    SetCustodians,
    SetPolicy,
)
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.workflows import records, seats
from careledger.ledger.workflows.custodians import MOST_LISTED
from careledger.ledger.workflows.records import NOTICE
from tests.ledger.clinic import Chart, Clinic, clinic, entry_id, invitation, opened
from tests.ledger.offices import AUDITOR
from tests.ledger.world import DAY, body, key

GONE = "void.nobody-known"


# Opening


def test_a_new_record_has_its_owner_and_nobody_else():
    c, chart = opened(policy="ask", depth=1)
    found = c.record(chart)
    assert (found.status, found.stale, found.epoch) == ("open", False, 0)
    assert (found.wrapped, found.present, found.seats) == ((0,), (0,), 1)
    assert (found.policy, found.depth, found.shares) == ("ask", 1, 0)
    assert found.custodians == (records.Custodian(chart.custodian.public, 0),)
    assert found.recovery == chart.recovery.public
    owner = c.seat(chart.owner)
    assert (owner.role, owner.until, owner.inviter) == ("owner", 0, seats.OWNER)
    assert c.may(chart.owner, "read", "refer", "write")
    kinds = {
        chart.owner: "seat",
        chart.custodian: "custodian",
        chart.witness: "witness",
        chart.recovery: "recovery",
    }
    for one, kind in kinds.items():
        assert c.place(one) == seats.Place(chart.id, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["witness", "recovery"])
def test_every_key_of_a_new_record_is_fresh(field):
    c = clinic()
    c.open("one")
    for taken in ("one-owner", "one-custodian", "one-witness", "one-recovery"):
        action = c.opening("two", **{field: key(taken).public})
        code = c.act(action, by=[key("two-owner"), key("two-custodian")])
        assert code == "records.key-not-fresh"
    c.open("two")  # the token was not spent by the refusals


def test_within_one_record_every_key_has_one_use():
    c = clinic()
    owner, custodian = key("chart-owner"), key("chart-custodian")
    for fields in (
        {"witness": owner.public},
        {"recovery": custodian.public},
        {"witness": key("chart-recovery").public},
        {"custodians": (1, 1)},
        {"custodians": (0, 1)},
    ):
        code = c.act(c.opening("chart", **fields), by=[owner, custodian])
        assert code == "records.key-not-fresh"


def test_up_to_four_custodians_sign_the_opening():
    c = clinic()
    custodians = [key(f"custodian-{n}") for n in range(4)]
    action = c.opening("chart", custodians=(1, 2, 3, 4))
    c.must(c.act(action, by=[key("chart-owner"), *custodians]))
    for one in custodians:
        assert c.place(one).kind == "custodian"


# What the owner sets


def test_only_the_owner_sets_policy_custodians_and_plan():
    c, chart = opened()
    proxy = c.join(chart.owner, "carer", role="proxy", depth=4)
    for action in (
        SetPolicy(0, "deny", 0),
        SetCustodians(0, (), (chart.custodian.public,)),
        SetPlan(0, (), ()),
        Erase(0, ()),
    ):
        assert c.act(action, by=[proxy]) == "records.not-permitted"
        assert c.act(action, by=[chart.custodian]) == GONE
        c.must(c.act(action, by=[chart.owner]))


def test_every_active_participant_may_declare():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", capabilities=())
    statement = b"sealed"
    c.must(c.act(Declare(0), by=[drew], bodies=(statement,)))
    assert c.last.bodies[0][0][1] == statement
    c.must(c.revoke(chart.owner, drew))
    assert c.act(Declare(0), by=[drew]) == GONE


def serves(c: Clinic, chart: Chart, name: str) -> bool:
    return records.serves(c.draft(), chart.id, key(name).public, c.now)


def test_a_leaving_custodian_serves_30_days_more():
    c, chart = opened()
    c.must(c.set_custodians(chart, ["second"], []))
    left = c.now
    assert serves(c, chart, "second")
    assert c.append(chart.owner, chart, "a", custodian=chart.custodian) == "ok"
    c.block(at=left + NOTICE - 2)
    assert c.append(chart.owner, chart, "b", custodian=chart.custodian) == "ok"
    assert c.append(chart.owner, chart, "c", custodian=chart.custodian) == (
        "records.not-stored"
    )
    assert c.now == left + NOTICE
    assert c.append(chart.owner, chart, "c", custodian=key("second")) == "ok"


def test_a_custodian_who_left_has_no_say_any_more():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.must(c.set_custodians(chart, ["second"], []))
    c.must(c.act(Erase(0, (entry_id("a"),)), by=[chart.owner]))
    erasure = c.last.events[0][-1].concerns[-1]
    c.wait(3 * DAY)
    c.must(c.act(Erased(0, erasure), by=[key("second")]))
    c.wait(27 * DAY)
    answer = Erased(0, erasure)
    assert c.act(answer, by=[chart.custodian]) == GONE
    # With a known signer the envelope comes in, and the rule itself says no.
    recover = Recover(1, 2, body(b"x"))
    by = [chart.custodian, chart.recovery, key("new")]
    assert c.act(answer, recover, by=by) == "records.not-permitted"
    c.must(c.act(msgspec.structs.replace(recover, recovery=0, owner=1), by=by[1:]))


@pytest.mark.parametrize(
    ("joining", "staying"),
    [
        ([], []),
        ([], ["stranger"]),
        ([], ["chart-custodian", "chart-custodian"]),
        (["a", "b", "c", "d"], ["chart-custodian"]),
        (["a"], ["chart-owner"]),
    ],
)
def test_custodians_are_one_to_four(joining, staying):
    c, chart = opened()
    code = c.set_custodians(chart, joining, staying)
    assert code == "records.bad-custodians"


def test_a_joining_custodian_is_fresh():
    c, chart = opened()
    for name in ("chart-witness", "chart-custodian"):
        assert c.set_custodians(chart, [name], []) == "records.key-not-fresh"
    c.must(c.set_custodians(chart, ["second"], []))
    on_notice = c.set_custodians(chart, [], ["chart-custodian", "second"])
    assert on_notice == "records.bad-custodians"


def test_a_records_leaf_stays_small_however_often_custodians_change():
    c, chart = opened()
    staying = ["chart-custodian"]
    for number in range(MOST_LISTED - 1):
        c.must(c.set_custodians(chart, [f"k{number}"], []))
        staying = [f"k{number}"]
    assert c.set_custodians(chart, ["more"], []) == "records.bad-custodians"
    c.must(c.set_custodians(chart, [], staying))
    assert len(c.record(chart).custodians) == MOST_LISTED
    c.wait(NOTICE)
    c.must(c.set_custodians(chart, ["more"], []))
    assert len(c.record(chart).custodians) == 2


# Absence


def test_a_record_that_is_not_there_and_one_that_is_erased_look_alike():
    c, chart = opened()
    c.must(c.act(Erase(0, ()), by=[chart.owner]))
    c.wait(3 * DAY)
    for record_id in (chart.id, bytes(32)):
        with pytest.raises(NotPermitted):
            records.record(c.draft(), record_id)
    with pytest.raises(NotPermitted):
        records.even_erased(c.draft(), bytes(32))
    with pytest.raises(NotPermitted):
        seats.seat(c.draft(), chart.id, 99)


# Erasure leaves nothing to act on


def test_nothing_can_be_done_with_an_erased_record():
    c, chart = opened(policy="ask")
    drew = c.join(chart.owner, "drew", depth=1)
    c.must(c.append(drew, chart))
    c.must(c.invite(drew, "robin"))
    c.must(c.invite(chart.owner, "sam"))
    c.plan(chart)
    c.must(c.break_glass(chart, "yan", "zoe"))
    access = c.last.events[0][-1].concerns[1]
    c.must(c.act(Erase(0, ()), by=[chart.owner]))
    c.must(c.act(Erase(0, ()), by=[chart.owner]))
    again = c.last.events[0][-1].concerns[-1]
    c.wait(3 * DAY - 5)
    assert c.record(chart).status == "open"
    c.wait(5)
    assert c.record(chart).status == "erased"
    for code in everything(c, chart, drew, again):
        assert code in ("records.not-permitted", "emergency.no-plan"), code
    c.must(c.act(Review(0, access, "justified"), by=[AUDITOR]))
    c.must(c.act(Erased(0, again), by=[chart.custodian]))


def everything(c, chart, drew, erasure):
    owner, fresh = chart.owner, key("fresh")
    offer = c.offer(role="proxy")
    yield c.act(SetPolicy(0, "deny", 0), by=[owner])
    yield c.act(Declare(0), by=[drew])
    yield c.set_custodians(chart, ["next"], [])
    yield c.append(drew, chart, "late")
    yield c.read(drew)
    yield c.act(Erase(0, ()), by=[owner])
    yield c.act(r.CancelErase(0, erasure), by=[owner])
    yield c.act(r.Rotate(0, 1, bytes(32), (0,), (bytes(32),) * 2, ()), by=[owner])
    yield c.act(r.Rewrap(0, drew.public, bytes(32)), by=[owner])
    yield c.act(r.CannotOpen(0, bytes(32)), by=[drew])
    yield c.act(Recover(0, 1, body(b"s")), by=[chart.recovery, fresh])
    confirm = r.ConfirmRecovery(0, 1, 2, body(b"s"))
    yield c.act(confirm, by=[chart.recovery, chart.witness, fresh])
    by_witness = r.RecoverByWitness(0, 1, 2, body(b"s"))
    yield c.act(by_witness, by=[chart.witness, chart.custodian, fresh])
    yield c.act(r.VetoRecovery(0), by=[owner])
    yield c.invite(owner, "late")
    minor = f.InviteForMinor(0, invitation("late").public, offer)
    yield c.act(minor, by=[chart.witness])
    yield c.act(f.Approve(0, invitation("robin").public), by=[owner])
    yield c.accept("sam")
    yield c.revoke(owner, drew)
    yield c.revoke(owner, invitation("sam"))
    yield c.act(f.Renew(0, c.endorse(drew, "practitioner")), by=[drew])
    moved = f.ReplaceHandle(0, 1, body(b"s"), None, bytes(32))
    yield c.act(moved, by=[owner, fresh])
    yield c.act(SetPlan(0, (), ()), by=[owner])
    yield c.break_glass(chart, "vera", "will")
