"""Handles that lapse and are renewed, and seats that move to another handle."""

import pytest

from careledger.ledger.actions.referral import Invite, InviteForMinor, Renew, Revoke
from careledger.ledger.actions.registry import CloseIssuerEpoch, OpenIssuerEpoch
from careledger.ledger.workflows import seats
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import opened
from tests.ledger.offices import REGISTRAR
from tests.ledger.referrals import GONE, ROBIN, renew, replacement
from tests.ledger.world import DAY, body, key

# Renewal


def test_a_lapsed_handle_is_dormant_until_renewed():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.wait(30 * DAY)
    assert not c.may(drew)
    assert c.read(drew) == "records.not-permitted"
    c.must(renew(c, "drew"))
    assert c.may(drew, "read", "write", "refer")


@pytest.mark.parametrize(
    ("endorsement", "code"),
    [
        ({"commitment": sha256(b"another person")}, "referral.wrong-endorsement"),
        ({"registrar": "college"}, "referral.wrong-endorsement"),
        ({"role": "agent"}, "referral.wrong-endorsement"),
        ({"handle": ROBIN.public}, "referral.wrong-endorsement"),
        ({"until": 1}, "registry.not-recognised"),
    ],
)
def test_what_renewal_must_match(endorsement, code):
    c, chart = opened()
    c.join(chart.owner, "drew")
    assert renew(c, "drew", **endorsement) == code


def test_roles_without_recognition_have_nothing_to_renew():
    c, chart = opened()
    c.join(chart.owner, "carer", role="proxy")
    assert renew(c, "carer") == "records.not-permitted"
    word = c.endorse(chart.owner, "agent")
    assert c.act(Renew(0, word), by=[chart.owner]) == "records.not-permitted"
    word = c.endorse(chart.custodian, "practitioner")
    assert c.act(Renew(0, word), by=[chart.custodian]) == GONE


def test_a_closed_issuer_epoch_makes_its_handles_dormant():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=1)
    robin = c.join(drew, "robin")
    c.must(c.act(OpenIssuerEpoch(0, key("second").public), by=[REGISTRAR]))
    c.must(renew(c, "robin", epoch=2, issuer=key("second")))
    c.must(c.act(CloseIssuerEpoch(0, 1), by=[REGISTRAR]))
    assert not c.may(drew)
    assert c.may(robin), "a dormant inviter does not count"
    c.must(renew(c, "drew", epoch=2, issuer=key("second")))
    assert c.may(drew)


def test_a_suspended_registrars_handles_are_dormant_and_come_back():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.suspend("registrar")
    assert not c.may(drew)
    assert c.stale(chart)
    c.must(c.rotate(chart.owner, chart))
    c.suspend("registrar", "active")
    assert c.may(drew)
    assert not c.holds(drew)


# Moving to another handle


def test_a_seat_moves_to_a_fresh_handle_with_all_it_has():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=1)
    robin = c.join(drew, "robin")
    c.must(replacement(c, "drew", "drew-2"))
    new = key("drew-2")
    before, after = c.seat(drew), c.seat(new)
    assert before == after
    assert after.handle == new.public
    assert after.sealing_key == body(b"drew-2-sealing")
    for peer in (chart.owner, robin):
        assert seats.joined(c.draft(), new.public, peer.public)
        assert seats.joined(c.draft(), peer.public, new.public)
    assert c.may(new, "read", "refer", "write")
    assert c.holds(new)
    c.must(c.revoke(new, robin))


def test_an_old_handle_is_dead():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=1)
    word = c.endorse(drew, "practitioner")
    c.must(replacement(c, "drew", "drew-2"))
    assert not c.may(drew)
    for action in (
        Renew(0, word),
        Revoke(0, drew.public),
        Invite(0, key("k").public, c.offer()),
    ):
        assert c.act(action, by=[drew]) == GONE
        paid = c.act(
            action,
            InviteForMinor(1, key("k").public, c.offer(role="proxy")),
            by=[drew, chart.witness],
        )
        assert paid == "records.not-permitted"
    assert replacement(c, "drew", "drew-3") == GONE
    c.must(c.revoke(chart.owner, drew))  # an old name still means the seat
    assert not c.may(key("drew-2"))


def test_a_move_needs_a_fresh_handle_and_an_endorsement_for_it():
    c, chart = opened()
    c.join(chart.owner, "drew")
    c.join(chart.owner, "robin")
    assert replacement(c, "drew", "robin") == "records.key-not-fresh"
    assert replacement(c, "drew", "d2", endorsed=None) == "referral.wrong-endorsement"
    other = c.endorse(key("d2"), "agent")
    assert replacement(c, "drew", "d2", endorsed=other) == "referral.wrong-endorsement"


def test_owner_and_proxy_move_without_an_endorsement():
    c, chart = opened()
    c.join(chart.owner, "carer", role="proxy")
    c.must(replacement(c, "carer", "carer-2", "proxy"))
    c.must(replacement(c, "chart-owner", "owner-2", "owner"))
    c.must(c.revoke(key("owner-2"), key("carer")))
    assert c.revoke(chart.owner, key("carer-2")) == GONE
