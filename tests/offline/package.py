"""The package's own reading of proof files: what the lone verifier must agree with.

It is made of the package's readers and checks. Only actions are not taken apart:
the lone verifier does not know them either.
"""

from typing import Annotated, Any

from msgspec import Meta

from careledger.errors import CareLedgerError
from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.blocks import BlockLeaf, TransactionLeaf
from careledger.ledger.envelopes import signed_message
from careledger.ledger.proofs import ProvenTransaction, check_proof, parse_proof
from careledger.ledger.state_proofs import StateProof, verify_state_proof
from careledger.primitives.checkpoints import open_checkpoint
from careledger.primitives.encoding import Message, Millis, decode
from careledger.primitives.hashing import sha256
from careledger.primitives.notes import MalformedText, parse_vkey
from careledger.primitives.signing import verify

_LEVELS_OF_ACTIONS = 13
Fields = Annotated[tuple[Any, ...], Meta(min_length=1, max_length=64)]


class OpenCore(Message, frozen=True):
    """`Core` (ledger/envelopes.py) with any actions at all."""

    chain_id: Hash
    valid_until: Millis
    salt: Annotated[bytes, Meta(min_length=16, max_length=16)]
    signers: Annotated[tuple[PublicKey, ...], Meta(min_length=1, max_length=8)]
    actions: Annotated[tuple[Fields, ...], Meta(min_length=1, max_length=64)]
    body_hashes: Annotated[tuple[Hash, ...], Meta(max_length=16)]


def accepts(raw, trust):
    try:
        proof = parse_proof(raw)
        checkpoint = check_proof(proof)
        if isinstance(proof.proven, ProvenTransaction):
            check_transaction(decode(proof.proven.leaf, TransactionLeaf))
        else:
            block = decode(proof.proven.leaf, BlockLeaf)
            state = decode(proof.proven.state, StateProof)
            verify_state_proof(state, block.state_root)
        return signed_by_enough(proof.checkpoint, checkpoint.origin, trust)
    except CareLedgerError:
        return False


def check_transaction(leaf):
    core = decode(leaf.core, OpenCore)
    distinct = len(set(core.signers)) == len(core.signers)
    if not distinct or len(leaf.signatures) != len(core.signers):
        raise MalformedText
    for key, signature in zip(core.signers, leaf.signatures, strict=True):
        verify(key, signed_message(sha256(leaf.core)), signature)
    if not all(plain(one, _LEVELS_OF_ACTIONS) for act in core.actions for one in act):
        raise MalformedText


def plain(value, levels):
    """Say whether an action could hold this: no floats, maps, or numbers below 0."""
    if isinstance(value, list):
        return levels > 0 and all(plain(one, levels - 1) for one in value)
    if isinstance(value, int):
        return value >= 0
    return value is None or isinstance(value, bytes | str)


def signed_by_enough(note, origin, trust):
    log, nodes, outside = [[parse_vkey(one) for one in group] for group in trust]
    _, signed = open_checkpoint(note, [*log, *nodes, *outside])
    keys = [one.key for one in signed]
    named = {key.name for key in keys if key in nodes}
    own = any(key in log and key.name == origin for key in keys)
    return own and 3 * len(named) > 2 * len({key.name for key in nodes})
