"""Referral: nobody passes on more than it has, and what ended stays ended."""

import msgspec
import pytest

from careledger.ledger.actions.records import Erase, SetPolicy
from careledger.ledger.actions.referral import (
    AllEpochs,
    Approve,
    FromEpoch,
    Invite,
    InviteForMinor,
    OnlyEntries,
    Renew,
    ReplaceHandle,
    Revoke,
)
from careledger.ledger.actions.registry import CloseIssuerEpoch, OpenIssuerEpoch
from careledger.ledger.workflows import seats
from careledger.ledger.workflows.records import KEPT_FREE, MOST_SEATS
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import (
    ALL,
    REGISTRAR,
    UNTIL,
    Chart,
    Clinic,
    clinic,
    entry_id,
    invitation,
    opened,
)
from tests.ledger.world import DAY, HOUR, body, key

DREW, ROBIN, SAM = map(key, ("drew", "robin", "sam"))
GONE = "void.nobody-known"
"""What an envelope gets whose only signers stand for nothing any more."""


def set_policy(c: Clinic, chart: Chart, policy: str, depth: int = 4) -> None:
    c.must(c.act(SetPolicy(0, policy, depth), by=[chart.owner]))  # type: ignore[arg-type]


def renew(c: Clinic, name: str, **endorsement: object) -> str:
    word = c.endorse(key(name), endorsement.pop("role", "practitioner"), **endorsement)
    return c.act(Renew(0, word), by=[key(name)])


def replacement(c: Clinic, old: str, new: str, role: str = "practitioner", **more):
    endorsed = c.endorse(key(new), role) if role in seats.NEEDS_RECOGNITION else None
    fields = {"endorsed": endorsed} | more
    sealing, wrap = body(new.encode() + b"-sealing"), sha256(new.encode() + b"-wrap")
    action = ReplaceHandle(0, 1, sealing, fields["endorsed"], wrap)
    return c.act(action, by=[key(old), key(new)])


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


# Proxies of minors


def witness_invites(c: Clinic, chart: Chart, **offer: object) -> str:
    made = c.offer(**({"role": "proxy", "until": c.now + 90 * DAY} | offer))
    action = InviteForMinor(0, invitation("parent").public, made)
    return c.act(action, by=[chart.witness])


@pytest.mark.parametrize(
    "offer",
    [
        {"role": "agent"},
        {"until": 0},
        {"until": 1},
        {"capabilities": ("write", "read")},
    ],
)
def test_the_witness_invites_proxies_with_an_end_date_and_nobody_else(offer):
    c, chart = opened()
    assert witness_invites(c, chart, **offer) == "referral.beyond-own-rights"


def test_a_minors_proxy_enters_after_a_week():
    c, chart = opened(policy="deny")
    c.must(witness_invites(c, chart))
    made = c.now
    assert c.accept("parent", "proxy") == "referral.policy-forbids"
    c.block(at=made + 7 * DAY - 2)
    assert c.accept("parent", "proxy") == "referral.policy-forbids"
    c.must(c.accept("parent", "proxy"))
    assert c.now == made + 7 * DAY
    assert c.may(key("parent"), "read")
    assert not c.holds(key("parent")), "the witness has no key to give"
    c.must(c.rotate(chart.owner, chart))
    assert c.holds(key("parent"))


def test_the_owner_may_let_a_minors_proxy_in_at_once_or_not_at_all():
    c, chart = opened()
    c.must(witness_invites(c, chart))
    c.must(c.act(Approve(0, invitation("parent").public), by=[chart.owner]))
    c.must(c.accept("parent", "proxy"))
    c, chart = opened()
    c.must(witness_invites(c, chart))
    c.must(c.revoke(chart.owner, invitation("parent")))
    assert not c.stale(chart)
    c.wait(7 * DAY)
    assert c.accept("parent", "proxy") == GONE


def test_nobody_else_invites_for_a_minor():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    offer = c.offer(role="proxy")
    action = InviteForMinor(0, invitation("parent").public, offer)
    for by in (chart.owner, chart.custodian, chart.recovery, drew):
        assert c.act(action, by=[by]) == GONE
    move = SetPolicy(0, "deny", 0)
    second = msgspec.structs.replace(action, witness=1)
    code = c.act(move, second, by=[chart.owner, drew])
    assert code == "records.not-permitted"
