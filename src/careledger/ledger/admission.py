"""What an envelope must satisfy before it may leave a trace.

These checks need the state. Whoever fails one is void: no leaf, no receipt, no
id. Quotas and a record's history are written here, to the block's draft, so
refused transactions count and show as well.
"""

from typing import Final

from careledger.ledger.actions import Action
from careledger.ledger.actions.base import Role
from careledger.ledger.actions.emergency import BreakGlass, Review
from careledger.ledger.actions.records import OpenRecord
from careledger.ledger.blocks import Header
from careledger.ledger.context import Context
from careledger.ledger.envelopes import Transaction
from careledger.ledger.parameters import parameters
from careledger.ledger.refusals.base import (
    Duplicate,
    Expired,
    NobodyKnown,
    Refusal,
    SeveralRecords,
    TooFarAhead,
    WrongChain,
)
from careledger.ledger.state import Draft, PreState
from careledger.ledger.usage import charge as charge_usage
from careledger.ledger.workflows import (
    coin,
    emergency,
    governance,
    records,
    referral,
    registry,
    seats,
    tokens,
)

LONGEST_VALIDITY: Final = 86_400_000
"""How far ahead `valid_until` may lie: 24 h in milliseconds."""

INVITATION_QUOTA: Final = 16
"""Times a day that one invitation may be tried."""

_Weights = dict[tuple[Role, bytes], int]
_Places = dict[tuple[Role, bytes], seats.Place]

_NAMING: Final = (OpenRecord, BreakGlass, Review)
_FIRST: Final[tuple[Role, ...]] = ("opener", "emergency")


def admit(
    state: PreState, block: Draft, header: Header, chain_id: bytes, tx: Transaction
) -> Draft:
    """Charge the signers' quotas; return the draft that holds the charges.

    Raises:
        WrongChain: made for another network.
        Expired: `valid_until` has passed.
        TooFarAhead: `valid_until` lies more than 24 h ahead.
        Duplicate: already recorded.
        OverQuota: a signer or its record has used up its quota.
        NobodyKnown: no signer is known to the ledger.
        SeveralRecords: handles of more than one record.
    """
    content, now = tx.content, header.time
    if content.chain_id != chain_id:
        raise WrongChain
    if content.valid_until < now:
        raise Expired
    if content.valid_until > now + LONGEST_VALIDITY:
        raise TooFarAhead
    if state.recorded(tx.tx_id):
        raise Duplicate
    draft = Draft(block)
    weights = _weights(tx)
    places = _places(draft, now, weights)
    record_id = _one_record(tx, places)
    unknown = _charge_all(draft, now, tx, weights, places)
    if record_id:
        weight = _of_participants(weights, places, unknown)
        records.charge(draft, record_id, weight, now)
        records.note(draft, record_id, tx.tx_id)
    return draft


def _weights(tx: Transaction) -> _Weights:
    """Return how many actions name each (role, key)."""
    weights: _Weights = {}
    for who in tx.named:
        weights[who] = weights.get(who, 0) + 1
    return weights


def _places(draft: Draft, now: int, weights: _Weights) -> _Places:
    """Return where each signing key belongs, if it still counts in its role."""
    places: _Places = {}
    for role, key in weights:
        if role in seats.KIND_OF:
            found = seats.known_place(draft, key, seats.KIND_OF[role], now)
            if found is not None and _counts(draft, now, role, key, found):
                places[role, key] = found
    return places


def _counts(draft: Draft, now: int, role: Role, key: bytes, found: seats.Place) -> bool:
    """Tell whether an invitation is open, and whether a custodian still serves."""
    match role:
        case "invitation":
            return referral.is_open(draft, key, now)
        case "custodian":
            return records.serves(draft, found.record, key, now)
    return True


def _one_record(tx: Transaction, places: _Places) -> bytes:
    """Return the record whose own keys sign, or none.

    Opening a record, breaking its glass and reviewing that name a record without
    one of its keys: each stands alone, so no envelope joins two records.

    Raises:
        SeveralRecords: more than one record.
    """
    if not places and len(tx.content.actions) == 1:
        return b""
    owned = tuple(dict.fromkeys([found.record for found in places.values()]))
    named = [a for a in tx.content.actions if isinstance(a, _NAMING)]
    if len(owned) + len(named) > 1:
        raise SeveralRecords
    return owned[0] if owned else b""


def _charge_all(
    draft: Draft, now: int, tx: Transaction, weights: _Weights, places: _Places
) -> int:
    """Charge every signer that is known in its role; return what nobody was charged.

    Each of them is charged for the unknown signers too: an earlier action of the
    envelope may fund a purse or seat a handle that acts in the later ones, and
    acting through strangers must cost as much as acting oneself.

    Raises:
        NobodyKnown: no signer is known.
    """
    first = [who for who in weights if who[0] in _FIRST]
    shown = bool(first) and _shown(draft, now, tx)
    known = []
    for who, weight in weights.items():
        if _charge(draft, now, who, weight, places, shown=shown):
            known.append(who)
    if not known:
        raise NobodyKnown
    if len(known) == len(weights):
        return 0
    unknown = sum(
        weight
        for (role, key), weight in weights.items()
        if role != "new" and (role, key) not in known
    )
    for who in known if unknown else ():
        _charge(draft, now, who, unknown, places, shown=shown)
    return unknown


def _charge(
    draft: Draft,
    now: int,
    who: tuple[Role, bytes],
    weight: int,
    places: _Places,
    *,
    shown: bool,
) -> bool:
    """Charge a signer if it is known in its role; tell whether it is.

    Whoever opens a record or breaks a glass appears for the first time, and is
    known by a good token or good endorsements (`shown`).
    """
    role, key = who
    match role:
        case "purse":
            return coin.charge(draft, key, weight, now)
        case "governor" | "organisation":
            return governance.charge(draft, key, weight, now)
        case "member":
            return registry.charge(draft, key, weight, now)
        case "opener" | "emergency":
            return shown and _charge_key(draft, key, weight, now)
    # "new" has no place: possession of a key makes nobody known.
    found = places.get(who)
    return found is not None and _charge_place(draft, found, key, weight, now)


def _charge_key(draft: Draft, key: bytes, weight: int, now: int) -> bool:
    charge_usage(draft, key, weight, now, parameters(draft).participation_quota)
    return True


def _charge_place(
    draft: Draft, found: seats.Place, key: bytes, weight: int, now: int
) -> bool:
    """Charge a key of a record: a seat's handle, an invitation, or another.

    A seat keeps its count when it moves to another handle. What somebody's
    invitees try is counted apart from what it does itself, and bounded for each
    invitation, so that neither can use up the other's quota.
    """
    seat = seats.usage_key(found.record, found.seat)
    match found.kind:
        case "seat":
            return _charge_key(draft, seat, weight, now)
        case "invitation":
            charge_usage(draft, key, weight, now, INVITATION_QUOTA)
            return _charge_key(draft, seat + b"invited", weight, now)
    return _charge_key(draft, key, weight, now)


def _of_participants(weights: _Weights, places: _Places, unknown: int) -> int:
    """Return what counts against the record's quota: the unknown signers' share too.

    The owner, custodians, witness and recovery key have their own quota only: no
    participant can keep an owner from revoking it.
    """
    counted = [
        weights[who] + unknown
        for who, found in places.items()
        if found.kind == "invitation" or (found.kind == "seat" and found.seat)
    ]
    return max(counted, default=0)


def _shown(draft: Draft, now: int, tx: Transaction) -> bool:
    """Tell whether a first appearance is backed by a good token or endorsements."""
    try:
        for position, action in enumerate(tx.content.actions):
            _check_shown(_context(draft, now, tx, position), action)
    except Refusal:
        return False
    return True


def _check_shown(at: Context, action: Action) -> None:
    match action:
        case OpenRecord():
            owner = at.signers[action.owner]
            tokens.check(at.chain_id, at.draft, action.token_key, owner, action.token)
        case BreakGlass():
            first, second = at.signers[action.first], at.signers[action.second]
            emergency.recognised(at, first, action.first_endorsed)
            emergency.recognised(at, second, action.second_endorsed)


def _context(draft: Draft, now: int, tx: Transaction, position: int) -> Context:
    content = tx.content
    return Context(draft, content.chain_id, content.signers, now, tx.tx_id, position)
