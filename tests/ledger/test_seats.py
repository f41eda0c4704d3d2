"""Seats: activity is decided at every use, by one rule, for every kind of key."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from careledger.ledger.actions.referral import AllEpochs, FromEpoch, OnlyEntries
from careledger.ledger.refusals.records import KeyNotFresh, NotPermitted
from careledger.ledger.refusals.referral import WrongEndorsement
from careledger.ledger.workflows import authorisation, seats
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import clinic, entry_id, opened, twin
from tests.ledger.world import DAY, HOUR, key


def test_a_key_that_belongs_nowhere():
    c = clinic()
    with pytest.raises(NotPermitted):
        seats.place(c.draft(), key("nobody").public)
    assert seats.known_place(c.draft(), key("nobody").public, "seat", c.now) is None


def test_a_key_is_known_as_its_own_kind_only():
    c, chart = opened()
    c.plan(chart)
    c.must(c.invite(chart.owner, "drew"))
    kinds = {
        chart.owner: "seat",
        chart.custodian: "custodian",
        chart.witness: "witness",
        chart.recovery: "recovery",
        key("drew-invitation"): "invitation",
        key("chart-agent-0"): "sharer",
    }
    for one, kind in kinds.items():
        for tried in kinds.values():
            found = seats.known_place(c.draft(), one.public, tried, c.now)  # type: ignore[arg-type]
            assert (found is not None) == (tried == kind)


def test_a_key_is_claimed_once():
    c, chart = opened()
    spot = seats.Place(chart.id, "witness")
    draft = c.draft()
    seats.claim_key(draft, key("fresh").public, spot)
    with pytest.raises(KeyNotFresh):
        seats.claim_key(draft, key("fresh").public, spot)


def test_acting_refuses_all_alike():
    c, chart = opened()
    reader = c.join(chart.owner, "reader", capabilities=("read",))
    authorisation.acting(c.context(reader), 0, "read")
    for at, wanted in (
        (c.context(reader), ("write",)),
        (c.context(reader), ("read", "write")),
        (c.context(chart.custodian), ()),
        (c.context(key("nobody")), ()),
    ):
        with pytest.raises(NotPermitted):
            authorisation.acting(at, 0, *wanted)
    with pytest.raises(NotPermitted):
        authorisation.acting_owner(c.context(reader), 0)
    with pytest.raises(NotPermitted):
        authorisation.acting_as(c.context(reader), 0, "witness")
    assert authorisation.acting_owner(c.context(chart.owner), 0) == chart.id
    assert authorisation.acting_as(c.context(chart.witness), 0, "witness") == chart.id


@pytest.mark.parametrize("role", ["owner", "proxy", "witness", "custodian"])
def test_roles_without_recognition_need_no_endorsement(role):
    c = clinic()
    at = c.context(key("x"))
    assert authorisation.recognition_for(at, key("x").public, role, None) is None


@pytest.mark.parametrize("role", authorisation.NEEDS_RECOGNITION)
def test_roles_with_recognition_need_one_for_this_handle_and_role(role):
    c = clinic()
    at, one = c.context(key("x")), key("x")
    good = c.endorse(one, role)
    found = authorisation.recognition_for(at, one.public, role, good)
    word = good.endorsement
    assert found == seats.Recognition(
        word.registrar, word.epoch, word.commitment, word.until
    )
    for bad in (None, c.endorse(key("y"), role), c.endorse(one, "staff")):
        with pytest.raises(WrongEndorsement):
            authorisation.recognition_for(at, one.public, role, bad)


@pytest.mark.parametrize(
    ("scope", "full"),
    [
        (AllEpochs(), True),
        (FromEpoch(3), True),
        (OnlyEntries((entry_id("a"),)), False),
    ],
)
def test_only_scopes_of_epochs_are_full(scope, full):
    assert seats.is_full(scope) == full


def test_active_dormant_and_over_at_the_millisecond():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew", until=c.now + DAY))
    word = c.endorse(key("drew"), "practitioner", until=c.now + HOUR)
    lapses = c.now + HOUR
    c.must(c.accept("drew", endorsed=word))
    spot = c.place(key("drew"))
    until = c.seat(key("drew")).until

    def state(now: int) -> str:
        if seats.is_over(c.draft(), spot.record, spot.seat, now):
            assert not seats.is_active(c.draft(), spot.record, spot.seat, now)
            return "over"
        active = seats.is_active(c.draft(), spot.record, spot.seat, now)
        return "active" if active else "dormant"

    assert [state(t) for t in (lapses - 1, lapses, until - 1, until)] == [
        "active",
        "dormant",
        "dormant",
        "over",
    ]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 4), max_size=4))
def test_whoever_ends_takes_exactly_its_own_chain_along(ended):
    """A chain of five; ending any of its links ends that link and those behind."""
    c, chart, links = chain()
    for number in ended:
        if c.may(links[number]):
            c.must(c.revoke(chart.owner, links[number]))
    first = min(ended, default=5)
    assert [c.may(link) for link in links] == [n < first for n in range(5)]


_MADE = []


def chain():
    if not _MADE:
        c, chart = opened()
        links, last = [], chart.owner
        for depth in (4, 3, 2, 1, 0):
            last = c.join(last, f"link-{depth}", depth=depth)
            links.append(last)
        _MADE.append((c, chart, links))
    c, chart, links = _MADE[0]
    return twin(c), chart, links


def test_a_seats_quota_is_counted_under_no_key_of_its_handles():
    _, chart = opened()
    name = seats.usage_key(chart.id, 0)
    assert chart.owner.public not in name
    assert name.startswith(chart.id)
    assert sha256(b"x") not in name
