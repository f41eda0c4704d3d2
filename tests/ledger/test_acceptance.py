"""Acceptance: an invitation is taken once, in time, by whom it fits."""

import msgspec
import pytest

from careledger.ledger.actions.records import Erase
from careledger.ledger.actions.referral import OnlyEntries
from careledger.ledger.actions.registry import CloseIssuerEpoch, OpenIssuerEpoch
from careledger.ledger.workflows import referral
from careledger.ledger.workflows.presence import KEPT_FREE, MOST_SEATS
from tests.ledger.clinic import clinic, entry_id, invitation, opened
from tests.ledger.offices import REGISTRAR
from tests.ledger.referrals import DREW, GONE, ROBIN, renew
from tests.ledger.world import DAY, HOUR, key

# Acceptance


def test_an_invitation_lapses_after_14_days():
    c, chart = opened()
    for name in ("drew", "robin"):
        c.must(c.invite(chart.owner, name))
    invited = c.now
    c.block(at=invited + 14 * DAY - 3)
    c.must(c.accept("drew"))
    assert c.now < invited + 14 * DAY
    c.block(at=invited + 14 * DAY - 1)
    assert c.accept("robin") == GONE


def test_an_invitation_is_over_though_its_timer_waits_for_a_later_block():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    made, public = c.now, invitation("drew").public
    assert referral.is_open(c.draft(), public, made + 14 * DAY - 1)
    assert not referral.is_open(c.draft(), public, made + 14 * DAY)


def test_an_invitation_is_taken_once():
    c, chart = opened()
    c.join(chart.owner, "drew")
    again = c.acceptance("robin")
    assert c.act(again, by=[invitation("drew"), ROBIN]) == GONE


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"role": "agent"}, "referral.wrong-endorsement"),
        ({"handle": ROBIN.public}, "referral.wrong-endorsement"),
        ({"chain_id": bytes(32)}, "registry.not-recognised"),
        ({"registrar": "college", "epoch": 2}, "registry.not-recognised"),
        ({"issuer": key("issuer-college")}, "registry.not-recognised"),
        ({"until": 1}, "registry.not-recognised"),
        ({"until": 2**53 - 1}, "registry.not-recognised"),
        ({"epoch": 2**53 - 1}, "registry.not-recognised"),
    ],
)
def test_an_endorsement_must_fit(fields, code):
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    word = c.endorse(DREW, fields.pop("role", "practitioner"), **fields)
    assert c.accept("drew", endorsed=word) == code


def test_an_endorsement_of_an_unknown_registrar_is_a_refusal():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    word = c.endorse(DREW, "practitioner")
    unknown = msgspec.structs.replace(word.endorsement, registrar=bytes(32))
    forged = msgspec.structs.replace(word, endorsement=unknown)
    assert c.accept("drew", endorsed=forged) == "registry.not-recognised"


def test_a_role_that_needs_recognition_gets_no_seat_without():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    assert c.accept("drew", endorsed=None) == "referral.wrong-endorsement"


def test_a_handle_takes_one_seat_in_one_record_once():
    c = clinic()
    one, other = c.open("one"), c.open("other")
    c.join(one.owner, "drew")
    c.must(c.invite(other.owner, "robin"))
    again = c.acceptance("drew")
    assert c.act(again, by=[invitation("robin"), DREW]) == "records.key-not-fresh"
    c.must(c.revoke(one.owner, DREW))
    assert c.act(again, by=[invitation("robin"), DREW]) == "records.key-not-fresh"


@pytest.mark.parametrize("how", ["ended", "withdrawn", "lapsed", "closed"])
def test_an_open_invitation_of_an_inviter_who_may_not_any_more(how):
    c, chart = opened()
    word = c.endorse(DREW, "practitioner", until=c.now + HOUR)
    c.must(c.invite(chart.owner, "drew", depth=1))
    c.must(c.accept("drew", endorsed=word))
    c.must(c.invite(DREW, "robin"))
    match how:
        case "ended":
            c.must(c.revoke(chart.owner, DREW))
        case "withdrawn":
            c.withdraw(word)
        case "lapsed":
            c.wait(HOUR)
        case "closed":
            c.must(c.act(CloseIssuerEpoch(0, 1), by=[REGISTRAR]))
            c.must(
                c.act(
                    OpenIssuerEpoch(0, key("issuer-registrar").public), by=[REGISTRAR]
                )
            )
    fresh = c.endorse(ROBIN, "practitioner", registrar="college")
    code = c.accept("robin", endorsed=fresh)
    dormant = how in ("lapsed", "closed")
    assert code == ("referral.no-such-invitation" if dormant else GONE)
    if dormant:
        c.must(renew(c, "drew", epoch=1 if how == "lapsed" else 2))
        c.must(c.accept("robin", endorsed=fresh))


def test_an_invitation_to_an_entry_that_was_erased_since():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.must(c.invite(chart.owner, "drew", scope=OnlyEntries((entry_id("a"),))))
    c.must(c.act(Erase(0, (entry_id("a"),)), by=[chart.owner]))
    c.wait(3 * DAY)
    assert c.accept("drew") == "referral.beyond-own-rights"


def test_a_record_has_64_participants_and_keeps_four_places_for_emergencies():
    c, chart = opened(policy="allow")
    c.plan(chart)
    last = MOST_SEATS - KEPT_FREE - 1
    for number in range(last):
        c.join(chart.owner, f"p{number}", role="proxy", until=c.now + 30 * DAY)
    c.must(c.invite(chart.owner, "drew"))
    assert c.accept("drew") == "referral.record-full"
    c.must(c.break_glass(chart, "yan", "zoe"))
    c.must(c.break_glass(chart, "vera", "will"))
    assert c.break_glass(chart, "tess", "uma") == "referral.record-full"
    assert len(c.record(chart).present) == MOST_SEATS
    assert c.accept("drew") == "referral.record-full"
    c.wait(DAY)  # the emergency seats are over: others may take them
    c.must(c.break_glass(chart, "tess", "uma"))
    for number in range(3):
        assert c.accept("drew") == "referral.record-full"
        c.must(c.revoke(chart.owner, key(f"p{number}")))
    c.must(c.accept("drew"))
