"""What an envelope must satisfy before it may leave a trace.

These checks need the state. Whoever fails one is void: no leaf, no receipt, no
id. Quotas are charged here, to the block's draft, so refusals count as well.
"""

from typing import Final

from careledger.ledger.actions import named_signers
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import Transaction
from careledger.ledger.refusals.base import (
    Duplicate,
    Expired,
    NobodyKnown,
    TooFarAhead,
    WrongChain,
)
from careledger.ledger.state import Draft, PreState
from careledger.ledger.workflows import coin, governance, registry

LONGEST_VALIDITY: Final = 86_400_000
"""How far ahead `valid_until` may lie: 24 h in milliseconds."""


def admit(
    state: PreState, block: Draft, header: Header, chain_id: bytes, tx: Transaction
) -> Draft:
    """Charge the signers' quotas; return the draft that holds the charges.

    Raises:
        WrongChain: made for another network.
        Expired: `valid_until` has passed.
        TooFarAhead: `valid_until` lies more than 24 h ahead.
        Duplicate: already recorded.
        OverQuota: a signer has used up its quota.
        NobodyKnown: no signer is known to the ledger.
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
    known = [
        _charge(draft, role, key, weight, header.time)
        for (role, key), weight in _weights(tx).items()
    ]
    if not any(known):
        raise NobodyKnown
    return draft


def _weights(tx: Transaction) -> dict[tuple[str, bytes], int]:
    """Return how many actions name each (role, key)."""
    weights: dict[tuple[str, bytes], int] = {}
    for action in tx.content.actions:
        for role, index in named_signers(action):
            who = (role, tx.content.signers[index])
            weights[who] = weights.get(who, 0) + 1
    return weights


def _charge(draft: Draft, role: str, key: bytes, weight: int, now: int) -> bool:
    """Charge one signer; tell whether it is known in its role."""
    match role:
        case "purse":
            return coin.charge(draft, key, weight, now)
        case "governor" | "organisation":
            return governance.charge(draft, key, weight, now)
        case "member":
            return registry.charge(draft, key, weight, now)
    return False  # "new": possession of a key makes nobody known
