"""Who may sign what: one row for every action.

Read a row like this: the action is put together by `make`; for each field that
names a signer, `ok` lists who may sign there, and the codes list who is refused
with what. Everybody else of the cast gets `others`. Nobody is left out: the test
tries the whole cast in every field, with the rightful signers in all others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions import coin as c
from careledger.ledger.actions import governance as g
from careledger.ledger.actions import registry as r
from careledger.primitives.signing import SigningKey
from tests.ledger.town import (
    CARD,
    CLINIC,
    CLOSED,
    DREW,
    HOSPITAL,
    INSURER,
    ISSUER,
    NEW,
    PAT,
    REGISTRAR,
    ROBIN,
    SAM,
    STRANGER,
    Town,
)
from tests.ledger.world import ANN, BOB, CY, DAY, GOVERNORS, HOUR, key

EXPELLED, DEE = key("expelled"), key("dee")

CAST: Mapping[str, SigningKey] = {
    "governor": GOVERNORS[0],
    "hospital": HOSPITAL,
    "other hospital": CLINIC,
    "registrar": REGISTRAR,
    "insurer": INSURER,
    "suspended hospital": CLOSED,
    "expelled hospital": EXPELLED,
    "practitioner": DREW,
    "suspended practitioner": SAM,
    "other hospital's practitioner": ROBIN,
    "patient": PAT,
    "payer": ANN,
    "payee": BOB,
    "other purse": DEE,
    "stranger": STRANGER,
}
"""Practitioners and patient are the hospital's unless they say otherwise."""

OK = "ok"
NOBODY = "void.nobody-known"
NO_QUORUM = "governance.no-quorum"
NO_OFFICE = "registry.not-your-office"
NO_MEMBER = "registry.not-a-member"
KEY_TAKEN = "registry.key-taken"

TRACES = (b"\x02", b"\x30", b"\x55")
"""Quotas, and a record's history: a refusal may change these tables and no others."""

PURSES = ("payer", "payee", "other purse")
MEMBERS = (
    "practitioner",
    "suspended practitioner",
    "other hospital's practitioner",
    "patient",
)
ACTIVE_MEMBERS = ("practitioner", "other hospital's practitioner", "patient")
ACTIVE = ("hospital", "other hospital", "registrar", "insurer")
OUT_OF_OFFICE = ("governor", "suspended hospital", "expelled hospital")


@dataclass(frozen=True)
class Field:
    """Who may sign in one field.

    Attributes:
        rightful: who signs there while another field is being tried.
        verdicts: code → who gets it.
        others: what everybody else of the cast gets.
    """

    rightful: SigningKey
    verdicts: Mapping[str, tuple[str, ...]]
    others: str = NOBODY


@dataclass(frozen=True)
class Setting:
    """Where rows play: a cast, and what builds the place they meet in."""

    cast: Mapping[str, SigningKey]
    build: Callable[[], Town]


@dataclass(frozen=True)
class Row:
    """One action: how it is made, and who may sign in each of its fields.

    Attributes:
        make: prepares the town and returns the action, signer `i` in field `i`.
        fields: in the order of `signed_by`; none for an action of governance,
            which any two of the three governors sign (see the test).
        setting: the cast that is tried, and the place.
    """

    make: Callable[[Any], AnyAction]
    fields: Mapping[str, Field]
    setting: Setting


def town() -> Town:
    """Return a town with an expelled hospital and three purses."""
    new = Town(purses=tuple(sorted((k.public, 1_000) for k in (ANN, BOB, DEE))))
    admit = new.admission("expelled", "hospital")
    new.must(new.govern(admit))
    new.must(new.govern(g.SetStatus((0, 1), last_id(new, first=True), "expelled")))
    return new


TOWN = Setting(CAST, town)


def row(
    make: Callable[[Any], AnyAction], fields: Mapping[str, Field] | None = None
) -> Row:
    """Return a row that plays in the town."""
    return Row(make, fields or {}, TOWN)


def last_id(new: Town, *, first: bool = False) -> bytes:
    """Return the id that the last event concerns: its first or its last."""
    concerns = new.last.events[0][-1].concerns
    return concerns[0] if first else concerns[-1]


def held(new: Town) -> bytes:
    """Let the payer hold coin for the payee; return the hold's id."""
    new.must(new.act(c.PlaceHold(0, BOB.public, 5, new.now + HOUR), by=[ANN]))
    return last_id(new)


def ordered(new: Town) -> bytes:
    """Let the payer place a standing order for the payee; return its id."""
    order = c.PlaceOrder(0, BOB.public, 5, new.now + HOUR, DAY, 2)
    new.must(new.act(order, by=[ANN]))
    return last_id(new)


def cancel_drews_change(new: Town) -> AnyAction:
    """Let the practitioner plan a key change; return the action that stops it."""
    new.must(new.act(r.ChangeKey(0, 1), by=[DREW, NEW]))
    return r.CancelKeyChange(0)


def organisation(*ok: str, **refused: tuple[str, ...]) -> Field:
    """Return a field where organisations `ok` may sign, the first one rightfully."""
    offices = tuple(name for name in (*ACTIVE, *OUT_OF_OFFICE) if name not in ok)
    return Field(CAST[ok[0]], {OK: ok, NO_OFFICE: offices} | refused)


ITS_OWN_PEOPLE = Field(
    HOSPITAL,
    {
        OK: ("hospital",),
        NO_MEMBER: ("other hospital", "registrar", "insurer"),
        NO_OFFICE: OUT_OF_OFFICE,
    },
)
"""The organisation that registered the member; others learn nothing about it."""

A_FRESH_KEY = Field(
    NEW,
    {
        OK: tuple(name for name in CAST if name not in MEMBERS),
        KEY_TAKEN: MEMBERS,
    },
)
"""Anybody who holds the key and is no member yet: the field proves possession."""

A_MEMBER = Field(DREW, {OK: ACTIVE_MEMBERS, NO_MEMBER: ("suspended practitioner",)})

ANY_PURSE = Field(ANN, {OK: PURSES})
"""Every purse may, with its own coin: the field says whose coin it is."""


ROWS: Mapping[type[AnyAction], Row] = {
    # Coin: the holder of a purse's key disposes of it, and nobody else.
    c.Transfer: row(lambda _: c.Transfer(0, CY.public, 1), {"payer": ANY_PURSE}),
    c.PlaceHold: row(
        lambda t: c.PlaceHold(0, CY.public, 1, t.now + HOUR), {"payer": ANY_PURSE}
    ),
    c.ReleaseHold: row(
        lambda t: c.ReleaseHold(0, held(t)),
        {
            "payer": Field(
                ANN, {OK: ("payer",), "coin.no-such-hold": ("payee", "other purse")}
            )
        },
    ),
    c.ReturnHold: row(
        lambda t: c.ReturnHold(0, held(t)),
        {
            "payee": Field(
                BOB, {OK: ("payee",), "coin.no-such-hold": ("payer", "other purse")}
            )
        },
    ),
    c.PlaceOrder: row(
        lambda t: c.PlaceOrder(0, CY.public, 1, t.now + HOUR, DAY, 1),
        {"payer": ANY_PURSE},
    ),
    c.CancelOrder: row(
        lambda t: c.CancelOrder(0, ordered(t)),
        {
            "payer": Field(
                ANN, {OK: ("payer",), "coin.no-such-order": ("payee", "other purse")}
            )
        },
    ),
    # Governance: a quorum of governors, and nobody else, for every one of them.
    g.AdmitOrganisation: row(lambda t: t.admission("laboratory", "hospital")),
    g.SetStatus: row(lambda t: g.SetStatus((0, 1), t.ids["clinic"], "suspended")),
    g.ReplaceOrganisationKey: row(
        lambda t: g.ReplaceOrganisationKey((0, 1), t.ids["clinic"], NEW.public)
    ),
    g.SetGovernors: row(lambda _: g.SetGovernors((0, 1), (NEW.public,), 1)),
    g.SetParameter: row(lambda _: g.SetParameter((0, 1), "purse_quota", 70)),
    g.MintCoin: row(lambda _: g.MintCoin((0, 1), CY.public, 5)),
    g.AdmitNode: row(
        lambda t: g.AdmitNode((0, 1), t.ids["clinic"], "b", NEW.public, bytes(1312))
    ),
    g.RetireNode: row(lambda t: g.RetireNode((0, 1), second_node(t))),
    # Registry: organisations for their own people, members for their own keys.
    r.RegisterMember: row(
        lambda _: r.RegisterMember(0, 1, "staff", CARD),
        {"organisation": organisation(*ACTIVE), "member": A_FRESH_KEY},
    ),
    r.AdmitPatient: row(
        lambda _: r.AdmitPatient(0, 1),
        {
            "organisation": organisation("hospital", "other hospital", "registrar"),
            "patient": A_FRESH_KEY,
        },
    ),
    r.ChangeCard: row(
        lambda _: r.ChangeCard(0, DREW.public, bytes(32)),
        {"organisation": ITS_OWN_PEOPLE},
    ),
    r.SetMemberStatus: row(
        lambda _: r.SetMemberStatus(0, DREW.public, "suspended"),
        {"organisation": ITS_OWN_PEOPLE},
    ),
    r.ChangeKey: row(
        lambda _: r.ChangeKey(0, 1), {"member": A_MEMBER, "key": A_FRESH_KEY}
    ),
    r.ReplaceKey: row(
        lambda _: r.ReplaceKey(0, 1, DREW.public, 2),
        {
            # Never void: the other of the two offices is always known.
            "organisation": Field(
                HOSPITAL,
                {
                    OK: ("hospital",),
                    NO_MEMBER: ("other hospital", "registrar", "insurer"),
                },
                others=NO_OFFICE,
            ),
            "registrar": Field(REGISTRAR, {OK: ("registrar",)}, others=NO_OFFICE),
            "key": A_FRESH_KEY,
        },
    ),
    r.CancelKeyChange: row(
        cancel_drews_change,
        {
            "member": Field(
                DREW,
                {
                    OK: ("practitioner",),
                    NO_MEMBER: ("suspended practitioner",),
                    "registry.no-change-pending": (
                        "other hospital's practitioner",
                        "patient",
                    ),
                },
            )
        },
    ),
    r.ChangeMailbox: row(
        lambda _: r.ChangeMailbox(0, bytes(1216)),
        {"organisation": organisation(*ACTIVE)},
    ),
    r.OpenIssuerEpoch: row(
        lambda _: r.OpenIssuerEpoch(0, ISSUER.public),
        {"registrar": organisation("registrar")},
    ),
    r.CloseIssuerEpoch: row(
        lambda _: r.CloseIssuerEpoch(0, 1), {"registrar": organisation("registrar")}
    ),
    r.WithdrawRecognition: row(
        lambda _: r.WithdrawRecognition(0, CARD),
        {"registrar": organisation("registrar")},
    ),
}


def second_node(new: Town) -> bytes:
    """Admit a second node; return its key."""
    admit = g.AdmitNode((0, 1), new.ids["clinic"], "b", NEW.public, bytes(1312))
    new.must(new.govern(admit))
    return NEW.public
