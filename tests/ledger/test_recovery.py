"""Recovery: the owner gets the record back, whoever holds the old handle."""

import pytest

from careledger.ledger.actions.records import (
    ConfirmRecovery,
    Recover,
    RecoverByWitness,
    SetCustodians,
    SetPolicy,
    VetoRecovery,
)
from careledger.ledger.actions.referral import Approve, InviteForMinor, ReplaceHandle
from careledger.ledger.parameters import Parameters
from careledger.ledger.refusals.records import NothingPending
from careledger.ledger.workflows import emergency, records, recovery, seats
from careledger.ledger.workflows.recovery import BY_KEY, BY_WITNESS
from tests.ledger.clinic import Chart, Clinic, clinic, invitation, opened
from tests.ledger.world import DAY, body, key

GONE = "void.nobody-known"
NEW, OTHER = key("new-owner"), key("other-owner")
SEALING = body(b"new-owner-sealing")


def ask(c: Clinic, chart: Chart, owner=NEW) -> str:
    return c.act(Recover(0, 1, SEALING), by=[chart.recovery, owner])


def ask_by_witness(c: Clinic, chart: Chart, owner=OTHER, custodian=None) -> str:
    by = [chart.witness, custodian or chart.custodian, owner]
    return c.act(RecoverByWitness(0, 1, 2, SEALING), by=by)


def confirm(c: Clinic, chart: Chart, owner=NEW) -> str:
    by = [chart.recovery, chart.witness, owner]
    return c.act(ConfirmRecovery(0, 1, 2, SEALING), by=by)


def veto(c: Clinic, by) -> str:
    return c.act(VetoRecovery(0), by=[by])


def owner_is(c: Clinic, chart: Chart, one) -> bool:
    return seats.seat(c.draft(), chart.id, seats.OWNER).handle == one.public


# The delay


@pytest.mark.parametrize(
    ("how", "delay"), [(ask, BY_KEY), (ask_by_witness, BY_WITNESS), (confirm, BY_KEY)]
)
def test_ownership_moves_after_the_delay(how, delay):
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.must(how(c, chart, NEW))
    asked = c.now
    c.block(at=asked + delay - 1)
    assert owner_is(c, chart, chart.owner)
    assert c.may(chart.owner)
    assert not c.may(NEW)
    c.block(at=asked + delay)
    assert [event.name for event in c.last.timer_events] == ["records.recovered"]
    assert owner_is(c, chart, NEW)
    assert c.seat(NEW).sealing_key == SEALING
    assert c.may(NEW, "read", "refer", "write")
    assert not c.may(chart.owner)
    assert seats.joined(c.draft(), NEW.public, drew.public)
    with pytest.raises(NothingPending):
        recovery.pending(c.draft(), chart.id)


def test_the_old_handle_is_dead_and_nobody_writes_before_a_rotation():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.must(ask(c, chart))
    c.wait(BY_KEY)
    assert c.append(chart.owner, chart, "a") == GONE
    assert c.revoke(chart.owner, drew) == GONE
    assert c.append(drew, chart, "a") == "records.stale-epoch"
    assert c.append(NEW, chart, "a") == "records.stale-epoch"
    c.must(c.rotate(NEW, chart))
    c.must(c.append(drew, chart, "a"))


def test_a_handle_that_waits_for_a_recovery_can_do_nothing_yet():
    c, chart = opened()
    c.must(ask(c, chart))
    assert c.append(NEW, chart, "a") == GONE
    assert veto(c, NEW) == GONE
    c.must(veto(c, chart.owner))
    assert ask(c, chart, NEW) == "records.key-not-fresh"
    c.must(ask(c, chart, OTHER))


# The veto


def test_the_owner_vetoes_what_it_did_not_ask_for():
    for how in (ask, ask_by_witness):
        c, chart = opened()
        drew = c.join(chart.owner, "drew")
        assert veto(c, chart.owner) == "records.nothing-pending"
        c.must(how(c, chart, NEW))
        assert veto(c, drew) == "records.not-permitted"
        c.must(veto(c, chart.owner))
        c.wait(BY_WITNESS)
        assert c.last.timer_events == []
        assert owner_is(c, chart, chart.owner)


def test_what_was_confirmed_in_person_cannot_be_vetoed():
    c, chart = opened()
    c.must(ask(c, chart))
    asked = c.now
    c.must(confirm(c, chart))
    assert veto(c, chart.owner) == "records.cannot-veto"
    assert ask(c, chart, OTHER) == "records.already-pending"
    assert ask_by_witness(c, chart) == "records.already-pending"
    assert confirm(c, chart, OTHER) == "records.already-pending"
    assert confirm(c, chart, NEW) == "records.already-pending"
    c.block(at=asked + BY_KEY)
    assert owner_is(c, chart, NEW)


def test_a_thief_who_vetoes_at_once_loses_against_the_witness():
    c, chart = opened()
    thief = chart.owner
    c.must(ask(c, chart))
    c.must(veto(c, thief))
    c.must(confirm(c, chart, OTHER))
    assert veto(c, thief) == "records.cannot-veto"
    c.wait(BY_KEY)
    assert owner_is(c, chart, OTHER)


# Several requests


def test_one_request_at_a_time():
    c, chart = opened()
    c.must(ask(c, chart))
    assert ask(c, chart, OTHER) == "records.already-pending"
    assert ask_by_witness(c, chart) == "records.already-pending"


def test_the_recovery_key_outranks_witness_and_custodian():
    c, chart = opened()
    c.must(ask_by_witness(c, chart, OTHER))
    assert ask_by_witness(c, chart, key("third")) == "records.already-pending"
    c.wait(6 * DAY)
    c.must(ask(c, chart, NEW))
    c.wait(DAY)
    assert owner_is(c, chart, chart.owner), "the first request gave way"
    c.wait(2 * DAY)
    assert owner_is(c, chart, NEW)


def test_what_the_witness_saw_does_not_confirm_a_thiefs_request():
    c, chart = opened()
    c.must(ask(c, chart, OTHER))
    c.must(confirm(c, chart, NEW))
    c.wait(BY_KEY)
    assert owner_is(c, chart, NEW)
    assert [event.name for event in c.last.timer_events] == ["records.recovered"]


def test_a_request_without_the_recovery_key_is_confirmed_with_it():
    c, chart = opened()
    c.must(ask_by_witness(c, chart, NEW))
    c.must(confirm(c, chart, NEW))
    assert veto(c, chart.owner) == "records.cannot-veto"
    c.wait(BY_WITNESS)
    assert owner_is(c, chart, NEW)


# Who may ask


def test_keys_of_another_record_or_kind_ask_for_nothing():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    assert ask_by_witness(c, one, NEW, other.custodian) == "void.several-records"
    both = [one.recovery, other.witness, NEW]
    code = c.act(ConfirmRecovery(0, 1, 2, SEALING), by=both)
    assert code == "void.several-records"
    for wrong in (one.owner, one.witness, one.custodian):
        assert c.act(Recover(0, 1, SEALING), by=[wrong, NEW]) == GONE
    by_handle = ConfirmRecovery(0, 1, 2, SEALING)
    code = c.act(by_handle, by=[one.recovery, one.owner, NEW])
    assert code == "records.not-permitted"
    assert ask_by_witness(c, one, NEW, one.owner) == "records.not-permitted"
    with_stranger = ask_by_witness(c, one, NEW, key("stranger"))
    assert with_stranger == "records.not-permitted"


def test_the_rule_itself_compares_the_records_of_two_keys():
    """Admission refuses such an envelope; the handler must not rely on it."""
    c = clinic()
    one, other = c.open("one"), c.open("two")
    at = c.context(one.recovery, other.witness, NEW)
    with pytest.raises(records.NotPermitted):
        recovery.on_confirm(at, ConfirmRecovery(0, 1, 2, SEALING))
    at = c.context(one.witness, other.custodian, NEW)
    with pytest.raises(records.NotPermitted):
        recovery.on_recover_by_witness(at, RecoverByWitness(0, 1, 2, SEALING))


def test_a_custodian_who_left_recovers_nothing():
    c, chart = opened()
    change = SetCustodians(0, (1,), ())
    c.must(c.act(change, by=[chart.owner, key("second")]))
    c.wait(30 * DAY)
    assert ask_by_witness(c, chart) == "records.not-permitted"
    c.must(ask_by_witness(c, chart, custodian=key("second")))


def test_the_new_handle_is_fresh():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    for taken in (chart.owner, drew, chart.custodian):
        assert ask(c, chart, taken) == "records.key-not-fresh"
    assert confirm(c, chart, drew) == "records.key-not-fresh"


# What the thief leaves behind


def test_what_the_thief_invited_since_the_request_goes():
    c, chart = opened()
    thief = chart.owner
    before = c.join(thief, "before", depth=1)
    c.must(ask(c, chart))
    friend = c.join(thief, "friend", role="proxy", depth=1)
    deeper = c.join(friend, "deeper")
    theirs = c.join(before, "theirs")
    c.must(c.invite(thief, "later", role="proxy"))
    c.wait(BY_KEY)
    assert c.may(before)
    assert c.may(theirs)
    for gone in (friend, deeper, thief):
        assert not c.may(gone)
    assert c.accept("later", "proxy") == GONE


def test_every_open_invitation_ends_with_a_recovery():
    c, chart = opened(policy="ask")
    drew = c.join(chart.owner, "drew", depth=1)
    c.must(c.invite(chart.owner, "one"))
    c.must(c.invite(drew, "two"))
    minor = InviteForMinor(
        0,
        invitation("three").public,
        c.offer(role="proxy", until=c.now + 60 * DAY),
    )
    c.must(c.act(minor, by=[chart.witness]))
    c.must(ask(c, chart))
    c.must(c.act(Approve(0, invitation("two").public), by=[chart.owner]))
    c.wait(BY_KEY)
    for name in ("one", "two", "three"):
        assert c.accept(name, "proxy" if name == "three" else "practitioner") == GONE
    c.must(c.invite(NEW, "four"))
    c.must(c.accept("four"))


def test_moving_to_another_handle_saves_the_thief_nothing():
    c, chart = opened()
    c.must(confirm(c, chart))
    moved = ReplaceHandle(0, 1, SEALING, None, SEALING)
    c.must(c.act(moved, by=[chart.owner, key("thief-2")]))
    c.wait(BY_KEY)
    assert owner_is(c, chart, NEW)
    for dead in (chart.owner, key("thief-2")):
        assert not c.may(dead)


def test_a_plan_set_since_the_request_ends_and_an_older_one_stays():
    for late in (False, True):
        c, chart = opened()
        if not late:
            c.plan(chart)
        c.must(ask(c, chart))
        if late:
            c.plan(chart)
        c.wait(BY_KEY)
        assert bool(emergency.agents(c.draft(), chart.id)) != late
        assert c.record(chart).shares == (0 if late else 3)
        c.must(c.rotate(NEW, chart))


def test_who_came_in_an_emergency_stays():
    c, chart = opened()
    c.plan(chart)
    c.must(ask(c, chart))
    c.wait(BY_KEY - 60_000)
    c.must(c.break_glass(chart, "yan", "zoe"))
    c.wait(60_000)
    assert owner_is(c, chart, NEW)
    assert c.may(key("yan"), "read")


def test_the_new_owner_has_a_quota_that_the_thief_did_not_use():
    c = Clinic(parameters=Parameters(participation_quota=3))
    chart = c.open()
    c.must(ask(c, chart))
    c.wait(BY_KEY - 4)
    for _ in range(3):
        c.must(c.act(SetPolicy(0, "deny", 0), by=[chart.owner]))
    c.wait(1)
    assert owner_is(c, chart, NEW)
    c.must(c.act(SetPolicy(0, "allow", 1), by=[NEW]))


def test_the_new_owner_may_rotate_though_the_thief_did_all_day():
    c, chart = opened()
    c.must(ask(c, chart))
    c.wait(BY_KEY - 200)
    assert c.now % DAY < DAY - 200
    while (code := c.rotate(chart.owner, chart)) == "ok":
        pass
    assert code == "records.too-many-epochs"
    c.wait(200)
    assert owner_is(c, chart, NEW)
    c.must(c.rotate(NEW, chart))


def test_a_second_recovery_needs_nothing_new():
    c, chart = opened()
    c.must(ask(c, chart))
    c.wait(BY_KEY)
    first = records.even_erased(c.draft(), chart.id).recovered
    assert recovery.moves(c.draft(), chart.id) == first
    c.must(ask(c, chart, OTHER))
    assert recovery.moves(c.draft(), chart.id) == c.now + BY_KEY
    c.wait(BY_KEY)
    assert owner_is(c, chart, OTHER)


def test_a_recovery_of_a_record_that_was_erased_meanwhile_moves_nothing():
    """Erasures wait for recoveries, so this takes an old state: the rule holds."""
    c, chart = opened()
    c.must(ask(c, chart))
    draft = c.draft()
    records.mark_erased(draft, chart.id, c.now)
    recovery.move_ownership(draft, chart.id, c.now)
    assert seats.seat(draft, chart.id, 0).handle == chart.owner.public
    with pytest.raises(NothingPending):
        recovery.pending(draft, chart.id)
