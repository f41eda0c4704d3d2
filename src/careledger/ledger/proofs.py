"""Proof files (C2SP tlog-proof): one fact of the ledger, provable offline.

A `.tlog-proof` file holds an index, the inclusion proof of that leaf, and a
signed checkpoint. What is proven travels in its `extra` line, as a canonical
message: a transaction's leaf, or the leaf of a block together with a proof of
one key in that block's state.

Building and reading live here, and the step from the leaf to the root. Whose
signatures under the checkpoint suffice is for `careledger.offline` to judge: it
reads the same files with code of its own.

    c2sp.org/tlog-proof@v1
    extra BASE64
    index 73894
    BASE64 of a hash            (zero or more, from the leaf's sibling up)
                                (an empty line)
    the checkpoint, verbatim
"""

from dataclasses import dataclass
from typing import Final

from careledger.ledger.log import leaf_hash, verify_inclusion
from careledger.primitives.checkpoints import Checkpoint, parse_checkpoint
from careledger.primitives.encoding import Message, NotCanonical, decode, encode
from careledger.primitives.hashing import HASH_SIZE
from careledger.primitives.notes import (
    MAX_NOTE,
    MalformedText,
    from_base64,
    from_decimal,
    parse_note,
    to_base64,
)

_FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"


class ProvenState(Message, frozen=True, tag=0):
    """What one key held, or that it was absent, at the end of a block.

    Attributes:
        leaf: the data of the block leaf, which carries the state root.
        state: a `StateProof` (ledger/tree.py) under that root, encoded.
    """

    leaf: bytes
    state: bytes


class ProvenTransaction(Message, frozen=True, tag=1):
    """That a transaction was recorded, and with what verdict.

    Attributes:
        leaf: the data of the transaction leaf: core, signatures and code.
    """

    leaf: bytes


Proven = ProvenState | ProvenTransaction
"""What a proof file can prove."""


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A proof file, taken apart.

    Attributes:
        proven: the fact and its leaf.
        index: number of the leaf in the log.
        path: hashes from the leaf's sibling up, 32 bytes each.
        checkpoint: the signed note, byte for byte.
    """

    proven: Proven
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


def format_proof(proof: ProofFile) -> bytes:
    """Return the bytes of a `.tlog-proof` file: what `parse_proof` reads."""
    lines = [
        _FIRST_LINE,
        f"extra {to_base64(encode(proof.proven))}",
        f"index {proof.index}",
        *map(to_base64, proof.path),
    ]
    return "\n".join([*lines, "", ""]).encode() + proof.checkpoint


def parse_proof(raw: bytes) -> ProofFile:
    """Return the proof that `raw` spells; nothing in it is verified yet.

    The format allows a file without `extra`; one would prove nothing that this
    ledger knows how to read, so it is refused.

    Raises:
        MalformedText: not a proof file, or `extra` is no `Proven`.
    """
    head, empty_line, checkpoint = raw.partition(b"\n\n")
    if not empty_line or len(raw) > MAX_NOTE or not head.isascii():
        raise MalformedText
    match head.decode().split("\n"):
        case [first, extra, index, *path] if first == _FIRST_LINE:
            return ProofFile(
                _parse_extra(_after("extra ", extra)),
                from_decimal(_after("index ", index)),
                tuple(_parse_hash(line) for line in path),
                checkpoint,
            )
        case _:
            raise MalformedText


def check_proof(proof: ProofFile) -> Checkpoint:
    """Check that the leaf is in the log of the checkpoint, and return that.

    No signature is checked, neither the checkpoint's nor the transaction's.

    Raises:
        MalformedText: the checkpoint is not well formed.
        NotIncluded: the leaf is not number `index` of that log.
    """
    checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
    leaf = leaf_hash(proof.proven.leaf)
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint


def _after(word: str, line: str) -> str:
    if not line.startswith(word):
        raise MalformedText
    return line.removeprefix(word)


def _parse_extra(encoded: str) -> Proven:
    try:
        return decode(from_base64(encoded), Proven)  # type: ignore[arg-type]
    except NotCanonical as error:
        raise MalformedText from error


def _parse_hash(line: str) -> bytes:
    value = from_base64(line)
    if len(value) != HASH_SIZE:
        raise MalformedText
    return value
