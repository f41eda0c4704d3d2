"""What an envelope must satisfy before it may leave a trace.

These checks need the state. Whoever fails one is void: no leaf, no receipt, no
id. Quotas and a record's history are written here, to the block's draft, so
refused transactions count and show as well.
"""

from typing import Final

from careledger.ledger.actions import named_signers
from careledger.ledger.actions.base import Role
from careledger.ledger.actions.emergency import BreakGlass
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

_Weights = dict[tuple[Role, bytes], int]


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
    if tx.content.chain_id != chain_id:
        raise WrongChain
    if tx.content.valid_until < header.time:
        raise Expired
    if tx.content.valid_until > header.time + LONGEST_VALIDITY:
        raise TooFarAhead
    if state.recorded(tx.tx_id):
        raise Duplicate
    draft = Draft(block)
    weights = _weights(tx)
    known = [
        _charge(draft, header.time, tx, role, key, weight)
        for (role, key), weight in weights.items()
    ]
    if not any(known):
        raise NobodyKnown
    _note_record(draft, header.time, tx, weights)
    return draft


def _weights(tx: Transaction) -> _Weights:
    """Return how many actions name each (role, key)."""
    weights: _Weights = {}
    for action in tx.content.actions:
        for role, index in named_signers(action):
            who = (role, tx.content.signers[index])
            weights[who] = weights.get(who, 0) + 1
    return weights


def _charge(
    draft: Draft, now: int, tx: Transaction, role: Role, key: bytes, weight: int
) -> bool:
    """Charge one signer; tell whether it is known in its role."""
    match role:
        case "purse":
            return coin.charge(draft, key, weight, now)
        case "governor" | "organisation":
            return governance.charge(draft, key, weight, now)
        case "member":
            return registry.charge(draft, key, weight, now)
        case "new":  # possession of a key makes nobody known
            return False
        case "opener" | "emergency":
            known = _shown(draft, now, tx)
        case _:
            known = _belongs(draft, now, role, key)
    if known:
        quota = parameters(draft).participation_quota
        charge_usage(draft, key, weight, now, quota)
    return known


def _belongs(draft: Draft, now: int, role: Role, key: bytes) -> bool:
    """Tell whether a key still stands for something in its record."""
    if role == "invitation":
        return referral.is_open(draft, key, now)
    return seats.known_place(draft, key, seats.KIND_OF[role]) is not None


def _shown(draft: Draft, now: int, tx: Transaction) -> bool:
    """Tell whether a first appearance is backed by a good token or endorsements."""
    try:
        for position, action in enumerate(tx.content.actions):
            at = _context(draft, now, tx, position)
            if isinstance(action, OpenRecord):
                owner = at.signers[action.owner]
                tokens.check(at.chain_id, draft, action.token_key, owner, action.token)
            elif isinstance(action, BreakGlass):
                first, second = at.signers[action.first], at.signers[action.second]
                emergency.recognised(at, first, action.first_endorsed)
                emergency.recognised(at, second, action.second_endorsed)
    except Refusal:
        return False
    return True


def _context(draft: Draft, now: int, tx: Transaction, position: int) -> Context:
    content = tx.content
    return Context(draft, content.chain_id, content.signers, now, tx.tx_id, position)


def _note_record(draft: Draft, now: int, tx: Transaction, weights: _Weights) -> None:
    """Charge the one record that the signers belong to, and extend its history."""
    touched: dict[bytes, int] = {}
    for (role, key), weight in weights.items():
        if role in seats.KIND_OF:
            found = seats.known_place(draft, key, seats.KIND_OF[role])
            if found is not None:
                touched[found.record] = max(weight, touched.get(found.record, 0))
    if len(touched) > 1:
        raise SeveralRecords
    for record_id, weight in touched.items():
        records.charge(draft, record_id, weight, now)
        records.note(draft, record_id, tx.tx_id)
