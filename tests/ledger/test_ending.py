"""Ending: a participation, what it passed on, and an invitation not yet taken."""

from careledger.ledger.actions.referral import OnlyEntries, Renew
from tests.ledger.clinic import clinic, entry_id, invitation, opened
from tests.ledger.referrals import DREW, GONE, renew, replacement
from tests.ledger.world import DAY, HOUR, key

# Ending


def test_who_may_end_a_participation():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=2)
    robin = c.join(drew, "robin", depth=1)
    sam = c.join(chart.owner, "sam")
    for by, handle in ((sam, robin), (robin, drew), (sam, drew)):
        assert c.revoke(by, handle) == "records.not-permitted"
    for handle in (chart.owner, chart.custodian, chart.witness, chart.recovery):
        assert c.revoke(chart.owner, handle) == "records.not-permitted"
        assert c.revoke(drew, handle) == "records.not-permitted"
    assert c.revoke(chart.owner, key("nobody")) == "records.not-permitted"
    c.must(c.revoke(drew, robin))
    assert c.revoke(drew, robin) == "records.not-permitted"
    c.must(c.revoke(sam, sam))
    c.must(c.revoke(chart.owner, drew))
    assert c.revoke(sam, sam) == GONE


def test_nobody_ends_a_participation_in_another_record():
    c = clinic()
    one, other = c.open("one"), c.open("other")
    drew = c.join(one.owner, "drew")
    assert c.revoke(other.owner, drew) == "records.not-permitted"
    assert c.revoke(other.owner, key("one-owner")) == "records.not-permitted"


def test_what_was_passed_on_ends_with_it():
    c, chart = opened()
    links = [chart.owner]
    for depth in (3, 2, 1, 0):
        links.append(c.join(links[-1], f"link-{depth}", depth=depth))
    c.must(c.revoke(chart.owner, links[2]))
    assert [c.may(link) for link in links] == [True, True, False, False, False]
    assert c.append(links[4], chart) == GONE
    assert c.read(links[3]) == GONE


def test_an_inviter_who_lapsed_or_moved_does_not_count():
    c, chart = opened()
    word = c.endorse(DREW, "practitioner", until=c.now + DAY)
    c.must(c.invite(chart.owner, "drew", depth=2))
    c.must(c.accept("drew", endorsed=word))
    robin = c.join(DREW, "robin", depth=1)
    c.must(replacement(c, "drew", "drew-2"))
    assert c.may(robin, "read")
    c.wait(25 * DAY)
    assert c.may(key("drew-2"))
    c.must(renew(c, "robin"))
    c.wait(6 * DAY)
    assert not c.may(key("drew-2"))
    assert c.may(robin, "read")


def test_a_participation_whose_inviters_end_date_passed_goes_on_to_its_own():
    """Attenuation bounds the end date, so this is the same moment at the latest."""
    c, chart = opened()
    drew = c.join(chart.owner, "drew", role="practitioner", depth=1, until=c.now + DAY)
    robin = c.join(drew, "robin", until=c.now + HOUR)
    c.wait(HOUR)
    assert not c.may(robin)
    assert c.may(drew)
    c.wait(DAY)
    assert not c.may(drew)


def test_withdrawn_recognition_ends_what_was_passed_on_for_good():
    c, chart = opened()
    word = c.endorse(DREW, "practitioner")
    c.must(c.invite(chart.owner, "drew", depth=1))
    c.must(c.accept("drew", endorsed=word))
    robin = c.join(DREW, "robin")
    c.withdraw(word)
    assert not c.may(DREW)
    assert not c.may(robin)
    assert c.act(Renew(0, word), by=[DREW]) == GONE
    assert renew(c, "robin") == GONE
    proxy = c.join(chart.owner, "proxy", role="proxy")
    assert c.may(proxy)


# Withdrawing an invitation


def test_owner_and_inviter_withdraw_an_invitation():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=1)
    sam = c.join(chart.owner, "sam", depth=1)
    for by in (chart.owner, drew):
        name = "robin" if by is drew else "quin"
        c.must(c.invite(drew, name))
        assert c.revoke(sam, invitation(name)) == "records.not-permitted"
        c.must(c.revoke(by, invitation(name)))
        assert c.accept(name) == GONE
        assert c.revoke(by, invitation(name)) == "referral.no-such-invitation"


def test_an_invitee_with_the_current_key_leaves_the_record_stale():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.must(c.invite(chart.owner, "entry", scope=OnlyEntries((entry_id("a"),))))
    c.must(c.revoke(chart.owner, invitation("entry")))
    assert not c.stale(chart)
    c.must(c.invite(chart.owner, "old"))
    c.must(c.rotate(chart.owner, chart))
    c.must(c.revoke(chart.owner, invitation("old")))
    assert not c.stale(chart)
    c.must(c.invite(chart.owner, "current"))
    c.must(c.revoke(chart.owner, invitation("current")))
    assert c.append(chart.owner, chart, "b") == "records.stale-epoch"
    c.must(c.rotate(chart.owner, chart))
    c.must(c.append(chart.owner, chart, "b"))
