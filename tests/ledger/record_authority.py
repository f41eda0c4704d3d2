"""Who may sign what about records: a cast of those who once took part, or may yet.

`authority_records.py` says which refusal each gets; here stand those it lacks: a
custodian who left, a dormant, a moved and an ended handle, and whom that invited.

A row says how the action is put together and, for each field that names a signer,
who signs there rightfully and who else of the cast may. Everybody who is not
listed may not: the test tries the whole cast in every field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions import emergency as e
from careledger.ledger.actions import records as r
from careledger.ledger.actions import referral as f
from careledger.ledger.actions import tokens as t
from careledger.primitives.signing import SigningKey
from careledger.sealing.tokens import token_key
from tests.ledger.clinic import (
    AUDITOR,
    CLINIC,
    COLLEGE,
    HOSPITAL,
    PAT,
    REGISTRAR,
    Chart,
    Clinic,
    clinic,
    entry_id,
    invitation,
    tag_of,
)
from tests.ledger.issuing import TOKEN_KEY_ID, signer
from tests.ledger.world import ANN, DAY, GOVERNORS, HOUR, body, key

CAST: Mapping[str, SigningKey] = {
    "owner": key("chart-owner"),
    "practitioner": key("drew"),
    "reader": key("reader"),
    "single entries": key("single"),
    "proxy": key("carer"),
    "emergency": key("yan"),
    "dormant": key("dormant"),
    "ended": key("gone"),
    "invited by ended": key("gone-friend"),
    "old handle": key("moved"),
    "open invitation": invitation("sam"),
    "taken invitation": invitation("drew"),
    "custodian": key("chart-custodian"),
    "custodian who left": key("chart-left"),
    "witness": key("chart-witness"),
    "recovery key": key("chart-recovery"),
    "emergency agent": key("chart-agent-0"),
    "other record's owner": key("other-owner"),
    "other record's custodian": key("other-custodian"),
    "other record's witness": key("other-witness"),
    "other record's recovery key": key("other-recovery"),
    "token holder": key("next-owner"),
    "endorsed for emergencies": key("vera"),
    "patient": PAT,
    "hospital": HOSPITAL,
    "other hospital": CLINIC,
    "registrar": REGISTRAR,
    "other registrar": COLLEGE,
    "auditor": AUDITOR,
    "governor": GOVERNORS[0],
    "purse": ANN,
    "stranger": key("stranger"),
}

FRESH = (
    "token holder",
    "endorsed for emergencies",
    "patient",
    "hospital",
    "other hospital",
    "registrar",
    "other registrar",
    "auditor",
    "governor",
    "purse",
    "stranger",
)
"""Whose keys belong to no record: as a fresh handle they only prove possession."""

TAKING_PART = (
    "owner",
    "practitioner",
    "reader",
    "single entries",
    "proxy",
    "emergency",
)
HOLDERS = ("owner", "practitioner", "reader", "proxy")
"""Who holds the current key and may wrap it; an emergency seat may not."""

NEW = key("brand-new")
X = body(b"x")


@dataclass(frozen=True)
class Row:
    """One action: how it is made, and for each field (rightful signer, who may)."""

    make: Callable[[Clinic, Chart], AnyAction]
    fields: Mapping[str, tuple[SigningKey, tuple[str, ...]]]


@cache
def scene() -> tuple[Clinic, Chart]:
    """Return a clinic where the whole cast has its part; the record is not stale."""
    c = clinic()
    chart, other = c.open(policy="ask"), c.open("other")
    assert other.owner.public == CAST["other record's owner"].public
    leaving = r.SetCustodians(0, (1,), (chart.custodian.public,))
    c.must(c.act(leaving, by=[chart.owner, key("chart-left")]))
    c.must(c.act(r.SetCustodians(0, (), (chart.custodian.public,)), by=[chart.owner]))
    c.wait(30 * DAY)
    c.must(c.append(chart.owner, chart))
    _let_in(c, chart)
    c.plan(chart)
    c.must(c.break_glass(chart, "yan", "zoe"))
    c.must(c.revoke(chart.owner, key("gone")))
    c.wait(HOUR)
    count = len(c.rotation(chart).wraps)
    c.must(c.rotate(chart.owner, chart, wraps=(X,) * count))
    c.must(c.invite(chart.owner, "sam", role="proxy"))
    c.must(c.invite(key("drew"), "robin", capabilities=("read",)))
    return c, chart


def _let_in(c: Clinic, chart: Chart) -> None:
    c.join(chart.owner, "drew", depth=2)
    c.join(chart.owner, "reader", capabilities=("read",))
    only = f.OnlyEntries((entry_id("entry"),))
    c.join(chart.owner, "single", scope=only, capabilities=("read",))
    c.join(chart.owner, "carer", role="proxy", depth=2)
    c.join(chart.owner, "gone", depth=1, role="proxy")
    c.must(c.invite(key("gone"), "gone-friend"))
    c.must(c.act(f.Approve(0, invitation("gone-friend").public), by=[chart.owner]))
    c.must(c.accept("gone-friend"))
    c.must(c.invite(chart.owner, "dormant"))
    short = c.endorse(key("dormant"), "practitioner", until=c.now + HOUR)
    c.must(c.accept("dormant", endorsed=short))
    c.join(chart.owner, "moved", role="proxy", depth=1)
    moving = f.ReplaceHandle(0, 1, X, None, X)
    c.must(c.act(moving, by=[key("moved"), key("moved-2")]))


def erasing(c: Clinic, chart: Chart, *, wait: bool = True) -> bytes:
    """Ask for the erasure of the entry; return its id, in effect after a wait."""
    c.must(c.act(r.Erase(0, (entry_id("entry"),)), by=[chart.owner]))
    erasure = c.last.events[0][-1].concerns[-1]
    if wait:
        c.wait(3 * DAY)
    return erasure


def veto(c: Clinic, chart: Chart) -> AnyAction:
    c.must(c.act(r.Recover(0, 1, X), by=[chart.recovery, NEW]))
    return r.VetoRecovery(0)


def minor(c: Clinic, chart: Chart) -> AnyAction:
    offer = c.offer(role="proxy", until=c.now + 60 * DAY)
    return f.InviteForMinor(0, NEW.public, offer)


def offering(c: Clinic, chart: Chart) -> AnyAction:
    only = f.OnlyEntries((entry_id("entry"),))
    return f.Invite(0, NEW.public, c.offer(capabilities=("read",), scope=only))


def breaking(c: Clinic, chart: Chart) -> AnyAction:
    one, two = (
        c.endorse(key(name), "emergency", tag=tag_of(name)) for name in ("vera", "will")
    )
    return e.BreakGlass(0, 1, chart.id, one, two, X, X)


def review(c: Clinic, chart: Chart) -> AnyAction:
    c.must(c.act(breaking(c, chart), by=[key("vera"), key("will")]))
    return e.Review(0, c.last.events[0][-1].concerns[1], "justified")


def issue(c: Clinic, chart: Chart) -> AnyAction:
    return c.issue(1, start=9)


def only(name: str) -> tuple[SigningKey, tuple[str, ...]]:
    """Return a field where `name` may sign and nobody else."""
    return CAST[name], (name,)


A_FRESH_KEY = (NEW, FRESH)
OWNER = {"owner": only("owner")}

ROWS: Mapping[type[AnyAction], Row] = {
    t.OpenTokenKey: Row(
        lambda _c, _r: t.OpenTokenKey(0, token_key(signer("college"))),
        {"registrar": (REGISTRAR, ("registrar", "other registrar"))},
    ),
    t.CloseTokenKey: Row(
        lambda _c, _r: t.CloseTokenKey(0, TOKEN_KEY_ID),
        {"registrar": only("registrar")},
    ),
    t.IssueTokens: Row(
        issue, {"registrar": only("registrar"), "patient": only("patient")}
    ),
    r.OpenRecord: Row(
        lambda c, _: c.opening("next"),
        {"owner": only("token holder"), "custodians": A_FRESH_KEY},
    ),
    r.SetPolicy: Row(lambda _c, _r: r.SetPolicy(0, "deny", 0), OWNER),
    r.Declare: Row(
        lambda _c, _r: r.Declare(0), {"handle": (CAST["owner"], TAKING_PART)}
    ),
    r.SetCustodians: Row(
        lambda _, chart: r.SetCustodians(0, (1,), (chart.custodian.public,)),
        OWNER | {"joining": A_FRESH_KEY},
    ),
    r.Append: Row(
        lambda c, chart: c.entry(chart, "more"),
        {"author": (CAST["owner"], ("owner", "practitioner", "proxy"))},
    ),
    r.Read: Row(
        lambda _c, _r: r.Read(0, (entry_id("entry"),)),
        {"reader": (CAST["owner"], TAKING_PART)},
    ),
    r.Rotate: Row(
        lambda c, chart: c.rotation(chart), {"holder": (CAST["owner"], HOLDERS)}
    ),
    r.Rewrap: Row(
        lambda _c, _r: r.Rewrap(0, CAST["reader"].public, X),
        {"holder": (CAST["owner"], HOLDERS)},
    ),
    r.CannotOpen: Row(
        lambda _c, _r: r.CannotOpen(0, X),
        {"handle": (CAST["reader"], (*HOLDERS[1:], "emergency"))},
    ),
    r.Erase: Row(lambda _c, _r: r.Erase(0, ()), OWNER),
    r.CancelErase: Row(
        lambda c, chart: r.CancelErase(0, erasing(c, chart, wait=False)), OWNER
    ),
    r.Erased: Row(
        lambda c, chart: r.Erased(0, erasing(c, chart)),
        {"custodian": only("custodian")},
    ),
    r.Retained: Row(
        lambda c, chart: r.Retained(
            0, erasing(c, chart), "litigation", c.now + 90 * DAY
        ),
        {"custodian": only("custodian")},
    ),
    r.Recover: Row(
        lambda _c, _r: r.Recover(0, 1, X),
        {"recovery": only("recovery key"), "owner": A_FRESH_KEY},
    ),
    r.ConfirmRecovery: Row(
        lambda _c, _r: r.ConfirmRecovery(0, 1, 2, X),
        {
            "recovery": only("recovery key"),
            "witness": only("witness"),
            "owner": A_FRESH_KEY,
        },
    ),
    r.RecoverByWitness: Row(
        lambda _c, _r: r.RecoverByWitness(0, 1, 2, X),
        {
            "witness": only("witness"),
            "custodian": only("custodian"),
            "owner": A_FRESH_KEY,
        },
    ),
    r.VetoRecovery: Row(veto, OWNER),
    f.Invite: Row(
        offering, {"inviter": (CAST["owner"], ("owner", "practitioner", "proxy"))}
    ),
    f.InviteForMinor: Row(minor, {"witness": only("witness")}),
    f.Approve: Row(lambda _c, _r: f.Approve(0, invitation("robin").public), OWNER),
    f.Accept: Row(
        lambda _c, _r: f.Accept(0, 1, X, None, X),
        {"invitation": only("open invitation"), "handle": A_FRESH_KEY},
    ),
    f.Revoke: Row(
        lambda _c, _r: f.Revoke(0, CAST["reader"].public),
        {"by": (CAST["owner"], ("owner", "reader"))},
    ),
    f.Renew: Row(
        lambda c, _: f.Renew(0, c.endorse(CAST["dormant"], "practitioner")),
        {"handle": only("dormant")},
    ),
    f.ReplaceHandle: Row(
        lambda _c, _r: f.ReplaceHandle(0, 1, X, None, X),
        {"handle": (CAST["proxy"], ("owner", "proxy")), "fresh": A_FRESH_KEY},
    ),
    e.SetPlan: Row(lambda _c, _r: e.SetPlan(0, (), ()), OWNER),
    e.BreakGlass: Row(
        breaking,
        {
            "first": only("endorsed for emergencies"),
            "second": (key("will"), ()),
        },
    ),
    e.Review: Row(review, {"auditor": only("auditor")}),
}
"""Only the cast is listed: in `second` of a broken glass nobody else may sign."""
