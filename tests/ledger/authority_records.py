"""Who may sign what, continued: tokens, records, referral, emergency.

Read it like `authority.py`; the cast and its scene are in `authority_scene.py`. A
key that belongs to no record, or no longer stands for anything there, is nobody: its
envelope is void. Somebody known who signs beside the right one is not permitted.
"""

from collections.abc import Callable, Mapping

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions import emergency as e
from careledger.ledger.actions import records as s
from careledger.ledger.actions import referral as f
from careledger.ledger.actions import tokens as k
from careledger.primitives.signing import SigningKey
from careledger.sealing.tokens import token_key
from tests.ledger.authority import NO_MEMBER, NO_OFFICE, NOBODY, OK, Field, Row, Setting
from tests.ledger.authority_scene import CAST, ENTRY, NEW, Scene, X
from tests.ledger.clinic import invitation
from tests.ledger.issuing import TOKEN_KEY_ID, signer
from tests.ledger.world import DAY, key

NOT_PERMITTED = "records.not-permitted"
NOT_FRESH = "records.key-not-fresh"
NOTHING_PENDING = "records.nothing-pending"
NO_ENTRY = "records.no-such-entry"
NO_KEY = "tokens.no-such-key"
SEVERAL = "void.several-records"
UNENDORSED = "referral.wrong-endorsement"

OTHER = "other record's owner"
TAKING_PART = (
    "owner",
    "practitioner",
    "colleague",
    "reader",
    "single entries",
    "proxy",
    "reading proxy",
    "emergency",
)
SEATED = (*TAKING_PART, "dormant")
"""Whom the ledger knows at the record; who is dormant may only renew."""

OFFICES = (
    "hospital",
    "other hospital",
    "registrar",
    "other registrar",
    "auditor",
    "governor",
)
OF_NO_RECORD = (
    "token holder",
    "emergency doctor",
    "emergency nurse",
    "patient",
    "member of staff",
    *OFFICES,
    "purse",
    "stranger",
)

Codes = Mapping[str, tuple[str, ...]]
HOLDERS = ("owner", "practitioner", "reader", "proxy")
"""Who holds the current key and may wrap it; an emergency seat may not."""


def handle(*may: str, other: str = NOT_PERMITTED, codes: Codes | None = None) -> Field:
    """Return a field for handles; the first of `may` signs rightfully.

    `other` is what another record's owner gets, `codes` are refusals of the seated
    other than that they are not permitted.
    """
    verdicts = {OK: may} | dict(codes or {})
    listed = [name for names in verdicts.values() for name in names]
    verdicts[NOT_PERMITTED] = tuple(one for one in SEATED if one not in listed)
    if OTHER not in listed:
        verdicts[other] = (*verdicts.get(other, ()), OTHER)
    return Field(CAST[may[0]], verdicts)


def owner(theirs: str = OK) -> Field:
    """Return a field for the owner; `theirs` is what another record's owner gets.

    Where the action names nothing of a record, that owner changes its own.
    """
    return handle("owner", OTHER) if theirs == OK else handle("owner", other=theirs)


def alone(*may: str, others: str = NOBODY, codes: Codes | None = None) -> Field:
    """Return a field where `may` sign, the first rightfully, and no seat counts."""
    return Field(CAST[may[0]], {OK: may} | dict(codes or {}), others)


def beside(name: str, codes: Codes) -> Field:
    """Return a field where one may sign, and somebody known signs beside it."""
    return alone(name, others=NOT_PERMITTED, codes=codes)


def office(*may: str, codes: Codes | None = None) -> Field:
    """Return a field for organisations; the first of `may` signs rightfully."""
    elsewhere = dict(codes or {})
    listed = [*may, *(name for names in elsewhere.values() for name in names)]
    refused = tuple(one for one in OFFICES if one not in listed)
    return alone(*may, codes=elsewhere | {NO_OFFICE: refused})


FRESH = Field(NEW, {OK: OF_NO_RECORD}, others=NOT_FRESH)
"""Any key that serves no record yet; who holds it does not matter."""

ENDORSED_KEY = Field(NEW, {OK: ()}, others=UNENDORSED)
"""The endorsement is the new handle's: nobody else can show it."""

OTHER_REGISTRAR = {NO_KEY: ("other registrar",)}
OTHER_RECOVERY = {SEVERAL: ("other record's recovery key",)}
OTHER_WITNESS = {SEVERAL: ("other record's witness",)}
OTHER_CUSTODIAN = {SEVERAL: ("other record's custodian",)}
OTHERS_ERASURE = {NOTHING_PENDING: ("other record's custodian",)}


def asked(t: Scene) -> None:
    """Let the recovery key ask for the record."""
    by = [CAST["recovery key"], key("fresh-owner")]
    t.must(t.act(s.Recover(0, 1, X), by=by))


def veto(t: Scene) -> AnyAction:
    asked(t)
    return s.VetoRecovery(0)


def confirm(t: Scene) -> AnyAction:
    return s.ConfirmRecovery(0, 1, 2, X)


def confirm_asked(t: Scene) -> AnyAction:
    asked(t)
    return confirm(t)


def retained(t: Scene) -> AnyAction:
    return s.Retained(0, t.erasing(), "litigation", t.now + 90 * DAY)


def one_entry(t: Scene) -> AnyAction:
    offer = t.offer(capabilities=("read",), scope=f.OnlyEntries((ENTRY,)))
    return f.Invite(0, NEW.public, offer)


def minor(t: Scene) -> AnyAction:
    offer = t.offer(role="proxy", until=t.now + 60 * DAY)
    return f.InviteForMinor(0, NEW.public, offer)


def replace_custodian(t: Scene) -> AnyAction:
    return s.SetCustodians(0, (1,), (t.chart.custodian.public,))


def plan(t: Scene) -> AnyAction:
    return e.SetPlan(0, tuple(key(f"agent-{n}").public for n in range(3)), (X,) * 3)


def review(t: Scene) -> AnyAction:
    t.must(t.break_glass(t.chart, "vera", "will"))
    return e.Review(0, t.last.events[0][-1].concerns[1], "justified")


def renew(who: SigningKey) -> Callable[[Scene], AnyAction]:
    return lambda t: f.Renew(0, t.endorse(who, "practitioner"))


SCENE = Setting(CAST, Scene)


def row(make: Callable[[Scene], AnyAction], **fields: Field) -> Row:
    """Return a row that plays in the scene."""
    return Row(make, fields, SCENE)


CONFIRM_FIELDS = {
    "recovery": beside("recovery key", OTHER_RECOVERY),
    "witness": beside("witness", OTHER_WITNESS),
    "owner": FRESH,
}

ROWS: Mapping[type[AnyAction], Row] = {
    # Tokens: only registrars, and the patient that asks.
    k.OpenTokenKey: row(
        lambda _: k.OpenTokenKey(0, token_key(signer("college"))),
        registrar=office("registrar", "other registrar"),
    ),
    k.CloseTokenKey: row(
        lambda _: k.CloseTokenKey(0, TOKEN_KEY_ID),
        registrar=office("registrar", codes=OTHER_REGISTRAR),
    ),
    k.IssueTokens: row(
        lambda t: t.issue(1, start=9),
        registrar=alone("registrar", others=NO_OFFICE, codes=OTHER_REGISTRAR),
        patient=alone("patient", others=NO_MEMBER),
    ),
    # Records.
    s.OpenRecord: row(
        lambda t: t.opening("next"), owner=alone("token holder"), custodians=FRESH
    ),
    s.SetPolicy: row(lambda _: s.SetPolicy(0, "deny", 0), owner=owner()),
    s.Declare: row(lambda _: s.Declare(0), handle=handle(*TAKING_PART, OTHER)),
    s.SetCustodians: row(
        lambda _: s.SetCustodians(0, (1,), ()), owner=owner(), joining=FRESH
    ),
    s.Append: row(
        lambda t: t.entry(t.chart, "more"),
        author=handle("owner", "practitioner", "proxy", other="records.not-stored"),
    ),
    s.Read: row(
        lambda _: s.Read(0, (ENTRY,)), reader=handle(*TAKING_PART, other=NO_ENTRY)
    ),
    s.Erase: row(lambda _: s.Erase(0, (ENTRY,)), owner=owner(NO_ENTRY)),
    s.CancelErase: row(
        lambda t: s.CancelErase(0, t.erasing(wait=False)), owner=owner(NOTHING_PENDING)
    ),
    s.Erased: row(
        lambda t: s.Erased(0, t.erasing()),
        custodian=alone("custodian", codes=OTHERS_ERASURE),
    ),
    s.Retained: row(retained, custodian=alone("custodian", codes=OTHERS_ERASURE)),
    s.Rotate: row(
        lambda t: t.rotation(t.chart),
        holder=handle(*HOLDERS, other="records.wrong-holders"),
    ),
    s.Rewrap: row(
        lambda _: s.Rewrap(0, CAST["reader"].public, X),
        holder=handle(*HOLDERS, "reading proxy"),
    ),
    s.CannotOpen: row(
        lambda _: s.CannotOpen(0, X),
        handle=handle("practitioner", "reader", "proxy", "reading proxy", "emergency"),
    ),
    s.Recover: row(
        lambda _: s.Recover(0, 1, X),
        # Another record's recovery key asks for its own.
        recovery=alone("recovery key", "other record's recovery key"),
        owner=FRESH,
    ),
    s.ConfirmRecovery: row(confirm, **CONFIRM_FIELDS),
    s.RecoverByWitness: row(
        lambda _: s.RecoverByWitness(0, 1, 2, X),
        witness=beside("witness", OTHER_WITNESS),
        custodian=beside("custodian", OTHER_CUSTODIAN),
        owner=FRESH,
    ),
    s.VetoRecovery: row(veto, owner=owner(NOTHING_PENDING)),
    # Referral.
    f.Invite: row(
        one_entry,
        inviter=handle(
            "owner", "practitioner", "proxy", other="referral.beyond-own-rights"
        ),
    ),
    f.InviteForMinor: row(minor, witness=alone("witness", "other record's witness")),
    f.Approve: row(
        lambda _: f.Approve(0, invitation("robin").public),
        owner=owner("referral.no-such-invitation"),
    ),
    f.Accept: row(
        lambda t: f.Accept(0, 1, X, t.endorse(NEW, "practitioner"), X),
        invitation=alone("practitioner's invitation", "open invitation"),
        handle=ENDORSED_KEY,
    ),
    f.Revoke: row(
        lambda _: f.Revoke(0, CAST["colleague"].public),
        by=handle("owner", "practitioner", "colleague"),
    ),
    f.Renew: row(
        renew(CAST["practitioner"]),
        handle=handle(
            "practitioner",
            codes={
                UNENDORSED: (
                    "colleague",
                    "reader",
                    "single entries",
                    "emergency",
                    "dormant",
                )
            },
        ),
    ),
    f.ReplaceHandle: row(
        lambda _: f.ReplaceHandle(0, 1, X, None, X),
        handle=handle(
            "owner",
            "proxy",
            "reading proxy",
            OTHER,
            codes={
                UNENDORSED: ("practitioner", "colleague", "reader", "single entries")
            },
        ),
        fresh=FRESH,
    ),
    # Emergency.
    e.SetPlan: row(plan, owner=owner()),
    e.BreakGlass: row(
        lambda t: t.breaking(t.chart, "vera", "will"),
        first=alone("emergency doctor"),
        second=alone("emergency nurse"),
    ),
    e.Review: row(review, auditor=office("auditor")),
}

VARIANTS: Mapping[str, tuple[type[AnyAction], Row]] = {
    "the whole record": (s.Erase, row(lambda _: s.Erase(0, ()), owner=owner())),
    "one joins, one leaves": (
        s.SetCustodians,
        row(replace_custodian, owner=owner("records.bad-custodians"), joining=FRESH),
    ),
    "after asking": (s.ConfirmRecovery, row(confirm_asked, **CONFIRM_FIELDS)),
    "as a proxy": (
        f.Accept,
        row(
            lambda _: f.Accept(0, 1, X, None, X),
            invitation=alone(
                "open invitation", codes={UNENDORSED: ("practitioner's invitation",)}
            ),
            handle=FRESH,
        ),
    ),
    "whom the owner let in": (
        f.Revoke,
        row(lambda _: f.Revoke(0, CAST["reader"].public), by=handle("owner", "reader")),
    ),
    "who is dormant": (
        f.Renew,
        row(
            renew(CAST["dormant"]),
            handle=handle(
                "dormant",
                codes={
                    UNENDORSED: (
                        "practitioner",
                        "colleague",
                        "reader",
                        "single entries",
                        "emergency",
                    )
                },
            ),
        ),
    ),
    "no plan": (e.SetPlan, row(lambda _: e.SetPlan(0, (), ()), owner=owner())),
}
"""Rows of an action that is tried in more than one way."""
