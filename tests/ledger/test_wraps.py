"""Keys that are wrapped to must be there, and an accusation names its wrap."""

import pytest

from careledger.ledger.actions.records import CannotOpen, Recover, Rewrap
from careledger.ledger.actions.referral import ReplaceHandle
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.refusals.base import KeyNotAttached
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import clinic, invitation, opened
from tests.ledger.world import body, key

NOT_PERMITTED = "records.not-permitted"
STRAY = (b"some other body",)


def test_an_x_wing_key_that_a_handle_names_travels_with_it():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    fresh, key_hash = key("fresh"), body(b"x-wing")
    bare = [
        (c.opening("two"), [key("two-owner"), key("two-custodian")]),
        (c.acceptance("drew"), [invitation("drew"), key("drew")]),
        (ReplaceHandle(0, 1, key_hash, None, bytes(32)), [chart.owner, fresh]),
        (Recover(0, 1, key_hash), [chart.recovery, fresh]),
        (c.breaking(chart, "yan", "zoe"), [key("yan"), key("zoe")]),
    ]
    for action, by in bare:
        with pytest.raises(KeyNotAttached):
            open_envelope(c.envelope(action, by=by, bodies=STRAY))
        assert open_envelope(c.envelope(action, by=by))


def test_one_of_two_keys_is_not_enough():
    c = clinic()
    action = c.opening("two", recovery_sealing=sha256(b"kept back"))
    by = [key("two-owner"), key("two-custodian")]
    with pytest.raises(KeyNotAttached):
        open_envelope(c.envelope(action, by=by))


def test_a_body_of_another_size_is_no_x_wing_key():
    c, chart = opened()
    fresh, short = key("fresh"), b"junk"
    moved = ReplaceHandle(0, 1, sha256(short), None, bytes(32))
    with pytest.raises(KeyNotAttached):
        open_envelope(c.envelope(moved, by=[chart.owner, fresh], bodies=(short,)))


def test_an_accusation_names_the_newest_wrap():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    first = c.seat(drew).wrap
    assert first == c.acceptance("drew").wrap
    c.must(c.rotate(chart.owner, chart))
    second = c.seat(drew).wrap
    for wrong in (first, bytes(32)):
        assert c.act(CannotOpen(0, wrong), by=[drew]) == NOT_PERMITTED
    c.must(c.act(CannotOpen(0, second), by=[drew]))
    c.must(c.act(Rewrap(0, drew.public, sha256(b"third")), by=[chart.owner]))
    assert c.act(CannotOpen(0, second), by=[drew]) == NOT_PERMITTED
    c.must(c.act(CannotOpen(0, sha256(b"third")), by=[drew]))


def test_a_move_brings_a_wrap_of_its_own():
    c, chart = opened()
    drew, fresh = c.join(chart.owner, "drew", role="proxy"), key("fresh")
    moved = ReplaceHandle(0, 1, body(b"x-wing"), None, sha256(b"moved"))
    c.must(c.act(moved, by=[drew, fresh]))
    assert c.seat(fresh).wrap == sha256(b"moved")
    assert c.seat(fresh).wrapped_by == 0
