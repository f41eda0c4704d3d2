"""Governance: k of n governors admit organisations and nodes, and mint coin.

Only this module touches its tables. An organisation keeps its identifier for
ever; its key can be replaced. No legal entity or group is both insurer and
research company: `wall` counts them.
"""

import itertools
from collections.abc import Iterator
from typing import Final

import msgspec

from careledger.ledger.actions import governance as actions
from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import parameters, set_parameter
from careledger.ledger.refusals.governance import (
    AlreadyAdmitted,
    BadApplication,
    BadGovernors,
    NoQuorum,
    NotAdmitted,
    WrongStatus,
)
from careledger.ledger.refusals.registry import NotYourOffice
from careledger.ledger.state import Draft, Table
from careledger.ledger.usage import charge as charge_usage
from careledger.ledger.workflows import coin, nodes, wall
from careledger.primitives.encoding import Message, UInt, encode
from careledger.primitives.hashing import marked_hash, sha256
from careledger.primitives.signing import BadSignature, verify

MOST_SIGNATURES: Final = 7
"""Governors that one action can name."""

LEAST_TO_GOVERN: Final = 1_000
"""Actions that a governor has a day, however small the quota of organisations is.

Whoever set it too small must be able to set it right.
"""

APPLICATION_MARKER: Final = b"careledger/application/v1"


class Governors(Message, frozen=True):
    """Who governs: any `threshold` of `keys`."""

    keys: tuple[PublicKey, ...] = ()
    threshold: UInt = 1


class Organisation(Message, frozen=True):
    """An admitted organisation.

    Attributes:
        name: UTF-8, as it applied.
        entity: its legal entity.
        group: the head of its group.
        kinds: what it may act as.
        key: the key that acts for it now.
        status: `expelled` is final.
    """

    name: bytes
    entity: bytes
    group: bytes
    kinds: tuple[actions.Kind, ...]
    key: PublicKey
    status: str


_GOVERNORS: Table[Governors] = Table(b"\x03", Governors, Governors())
_ORGANISATIONS: Table[Organisation | None] = Table(b"\x04", Organisation, None)
_KEYS: Table[bytes] = Table(b"\x05", Hash, b"")
_MAILBOXES: Table[bytes] = Table(b"\x06", bytes, b"")


# What other workflows may call.


def organisation(draft: Draft, organisation_id: bytes) -> Organisation:
    """Return an organisation by its identifier.

    Raises:
        NotAdmitted: there is none.
    """
    found = _ORGANISATIONS.get(draft, organisation_id)
    if found is None:
        raise NotAdmitted
    return found


def acting(draft: Draft, key: bytes, *kinds: str) -> bytes:
    """Return the identifier of the active organisation that `key` acts for.

    Args:
        draft: the state.
        key: a key whose signature was checked.
        kinds: the organisation must be one of these; none means any.

    Raises:
        NotYourOffice: no such organisation, not active, or of another kind.
    """
    organisation_id = _KEYS.get(draft, key)
    if not organisation_id:
        raise NotYourOffice
    found = organisation(draft, organisation_id)
    if found.status != "active":
        raise NotYourOffice
    if kinds and not any(kind in found.kinds for kind in kinds):
        raise NotYourOffice
    return organisation_id


def mailbox(draft: Draft, organisation_id: bytes) -> bytes:
    """Return the X-Wing key of an organisation's mailbox (1216 bytes)."""
    return _MAILBOXES.get(draft, organisation_id)


def set_mailbox(draft: Draft, organisation_id: bytes, key: bytes) -> None:
    """Replace an organisation's mailbox key."""
    _MAILBOXES.put(draft, organisation_id, key)


def governors(draft: Draft) -> Governors:
    """Return who governs."""
    return _GOVERNORS.get(draft)


def charge(draft: Draft, key: bytes, weight: int, now: int) -> bool:
    """Count `weight` actions of an organisation or governor; tell whether known.

    Raises:
        OverQuota: it has used up its quota for today.
    """
    governs = key in _GOVERNORS.get(draft).keys
    known = governs or _KEYS.get(draft, key) != b""
    if known:
        limit = parameters(draft).organisation_quota
        least = LEAST_TO_GOVERN if governs else 0
        charge_usage(draft, key, weight, now, max(limit, least))
    return known


def application_message(application: actions.Application) -> bytes:
    """Return the bytes that an applying organisation signs."""
    return APPLICATION_MARKER + encode(application)


def organisation_id(application: actions.Application) -> bytes:
    """Return the identifier that an application leads to (32 bytes)."""
    return marked_hash(b"careledger/organisation/v1", encode(application))


# Genesis and the actions below share these; nobody else calls them.


def admit(draft: Draft, application: actions.Application) -> bytes:
    """Enter an organisation; return its identifier.

    Raises:
        BadApplication: its kinds are not ascending and distinct.
        AlreadyAdmitted: the application or its key is already in use.
        BehindTheWall: insurer and research in one entity or group.
    """
    if not all(a < b for a, b in itertools.pairwise(application.kinds)):
        raise BadApplication
    new_id = organisation_id(application)
    if _ORGANISATIONS.get(draft, new_id) is not None or _KEYS.get(
        draft, application.key
    ):
        raise AlreadyAdmitted
    wall.count(draft, _party(application), 1)
    new = Organisation(
        application.name,
        application.entity,
        application.group,
        application.kinds,
        application.key,
        "active",
    )
    _ORGANISATIONS.put(draft, new_id, new)
    _KEYS.put(draft, application.key, new_id)
    _MAILBOXES.put(draft, new_id, application.mailbox)
    return new_id


def _party(found: actions.Application | Organisation) -> wall.Party:
    return wall.Party(found.entity, found.group, found.kinds)


def set_governors(draft: Draft, keys: tuple[bytes, ...], threshold: int) -> None:
    """Replace the governors.

    Raises:
        BadGovernors: keys not ascending and distinct, or a threshold that they
            cannot reach or that an action has no room for.
    """
    if not _can_decide(keys, threshold):
        raise BadGovernors
    _GOVERNORS.put(draft, b"", Governors(keys, threshold))


def _can_decide(keys: tuple[bytes, ...], threshold: int) -> bool:
    ascending = all(a < b for a, b in itertools.pairwise(keys))
    return ascending and 1 <= threshold <= min(len(keys), MOST_SIGNATURES)


def add_node(draft: Draft, new: nodes.Node) -> None:
    """Add a node.

    Raises:
        AlreadyAdmitted: its name or key is taken.
        NotAdmitted: its organisation is not admitted.
        WrongStatus: its organisation was expelled.
    """
    if organisation(draft, new.organisation).status == "expelled":
        raise WrongStatus
    nodes.add(draft, new)


def _require_quorum(at: Context, indexes: tuple[int, ...]) -> None:
    """Check that enough distinct governors signed.

    Raises:
        NoQuorum: too few, one twice, or somebody who is no governor.
    """
    in_force = _GOVERNORS.get(at.draft)
    keys = dict.fromkeys(at.signers[index] for index in indexes)
    if len(keys) != len(indexes) or len(keys) < in_force.threshold:
        raise NoQuorum
    if not all(key in in_force.keys for key in keys):
        raise NoQuorum


# Handlers: one per action. WHO and MAY are the same in all: a quorum.


def on_admit(at: Context, action: actions.AdmitOrganisation) -> None:
    """Admit an organisation by its signed application."""
    _require_quorum(at, action.governors)  # WHO, MAY
    application = action.application
    _check_application(at, application, action.signature)
    new_id = admit(at.draft, application)  # DO
    at.draft.say("governance.admitted", new_id, application.key)  # SAY


def _check_application(
    at: Context, application: actions.Application, signature: bytes
) -> None:
    if application.chain_id != at.chain_id:
        raise BadApplication
    try:
        verify(application.key, application_message(application), signature)
    except BadSignature as error:
        raise BadApplication from error


def on_set_status(at: Context, action: actions.SetStatus) -> None:
    """Suspend, reinstate or expel an organisation."""
    _require_quorum(at, action.governors)  # WHO, MAY
    found = organisation(at.draft, action.organisation)
    if found.status in ("expelled", action.status):
        raise WrongStatus
    if action.status == "expelled":  # DO
        wall.count(at.draft, _party(found), -1)
        others = [
            one
            for one in nodes.in_force(at.draft)
            if one.organisation != action.organisation
        ]
        nodes.keep(at.draft, others)
    changed = msgspec.structs.replace(found, status=action.status)
    _ORGANISATIONS.put(at.draft, action.organisation, changed)
    at.draft.say(f"governance.{action.status}", action.organisation)  # SAY


def on_replace_key(at: Context, action: actions.ReplaceOrganisationKey) -> None:
    """Give an organisation another key."""
    _require_quorum(at, action.governors)  # WHO, MAY
    found = organisation(at.draft, action.organisation)
    if _KEYS.get(at.draft, action.key):
        raise AlreadyAdmitted
    _KEYS.put(at.draft, found.key, b"")  # DO
    _KEYS.put(at.draft, action.key, action.organisation)
    changed = msgspec.structs.replace(found, key=action.key)
    _ORGANISATIONS.put(at.draft, action.organisation, changed)
    at.draft.say("governance.key-replaced", action.organisation)  # SAY


def on_set_governors(at: Context, action: actions.SetGovernors) -> None:
    """Replace the governors."""
    _require_quorum(at, action.governors)  # WHO, MAY
    set_governors(at.draft, action.keys, action.threshold)  # DO
    at.draft.say("governance.governors-set", *action.keys)  # SAY


def on_set_parameter(at: Context, action: actions.SetParameter) -> None:
    """Change one parameter."""
    _require_quorum(at, action.governors)  # WHO, MAY
    set_parameter(at.draft, action.name, action.value)  # DO
    at.draft.say("governance.parameter-set")  # SAY


def on_mint(at: Context, action: actions.MintCoin) -> None:
    """Create coin."""
    _require_quorum(at, action.governors)  # WHO, MAY
    coin.mint(at.draft, action.purse, action.amount)  # DO
    at.draft.say("governance.minted", action.purse)  # SAY


def on_admit_node(at: Context, action: actions.AdmitNode) -> None:
    """Add a node."""
    _require_quorum(at, action.governors)  # WHO, MAY
    hashed = sha256(action.ml_dsa_key)
    new = nodes.Node(action.organisation, action.name, action.key, hashed)
    add_node(at.draft, new)  # DO
    at.draft.say("governance.node-admitted", action.organisation, action.key)  # SAY


def on_retire_node(at: Context, action: actions.RetireNode) -> None:
    """Remove a node."""
    _require_quorum(at, action.governors)  # WHO, MAY
    before = nodes.in_force(at.draft)
    remaining = [node for node in before if node.key != action.key]
    if len(remaining) == len(before):
        raise NotAdmitted
    nodes.keep(at.draft, remaining)  # DO
    at.draft.say("governance.node-retired", action.key)  # SAY


# Audit.


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong with organisations, keys, the wall, governors and nodes."""
    admitted = listing.present(_ORGANISATIONS)
    yield from _audit_keys(listing, admitted)
    counted = {key: one for key, one in admitted.items() if one.status != "expelled"}
    yield from wall.audit(listing, [_party(one) for one in counted.values()])
    yield from nodes.audit(listing, counted)


def is_admitted(listing: Listing, organisation_id: bytes) -> bool:
    """Tell whether a listing has this organisation, whatever its status."""
    return organisation_id in listing.rows(_ORGANISATIONS)


def _audit_keys(listing: Listing, admitted: dict[bytes, Organisation]) -> Iterator[str]:
    """Compare the two directions: organisation → key and key → organisation."""
    expected = {one.key: organisation_id for organisation_id, one in admitted.items()}
    if listing.rows(_KEYS) != expected:
        yield "governance: the table of keys is not that of the organisations"
    for organisation_id in listing.rows(_MAILBOXES):
        if organisation_id not in admitted:
            yield f"governance: the mailbox {short(organisation_id)} is nobody's"
    for one in listing.rows(_GOVERNORS).values():
        if not _can_decide(one.keys, one.threshold):
            yield "governance: the governors cannot decide"
