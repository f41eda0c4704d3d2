"""Checkpoints of the log: what they say, and who signed them.

A checkpoint (C2SP tlog-checkpoint) is a signed note of three lines: the origin
(the name of the log), its size and its root. The log signs the text itself;
nodes and outside witnesses add cosignatures (C2SP tlog-cosignature), which also
say when: "as of this time, no larger log of this origin is known to me".

Extension lines are allowed by the format and refused here: ML-DSA cosignatures
do not cover them, so a byte in one could change unnoticed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from careledger.errors import CareLedgerError
from careledger.primitives import mldsa, signing
from careledger.primitives.hashing import HASH_SIZE
from careledger.primitives.notes import (
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    MalformedText,
    Note,
    SignatureLine,
    VerifierKey,
    format_note,
    from_base64,
    from_decimal,
    parse_note,
    to_base64,
)

MAX_TIMESTAMP: Final = 2**63 - 1
"""The largest timestamp of a cosignature, in seconds."""

_TIMESTAMP_SIZE: Final = 8
_LABEL: Final = b"subtree/v1\n\x00"
_MAX_NAME: Final = 255


class NotSigned(CareLedgerError):
    """A checkpoint without a signature of any key that was asked for."""

    code: ClassVar[str] = "checkpoints.not-signed"
    happened: ClassVar[str] = "No trusted key signed this checkpoint."
    to_do: ClassVar[str] = "Check the verifier keys, or fetch a newer checkpoint."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one moment.

    Attributes:
        origin: name of the log.
        size: number of leaves.
        root: 32 bytes (RFC 6962).
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


class Signed(NamedTuple):
    """A signature that was found good.

    Attributes:
        key: whose it is.
        timestamp: seconds since 1970-01-01T00:00:00Z; 0 if it states no time.
    """

    key: VerifierKey
    timestamp: int


def parse_checkpoint(text: str) -> Checkpoint:
    """Return what a note's text says.

    Raises:
        MalformedText: not exactly three well-formed lines.
    """
    lines = text.split("\n")
    match lines:
        case [origin, size, root, ""] if origin:
            checkpoint = Checkpoint(origin, from_decimal(size), from_base64(root))
        case _:
            raise MalformedText
    if len(checkpoint.root) != HASH_SIZE:
        raise MalformedText
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, key: signing.SigningKey) -> SignatureLine:
    """Sign as the log itself: the key's name is the origin (type 0x01)."""
    verifier = VerifierKey(checkpoint.origin, ED25519, key.public)
    return _line(verifier, key.sign(checkpoint.text.encode()))


def cosign(
    checkpoint: Checkpoint, name: str, key: signing.SigningKey, timestamp: int
) -> SignatureLine:
    """Cosign with Ed25519 (`cosignature/v1`, type 0x04).

    The caller must have checked that the checkpoint extends every one it has
    cosigned before. `timestamp` is in seconds.
    """
    verifier = VerifierKey(name, ED25519_COSIGNATURE, key.public)
    signature = key.sign(_timed_text(checkpoint, timestamp))
    return _line(verifier, _timed(timestamp, signature))


def cosign_mldsa(
    checkpoint: Checkpoint, name: str, key: mldsa.MlDsaKey, timestamp: int
) -> SignatureLine:
    """Cosign with ML-DSA-44 (`subtree/v1`, type 0x06).

    The same duty as for `cosign`; `timestamp` is in seconds.
    """
    verifier = VerifierKey(name, MLDSA44_COSIGNATURE, key.public)
    signature = key.sign(_subtree_message(checkpoint, name, timestamp))
    return _line(verifier, _timed(timestamp, signature))


def format_checkpoint(
    checkpoint: Checkpoint, signatures: Sequence[SignatureLine]
) -> bytes:
    """Return the signed note, as nodes publish it."""
    return format_note(Note(checkpoint.text, tuple(signatures)))


def open_checkpoint(
    raw: bytes, keys: Iterable[VerifierKey]
) -> tuple[Checkpoint, list[Signed]]:
    """Return a checkpoint and everyone of `keys` who signed it.

    Signatures of other keys are ignored, as the format demands. Whether those
    who signed are enough is for the caller to judge.

    Raises:
        MalformedText: not a checkpoint.
        BadSignature: a signature by one of `keys` is wrong.
        NotSigned: none of `keys` signed.
    """
    note = parse_note(raw)
    checkpoint = parse_checkpoint(note.text)
    known = {(key.name, key.key_id): key for key in keys}
    signed = [
        Signed(key, _check(checkpoint, key, line.signature))
        for line in note.signatures
        if (key := known.get((line.name, line.key_id)))
    ]
    if not signed:
        raise NotSigned
    return checkpoint, signed


def _line(key: VerifierKey, signature: bytes) -> SignatureLine:
    return SignatureLine(key.name, key.key_id, signature)


def _timed(timestamp: int, signature: bytes) -> bytes:
    return timestamp.to_bytes(_TIMESTAMP_SIZE, "big") + signature


def _check(checkpoint: Checkpoint, key: VerifierKey, blob: bytes) -> int:
    """Check one signature and return its timestamp, 0 if it has none."""
    if key.kind == ED25519:
        signing.verify(key.public, checkpoint.text.encode(), blob)
        return 0
    timestamp = int.from_bytes(blob[:_TIMESTAMP_SIZE], "big")
    if timestamp > MAX_TIMESTAMP:
        raise signing.BadSignature
    signature = blob[_TIMESTAMP_SIZE:]
    if key.kind == ED25519_COSIGNATURE:
        signing.verify(key.public, _timed_text(checkpoint, timestamp), signature)
    else:
        message = _subtree_message(checkpoint, key.name, timestamp)
        mldsa.verify(key.public, message, signature)
    return timestamp


def _timed_text(checkpoint: Checkpoint, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{checkpoint.text}".encode()


def _subtree_message(checkpoint: Checkpoint, name: str, timestamp: int) -> bytes:
    """Return the `cosigned_message` structure of the whole tree: start is 0."""
    start = 0
    return b"".join(
        (
            _LABEL,
            _opaque(name),
            timestamp.to_bytes(8, "big"),
            _opaque(checkpoint.origin),
            start.to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _opaque(name: str) -> bytes:
    # opaque<1..2^8-1> of RFC 8446 §3.4: one length byte.
    encoded = name.encode()
    if not 1 <= len(encoded) <= _MAX_NAME:
        raise MalformedText
    return bytes([len(encoded)]) + encoded
