"""Patient tokens: issued in the open, spent without a trace to whom (RFC 9474).

Only this module touches its tables. A registrar answers a patient's *blinded*
request, and the ledger checks and counts the answer; the token that comes of it
opens one record for one owner handle. Nothing joins the two. What is spent is
the handle, because one message has many valid signatures.
"""

from collections.abc import Iterator
from typing import Final

from careledger.ledger.actions import tokens as actions
from careledger.ledger.actions.base import Hash
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import DAY
from careledger.ledger.refusals.tokens import (
    BadIssue,
    NoMoreTokens,
    NoSuchTokenKey,
    NotAToken,
    TokenKeyTaken,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import governance, registry
from careledger.primitives import blind_signatures as blind
from careledger.primitives.blind_signatures import TokenKey
from careledger.primitives.encoding import Message, UInt, encode
from careledger.primitives.hashing import marked_hash

PER_YEAR: Final = 16
"""Tokens that one patient may have in a year."""

YEAR: Final = 365 * DAY
"""Milliseconds; years are counted from 1970 in blocks of 365 days."""


class Issuing(Message, frozen=True):
    """A registrar's token key and how often it was used.

    Attributes:
        registrar: whose it is.
        key: RSA public key.
        open: whether it may still issue.
        issued: tokens issued.
        spent: tokens spent; never more than issued.
    """

    registrar: Hash
    key: TokenKey
    open: bool
    issued: UInt
    spent: UInt


class Allowance(Message, frozen=True):
    """What a patient was issued in one year."""

    year: UInt = 0
    issued: UInt = 0


_KEYS: Table[Issuing | None] = Table(b"\x40", Issuing, None)
_ALLOWANCES: Table[Allowance] = Table(b"\x41", Allowance, Allowance())
_SPENT: Table[bool] = Table(b"\x42", bool, default=False)
_ANSWERED: Table[bool] = Table(b"\x43", bool, default=False)


def key_id(key: TokenKey) -> bytes:
    """Return the identifier of a token key (32 bytes)."""
    return marked_hash(b"careledger/token-key/v1", encode(key))


def check(
    at_chain: bytes, draft: Draft, key: bytes, handle: bytes, token: bytes
) -> None:
    """Check that `token` is good for `handle` and not spent.

    Raises:
        NotAToken: forged, spent, of another key or for another handle.
    """
    issuing = _KEYS.get(draft, key)
    if issuing is None or issuing.spent >= issuing.issued or _SPENT.get(draft, handle):
        raise NotAToken
    try:
        blind.verify(issuing.key, blind.token_message(at_chain, handle), token)
    except blind.BadToken as error:
        raise NotAToken from error


def spend(
    at_chain: bytes, draft: Draft, key: bytes, handle: bytes, token: bytes
) -> None:
    """Spend the token of `handle`.

    Raises:
        NotAToken: as `check`.
    """
    check(at_chain, draft, key, handle, token)
    issuing = _key(draft, key)
    _KEYS.put(
        draft,
        key,
        Issuing(
            issuing.registrar,
            issuing.key,
            issuing.open,
            issuing.issued,
            issuing.spent + 1,
        ),
    )
    _SPENT.put(draft, handle, value=True)


def _key(draft: Draft, key: bytes) -> Issuing:
    issuing = _KEYS.get(draft, key)
    if issuing is None:
        raise NoSuchTokenKey
    return issuing


def _open_key(at: Context, index: int, key: bytes) -> Issuing:
    """Return a token key that the signing registrar may use.

    Raises:
        NotYourOffice: the signer is no active registrar.
        NoSuchTokenKey: not this registrar's, or closed.
    """
    registrar = governance.acting(at.draft, at.signers[index], "registrar")
    issuing = _key(at.draft, key)
    if issuing.registrar != registrar or not issuing.open:
        raise NoSuchTokenKey
    return issuing


def _count_for(at: Context, patient: bytes, number: int) -> None:
    """Count tokens for a patient.

    Raises:
        NoMoreTokens: more than `PER_YEAR` this year.
    """
    year = at.now // YEAR
    had = _ALLOWANCES.get(at.draft, patient)
    issued = number + (had.issued if had.year == year else 0)
    if issued > PER_YEAR:
        raise NoMoreTokens
    _ALLOWANCES.put(at.draft, patient, Allowance(year, issued))


def on_open_key(at: Context, action: actions.OpenTokenKey) -> None:
    """Register a token key."""
    signer = at.signers[action.registrar]
    registrar = governance.acting(at.draft, signer, "registrar")  # WHO
    new_id = key_id(action.key)
    if _KEYS.get(at.draft, new_id) is not None:  # MAY
        raise TokenKeyTaken
    try:
        blind.check_key(action.key)
    except blind.BadTokenKey as error:
        raise TokenKeyTaken from error
    _KEYS.put(at.draft, new_id, Issuing(registrar, action.key, True, 0, 0))  # DO # noqa: FBT003
    at.draft.say("tokens.key-opened", registrar, new_id)  # SAY


def on_close_key(at: Context, action: actions.CloseTokenKey) -> None:
    """Stop issuing with a key."""
    old = _open_key(at, action.registrar, action.key_id)  # WHO, MAY
    closed = Issuing(old.registrar, old.key, False, old.issued, old.spent)  # noqa: FBT003
    _KEYS.put(at.draft, action.key_id, closed)  # DO
    at.draft.say("tokens.key-closed", old.registrar, action.key_id)  # SAY


def on_issue(at: Context, action: actions.IssueTokens) -> None:
    """Check and count a registrar's answers to a patient's requests."""
    issuing = _open_key(at, action.registrar, action.key_id)  # WHO
    patient = registry.acting(at.draft, at.signers[action.patient], "patient")
    if len(action.requests) != len(action.answers):  # MAY
        raise BadIssue
    for request, answer in zip(action.requests, action.answers, strict=True):
        _check_issue(issuing.key, request, answer)
        _answer_once(at.draft, action.key_id, request)
    _count_for(at, patient, len(action.answers))
    _KEYS.put(  # DO
        at.draft,
        action.key_id,
        Issuing(
            issuing.registrar,
            issuing.key,
            issuing.open,
            issuing.issued + len(action.answers),
            issuing.spent,
        ),
    )
    at.draft.say("tokens.issued", patient, issuing.registrar)  # SAY


def _answer_once(draft: Draft, key: bytes, request: bytes) -> None:
    """Note that a request is answered.

    Raises:
        BadIssue: it was answered before; a second answer is no second token.
    """
    name = marked_hash(b"careledger/token-request/v1", key, request)
    if _ANSWERED.get(draft, name):
        raise BadIssue
    _ANSWERED.put(draft, name, value=True)


def _check_issue(key: TokenKey, request: bytes, answer: bytes) -> None:
    try:
        blind.verify_issue(key, request, answer)
    except blind.BadIssue as error:
        raise BadIssue from error


# Audit.


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong: tokens spent that were not issued, or not counted."""
    listing.rows(_ALLOWANCES)
    keys = listing.present(_KEYS)
    for name, issuing in keys.items():
        if issuing.spent > issuing.issued:
            yield f"tokens: more was spent than issued with {short(name)}"
    if sum(one.spent for one in keys.values()) != len(listing.rows(_SPENT)):
        yield "tokens: the counts of spent tokens are not those of the handles"
    if sum(one.issued for one in keys.values()) != len(listing.rows(_ANSWERED)):
        yield "tokens: the counts of issued tokens are not those of the requests"
