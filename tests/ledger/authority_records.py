"""Who may sign what, continued: tokens, records, referral, emergency.

Read it like `authority.py`. The cast is the ward's; a key that belongs to no
record, or no longer stands for anything there, is nobody: its envelope is void.
"""

from collections.abc import Mapping

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions import emergency as e
from careledger.ledger.actions import records as s
from careledger.ledger.actions import referral as f
from careledger.ledger.actions import tokens as k
from careledger.sealing.tokens import generate_signer, token_key
from tests.ledger.authority import (
    NO_MEMBER,
    NO_OFFICE,
    OK,
    Field,
    Row,
    Setting,
)
from tests.ledger.town import DREW, HOSPITAL, NEW, PAT, REGISTRAR, STRANGER
from tests.ledger.ward import (
    AGENTS,
    AUDITOR,
    COLLEAGUE,
    CUSTODIAN,
    DOC,
    ENTRY,
    FIRST,
    HASH,
    INVITED,
    LAPSED,
    OTHER_CUSTODIAN,
    OTHER_OWNER,
    OWNER,
    READER,
    RECOVERY,
    REVOKED,
    SECOND,
    WITNESS,
    Ward,
)
from tests.ledger.world import ANN, DAY, GOVERNORS, key

CAST = {
    "owner": OWNER,
    "practitioner": DOC,
    "colleague": COLLEAGUE,
    "reader": READER,
    "lapsed": LAPSED,
    "revoked": REVOKED,
    "invited": INVITED,
    "custodian": CUSTODIAN,
    "witness": WITNESS,
    "recovery key": RECOVERY,
    "other record's owner": OTHER_OWNER,
    "other record's custodian": OTHER_CUSTODIAN,
    "emergency doctor": FIRST,
    "emergency nurse": SECOND,
    "auditor": AUDITOR,
    "hospital": HOSPITAL,
    "registrar": REGISTRAR,
    "governor": GOVERNORS[0],
    "patient": PAT,
    "member of staff": DREW,
    "purse": ANN,
    "stranger": STRANGER,
}

WARD = Setting(CAST, Ward)

OTHER = "other record's owner"
NOT_PERMITTED = "records.not-permitted"
NOT_FRESH = "records.key-not-fresh"
OFFICES = ("auditor", "hospital", "registrar", "governor")
GUESTS = ("practitioner", "colleague", "reader")
USED = (
    *GUESTS,
    "lapsed",
    "revoked",
    "invited",
    "owner",
    "custodian",
    "witness",
    "recovery key",
)
USED = (*USED, OTHER, "other record's custodian")


def office(name: str) -> Field:
    """Return a field for one kind of organisation."""
    others = tuple(one for one in OFFICES if one != name)
    return Field(CAST[name], {OK: (name,), NO_OFFICE: others})


def owner(theirs: str = OK) -> Field:
    """Return a field for the owner; `theirs` is what another record's owner gets.

    Where the action names nothing of a record, that owner changes its own.
    """
    if theirs == OK:
        return Field(OWNER, {OK: ("owner", OTHER), NOT_PERMITTED: GUESTS})
    refused = {NOT_PERMITTED: GUESTS}
    refused[theirs] = (*refused.get(theirs, ()), OTHER)
    return Field(OWNER, {OK: ("owner",)} | refused)


def handle(
    rightful: str,
    *may: str,
    other: str = NOT_PERMITTED,
    **codes: tuple[str, ...],
) -> Field:
    """Return a field for handles: `may` act; `other` is the other owner's code."""
    verdicts: dict[str, tuple[str, ...]] = {OK: may}
    for code, names in codes.items():
        verdicts[code.replace("__", ".").replace("_", "-")] = names
    if OTHER not in may:
        verdicts[other] = (*verdicts.get(other, ()), OTHER)
    listed = [name for names in verdicts.values() for name in names]
    refused = tuple(one for one in ("owner", *GUESTS) if one not in listed)
    verdicts[NOT_PERMITTED] = (*verdicts.get(NOT_PERMITTED, ()), *refused)
    return Field(CAST[rightful], verdicts)


def alone(name: str, **codes: tuple[str, ...]) -> Field:
    """Return a field where one key may sign, and nobody else is known."""
    refused = {
        code.replace("__", ".").replace("_", "-"): n for code, n in codes.items()
    }
    return Field(CAST[name], {OK: (name,)} | refused)


def beside(name: str, **codes: tuple[str, ...]) -> Field:
    """Return a field where one may sign, and somebody known signs beside it."""
    return Field(CAST[name], alone(name, **codes).verdicts, others=NOT_PERMITTED)


FRESH = Field(
    NEW, {OK: tuple(name for name in CAST if name not in USED), NOT_FRESH: USED}
)
"""Any key that serves no record yet; who holds it does not matter."""

TWO_RECORDS = {"void__several_records": ("other record's custodian",)}


def asked(t: Ward) -> None:
    """Let the recovery key ask for the record."""
    t.must(t.act(s.Recover(0, 1, HASH), by=[RECOVERY, key("fresh-owner")]))


def approve(t: Ward) -> AnyAction:
    """Let the practitioner refer where the owner wants to be asked."""
    t.must(t.act(s.SetPolicy(0, "ask", 2), by=[OWNER]))
    offer = t.offer(f.OnlyEntries((ENTRY,)))
    t.must(t.act(f.Invite(0, NEW.public, offer), by=[DOC]))
    return f.Approve(0, NEW.public)


def veto(t: Ward) -> AnyAction:
    asked(t)
    return s.VetoRecovery(0)


def confirm(t: Ward) -> AnyAction:
    asked(t)
    return s.ConfirmRecovery(0, 1, 2, HASH)


def break_glass(t: Ward) -> AnyAction:
    t.plan()
    return t.break_glass()


def review(t: Ward) -> AnyAction:
    t.must(t.act(break_glass(t), by=[FIRST, SECOND]))
    return e.Review(0, t.last.events[0][-1].concerns[1], "justified")


def issue(t: Ward) -> AnyAction:
    """Make a good request and answer: the registrar of the ward signs it, too."""
    return t.issuing(key("third-owner"))[0]


ROWS: Mapping[type[AnyAction], Row] = {
    # Tokens: only registrars, and the patient that asks.
    k.OpenTokenKey: Row(
        lambda _: k.OpenTokenKey(0, token_key(generate_signer(2048))),
        {"registrar": office("registrar")},
        WARD,
    ),
    k.CloseTokenKey: Row(
        lambda t: k.CloseTokenKey(0, t.key_id), {"registrar": office("registrar")}, WARD
    ),
    k.IssueTokens: Row(
        issue,
        {
            "registrar": Field(REGISTRAR, {OK: ("registrar",)}, others=NO_OFFICE),
            "patient": Field(PAT, {OK: ("patient",)}, others=NO_MEMBER),
        },
        WARD,
    ),
    # Records.
    s.OpenRecord: Row(
        lambda t: t.opening("third-owner"),
        {"owner": Field(key("third-owner"), {OK: ()}), "custodians": FRESH},
        WARD,
    ),
    s.SetPolicy: Row(lambda _: s.SetPolicy(0, "deny", 0), {"owner": owner()}, WARD),
    s.Declare: Row(
        lambda _: s.Declare(0),
        {
            "handle": handle(
                "owner", "owner", "practitioner", "colleague", "reader", OTHER
            )
        },
        WARD,
    ),
    s.SetCustodians: Row(
        lambda _: s.SetCustodians(0, (1,), ()),
        {"owner": owner(), "joining": FRESH},
        WARD,
    ),
    s.Append: Row(
        lambda t: t.append(b"another-entry!!!"),
        {
            "author": handle(
                "owner", "owner", "practitioner", other="records.not-stored"
            )
        },
        WARD,
    ),
    s.Read: Row(
        lambda _: s.Read(0, (ENTRY,)),
        {
            "reader": handle(
                "owner",
                "owner",
                "practitioner",
                "colleague",
                "reader",
                other="records.no-such-entry",
            )
        },
        WARD,
    ),
    s.Erase: Row(
        lambda _: s.Erase(0, (ENTRY,)),
        {"owner": owner("records.no-such-entry")},
        WARD,
    ),
    s.CancelErase: Row(
        lambda t: s.CancelErase(0, t.erasure()),
        {"owner": owner("records.nothing-pending")},
        WARD,
    ),
    s.Erased: Row(
        lambda t: s.Erased(0, t.erasure(wait=True)),
        {
            "custodian": alone(
                "custodian", records__nothing_pending=("other record's custodian",)
            )
        },
        WARD,
    ),
    s.Retained: Row(
        lambda t: s.Retained(0, t.erasure(wait=True), "medical-law", t.now + DAY),
        {
            "custodian": alone(
                "custodian", records__nothing_pending=("other record's custodian",)
            )
        },
        WARD,
    ),
    s.Rotate: Row(
        lambda _: s.Rotate(0, 1, HASH, (0, 1, 3), (HASH,) * 4, ()),
        {
            "holder": handle(
                "owner", "owner", "practitioner", other="records.wrong-holders"
            )
        },
        WARD,
    ),
    s.Rewrap: Row(
        lambda _: s.Rewrap(0, READER.public, HASH),
        {"holder": handle("owner", "owner", "practitioner", "reader")},
        WARD,
    ),
    s.CannotOpen: Row(
        lambda _: s.CannotOpen(0, HASH),
        {"handle": handle("practitioner", "practitioner", "reader")},
        WARD,
    ),
    s.Recover: Row(
        lambda _: s.Recover(0, 1, HASH),
        {"recovery": alone("recovery key"), "owner": FRESH},
        WARD,
    ),
    s.ConfirmRecovery: Row(
        confirm,
        {
            "recovery": beside("recovery key"),
            "witness": beside("witness"),
            "owner": FRESH,
        },
        WARD,
    ),
    s.RecoverByWitness: Row(
        lambda _: s.RecoverByWitness(0, 1, 2, HASH),
        {
            "witness": beside("witness"),
            "custodian": beside("custodian", **TWO_RECORDS),
            "owner": FRESH,
        },
        WARD,
    ),
    s.VetoRecovery: Row(veto, {"owner": owner("records.nothing-pending")}, WARD),
    # Referral.
    f.Invite: Row(
        lambda t: f.Invite(0, NEW.public, t.offer(f.OnlyEntries((ENTRY,)))),
        {
            "inviter": handle(
                "owner", "owner", "practitioner", other="referral.beyond-own-rights"
            )
        },
        WARD,
    ),
    f.InviteForMinor: Row(
        lambda t: f.InviteForMinor(
            0,
            NEW.public,
            f.Offer("proxy", ("read",), f.AllEpochs(), t.now + DAY, 0),
        ),
        {"witness": alone("witness")},
        WARD,
    ),
    f.Approve: Row(approve, {"owner": owner("referral.no-such-invitation")}, WARD),
    f.Accept: Row(
        lambda t: f.Accept(0, 1, HASH, t.endorsed(NEW, "practitioner"), HASH),
        {
            "invitation": alone("invited"),
            # The endorsement is the new handle's: nobody else can show it.
            "handle": Field(NEW, {OK: ()}, others="referral.wrong-endorsement"),
        },
        WARD,
    ),
    f.Revoke: Row(
        lambda _: f.Revoke(0, COLLEAGUE.public),
        {"by": handle("owner", "owner", "practitioner", "colleague")},
        WARD,
    ),
    f.Renew: Row(
        lambda t: f.Renew(0, t.endorsed(DOC, "practitioner")),
        {
            "handle": handle(
                "practitioner",
                "practitioner",
                referral__wrong_endorsement=("colleague",),
            )
        },
        WARD,
    ),
    f.ReplaceHandle: Row(
        lambda _: f.ReplaceHandle(0, 1, HASH, None, HASH),
        {
            "handle": handle(
                "owner",
                "owner",
                "reader",
                OTHER,
                referral__wrong_endorsement=("practitioner", "colleague"),
            ),
            "fresh": FRESH,
        },
        WARD,
    ),
    # Emergency.
    e.SetPlan: Row(
        lambda _: e.SetPlan(0, AGENTS, (HASH,) * 3), {"owner": owner()}, WARD
    ),
    e.BreakGlass: Row(
        break_glass,
        {"first": alone("emergency doctor"), "second": alone("emergency nurse")},
        WARD,
    ),
    e.Review: Row(review, {"auditor": office("auditor")}, WARD),
}
