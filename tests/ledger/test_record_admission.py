"""Admission of records: what is void, who is charged, and whom nobody can lock out."""

import pytest

from careledger.ledger.actions import emergency as e
from careledger.ledger.actions import records as r
from careledger.ledger.actions import referral as f
from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.emergency import Review
from careledger.ledger.actions.records import Declare, Recover, Rotate
from careledger.ledger.actions.referral import ReplaceHandle, Revoke
from careledger.ledger.admission import INVITATION_QUOTA
from careledger.ledger.parameters import Parameters
from careledger.ledger.workflows import records, tokens
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import Clinic, clinic, invitation, opened
from tests.ledger.offices import AUDITOR
from tests.ledger.world import ANN, BOB, DAY, body, key

GONE = "void.nobody-known"
TWO = "void.several-records"


def limited(**quotas: int) -> Clinic:
    return Clinic(parameters=Parameters(**quotas))


def declare(c: Clinic, *by) -> str:
    return c.act(*(Declare(n) for n in range(len(by))), by=by)


# One envelope, one record


def test_handles_of_two_records_never_sign_one_envelope():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    drew = c.join(one.owner, "drew")
    assert declare(c, one.owner, drew) == "ok"
    for stranger in (other.owner, c.join(other.owner, "robin")):
        assert declare(c, drew, stranger) == TWO
    for kind in (other.recovery, other.witness):
        recover = Recover(1, 2, body(b"x"))
        code = c.act(Declare(0), recover, by=[drew, kind, key("new")])
        assert code == (TWO if kind is other.recovery else "records.not-permitted")


def test_an_ended_handle_of_another_record_joins_nothing():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    gone = c.join(other.owner, "gone")
    c.must(c.revoke(other.owner, gone))
    before = records.history(c.draft(), other.id)
    assert declare(c, one.owner, gone) == "records.not-permitted"
    assert records.history(c.draft(), other.id) == before


def test_opening_a_record_stands_alone():
    c = clinic()
    chart = c.open("one")
    second = c.opening("two")
    by = [key("two-owner"), key("two-custodian")]
    with_other = c.act(second, Declare(2), by=[*by, chart.owner])
    assert with_other == TWO
    third = c.opening("three", owner=2, custodians=(3,))
    both = [*by, key("three-owner"), key("three-custodian")]
    assert c.act(second, third, by=both) == TWO
    c.must(c.act(second, Declare(0), by=by))


def test_two_reviews_are_two_envelopes():
    c = clinic()
    seen = []
    for name in ("one", "two"):
        chart = c.open(name)
        c.plan(chart)
        c.must(c.break_glass(chart, f"y{name}", f"z{name}"))
        seen.append(c.last.events[0][-1].concerns[1])
    reviews = [Review(0, access, "justified") for access in seen]
    assert c.act(*reviews, by=[AUDITOR]) == TWO
    for one in reviews:
        c.must(c.act(one, by=[AUDITOR]))


def test_a_purse_may_sign_with_a_handle():
    c, chart = opened()
    pay = Transfer(1, BOB.public, 1)
    c.must(c.act(Declare(0), pay, by=[chart.owner, ANN]))


# Who is known


def test_an_envelope_of_an_ended_or_unknown_handle_leaves_no_trace():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=1)
    robin = c.join(drew, "robin")
    c.must(c.revoke(chart.owner, drew))
    before = dict(c.state)
    for one in (drew, robin, key("nobody"), key("chart-agent-0")):
        assert declare(c, one) == GONE
    assert c.state == before


def test_in_company_an_ended_handle_is_refused_and_charges_no_record():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.must(c.revoke(chart.owner, drew))
    before = records.history(c.draft(), chart.id)
    pay = Transfer(1, BOB.public, 1)
    assert c.act(Declare(0), pay, by=[drew, ANN]) == "records.not-permitted"
    assert records.history(c.draft(), chart.id) == before


def test_an_invitation_that_is_not_open_charges_no_record():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    c.must(c.revoke(chart.owner, invitation("drew")))
    before = records.history(c.draft(), chart.id)
    accept, pay = c.acceptance("drew"), Transfer(2, BOB.public, 1)
    code = c.act(accept, pay, by=[invitation("drew"), key("drew"), ANN])
    assert code == "referral.no-such-invitation"
    assert records.history(c.draft(), chart.id) == before


# Quotas


def test_a_participation_has_a_quota_for_each_day():
    c = limited(participation_quota=5)
    chart = c.open()
    drew = c.join(chart.owner, "drew")
    for _ in range(5):
        c.must(declare(c, drew))
    assert declare(c, drew) == "void.over-quota"
    c.must(declare(c, chart.owner))
    c.wait(DAY)
    c.must(declare(c, drew))


def test_a_new_handle_brings_no_new_quota():
    c = limited(participation_quota=4)
    chart = c.open()
    carer = c.join(chart.owner, "carer", role="proxy")
    for number in range(4):
        fresh = key(f"carer-{number}")
        move = ReplaceHandle(0, 1, body(b"s"), None, sha256(b"w"))
        c.must(c.act(move, by=[carer, fresh]))
        carer = fresh
    assert declare(c, carer) == "void.over-quota"


def test_a_handle_that_the_envelope_seats_acts_at_the_seats_cost():
    c = limited(participation_quota=5, record_quota=6)  # an acceptance counts as one
    chart = c.open()
    carer = c.join(chart.owner, "carer", role="proxy")
    move = ReplaceHandle(0, 1, body(b"s"), None, sha256(b"w"))
    both = [carer, key("fresh")]
    assert c.act(move, *[Declare(1)] * 5, by=both) == "void.over-quota"
    c.must(c.act(move, *[Declare(1)] * 4, by=both))
    assert declare(c, key("fresh")) == "void.over-quota"


def test_a_handle_that_the_envelope_seats_uses_up_the_records_quota():
    c = limited(record_quota=6)  # an acceptance counts as one
    chart = c.open()
    carer = c.join(chart.owner, "carer", role="proxy")
    move = ReplaceHandle(0, 1, body(b"s"), None, sha256(b"w"))
    both = [carer, key("fresh")]
    assert c.act(move, *[Declare(1)] * 5, by=both) == "void.over-quota"
    c.must(c.act(move, *[Declare(1)] * 4, by=both))


def test_refused_actions_are_charged_too():
    c = limited(participation_quota=3)
    chart = c.open()
    drew = c.join(chart.owner, "drew")
    for _ in range(3):
        assert c.revoke(drew, chart.owner) == "records.not-permitted"
    assert declare(c, drew) == "void.over-quota"


def test_a_records_participants_share_a_quota_and_the_owner_is_never_locked_out():
    c = limited(record_quota=6)
    chart = c.open()
    drew = c.join(chart.owner, "drew")  # the acceptance is the first of six
    robin = c.join(chart.owner, "robin")
    for one in (drew, robin, drew, robin):
        c.must(declare(c, one))
    assert declare(c, drew) == "void.over-quota"
    assert declare(c, robin) == "void.over-quota"
    for _ in range(8):
        c.must(declare(c, chart.owner))
    c.must(c.revoke(chart.owner, drew))
    recover = Recover(0, 1, body(b"x"))
    c.must(c.act(recover, by=[chart.recovery, key("new")]))


def test_several_actions_of_one_envelope_are_all_counted():
    c = limited(record_quota=6)
    chart = c.open()
    drew = c.join(chart.owner, "drew")
    assert c.act(*[Declare(0)] * 6, by=[drew]) == "void.over-quota"
    c.must(c.act(*[Declare(0)] * 5, by=[drew]))


def test_an_invitation_is_tried_sixteen_times_a_day():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    for _ in range(INVITATION_QUOTA):
        assert c.accept("drew", endorsed=None) == "referral.wrong-endorsement"
    assert c.accept("drew") == "void.over-quota"
    c.wait(DAY)
    c.must(c.accept("drew"))


def test_an_invitee_uses_up_neither_the_inviters_quota_nor_more_than_its_share():
    c = limited(participation_quota=4)
    chart = c.open()
    for name in ("drew", "robin"):
        c.must(c.invite(chart.owner, name))
    for _ in range(4):
        assert c.accept("drew", endorsed=None) == "referral.wrong-endorsement"
    assert c.accept("robin") == "void.over-quota"
    c.must(c.revoke(chart.owner, invitation("drew")))
    c.wait(DAY)
    c.must(c.accept("robin"))


def test_what_first_appears_is_checked_once_however_many_name_it(monkeypatch):
    """An envelope of eight openers costs one check of a token, or none."""
    calls = []
    real = tokens.check
    monkeypatch.setattr(tokens, "check", lambda *a: calls.append(1) or real(*a))
    c = clinic()
    openings = [
        c.opening("chart", owner=n, custodians=(7,), token=bytes(256)) for n in range(7)
    ]
    by = [key(f"k{n}") for n in range(8)]
    assert c.act(*openings, by=by) == TWO
    assert calls == []
    c.open()
    assert len(calls) == 2


# Nothing but refusals comes out of a handler


@pytest.mark.parametrize("seed", range(4))
def test_no_reference_to_anything_strange_stops_the_block(seed):
    """Every action on records, with ids of other kinds where an id is named."""
    c, chart = opened()
    c.plan(chart)
    c.must(c.append(chart.owner, chart))
    drew = c.join(chart.owner, "drew", depth=1)
    c.must(c.invite(drew, "robin"))
    ids = [
        bytes(32),
        chart.id,
        chart.custodian.public,
        key("chart-agent-0").public,
        invitation("robin").public,
        drew.public,
        AUDITOR.public,
    ]
    one = ids[(seed * 2) % len(ids)]
    for other in ids:
        for action in strange(c, one, other):
            code = c.act(action, by=signers(chart, drew, action))
            assert code == "ok" or "." in code


def strange(c, one: bytes, other: bytes):
    most = 2**53 - 1
    yield Revoke(0, other)
    yield r.CancelErase(0, one)
    yield r.Erased(0, other)
    yield r.Retained(0, other, "litigation", most)
    yield r.Rewrap(0, other, one)
    yield r.CannotOpen(0, other)
    yield Rotate(0, most, one, (most, 0), (one,), (other,))
    yield r.SetCustodians(0, (), (other, one))
    yield f.Approve(0, other)
    yield f.Invite(0, other, c.offer(until=most, depth=4, scope=f.FromEpoch(most)))
    yield f.Invite(0, other, c.offer(scope=f.OnlyEntries((one[:16],) * 128)))
    yield f.InviteForMinor(0, other, c.offer(role="proxy", until=most))
    yield e.SetPlan(0, (one, other, bytes(31) + b"\x01"), (one,) * 3)
    yield e.Review(0, other, "justified")


def signers(chart, drew, action):
    roles = set(action.signed_by.values())
    if "custodian" in roles:
        return [chart.custodian]
    if "witness" in roles:
        return [chart.witness]
    if "organisation" in roles:
        return [AUDITOR]
    return [drew] if isinstance(action, Rotate) else [chart.owner]
