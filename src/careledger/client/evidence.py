"""From a node's word to a proof: state leaf → block leaf → log → signed checkpoint."""

from collections.abc import Sequence
from typing import TypeVar

from careledger.client.session_problems import BadEvidence
from careledger.ledger import log
from careledger.ledger.blocks import BlockLeaf
from careledger.ledger.state_proofs import StateProofInvalid, verify_state_proof
from careledger.node.answers import Evidence
from careledger.primitives.checkpoints import Checkpoint, NotSigned, open_checkpoint
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.notes import MalformedText, VerifierKey
from careledger.primitives.signing import BadSignature

T = TypeVar("T")

_FAULTS = (
    NotSigned,
    NotCanonical,
    MalformedText,
    BadSignature,
    StateProofInvalid,
    log.NotIncluded,
)


def check_evidence(
    evidence: Evidence, keys: Sequence[bytes], log_key: VerifierKey
) -> tuple[list[bytes | None], Checkpoint]:
    """Return the proven value at each of `keys`, and the checkpoint behind them.

    Raises:
        BadEvidence: a proof does not hold, or is of another key.
    """
    if [proof.key for proof in evidence.proofs] != list(keys):
        raise BadEvidence
    try:
        checkpoint, _ = open_checkpoint(evidence.checkpoint, [log_key])
        leaf = log.leaf_hash(evidence.leaf)
        path = list(evidence.path)
        log.verify_inclusion(
            leaf, evidence.index, checkpoint.size, path, checkpoint.root
        )
        root = decode(evidence.leaf, BlockLeaf).state_root
        for proof in evidence.proofs:
            verify_state_proof(proof, root)
    except _FAULTS:
        raise BadEvidence from None
    return [proof.value for proof in evidence.proofs], checkpoint


def check_checkpoint(note: bytes, log_key: VerifierKey) -> Checkpoint:
    """Return what a log's signed checkpoint says.

    Raises:
        BadEvidence: it is none, or not signed by the log.
    """
    try:
        return open_checkpoint(note, [log_key])[0]
    except (NotSigned, MalformedText, BadSignature):
        raise BadEvidence from None


def proven_value(raw: bytes | None, kind: type[T]) -> T:
    """Return what a proven leaf encodes.

    Raises:
        BadEvidence: nothing lies there, or something else.
    """
    if raw is None:
        raise BadEvidence
    try:
        return decode(raw, kind)
    except NotCanonical:
        raise BadEvidence from None
