"""Signed notes (C2SP signed-note): text, signature lines, verifier keys.

Here lives the syntax and nothing else: what a signature means, and whether it is
good, is the business of `checkpoints`. Notes and keys come from outside, so the
readers are strict: one meaning has one spelling, and everything else raises
`MalformedText`.

    text lines
                                    (an empty line)
    — KEY-NAME base64(key id ‖ signature)
    …

A verifier key ("vkey") is `NAME+KEY-ID-IN-HEX+base64(type ‖ public key)`.
"""

import binascii
from dataclasses import dataclass
from typing import ClassVar, Final

from careledger.errors import CareLedgerError
from careledger.primitives.hashing import sha256

ED25519: Final = 0x01
"""Signature type: Ed25519 over the text of the note (a log's own signature)."""

ED25519_COSIGNATURE: Final = 0x04
"""Signature type: timestamped Ed25519 cosignature of a checkpoint."""

MLDSA44_COSIGNATURE: Final = 0x06
"""Signature type: timestamped ML-DSA-44 cosignature of a checkpoint."""

PUBLIC_KEY_SIZES: Final = {
    ED25519: 32,
    ED25519_COSIGNATURE: 32,
    MLDSA44_COSIGNATURE: 1312,
}
"""Signature type → bytes of its public keys; other types are refused."""

MAX_NOTE: Final = 1 << 20
"""Bytes of the largest note that is read: some 300 ML-DSA signatures."""

MAX_SIGNATURES: Final = 100
"""Signatures of a note; as in Go's own reader. C2SP asks for at least 16."""

KEY_ID_SIZE: Final = 4

_DASH: Final = "— "
_MAX_DIGITS: Final = 16


class MalformedText(CareLedgerError):
    """A note, checkpoint, verifier key or proof file that is not well formed."""

    code: ClassVar[str] = "notes.malformed"
    happened: ClassVar[str] = "The text is not exactly in its published format."
    to_do: ClassVar[str] = "Fetch it again and store it without changing a byte."


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that is trusted under a name.

    Attributes:
        name: of the key, such as `node.example/1`.
        kind: the signature type byte.
        public: 32 bytes (Ed25519) or 1,312 (ML-DSA-44).
    """

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that, with the name, tell a signature line's key."""
        named = self.name.encode() + b"\n" + bytes([self.kind])
        return sha256(named + self.public)[:KEY_ID_SIZE]

    def __str__(self) -> str:
        """Return the vkey."""
        material = to_base64(bytes([self.kind]) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note.

    Attributes:
        name: of the key.
        key_id: 4 bytes.
        signature: everything after the key id, whatever its type makes of it.
    """

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, and its signatures."""

    text: str
    signatures: tuple[SignatureLine, ...]


def parse_vkey(text: str) -> VerifierKey:
    """Return the key that a vkey names.

    Raises:
        MalformedText: not a vkey of a known type, or its key id is not its own.
    """
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    material = from_base64(encoded)
    key = VerifierKey(name, material[0], material[1:])
    if PUBLIC_KEY_SIZES.get(key.kind) != len(key.public):
        raise MalformedText
    # The name first: one that is not UTF-8 has no key id.
    if not _is_name(name) or str(key) != text:
        raise MalformedText
    return key


def parse_note(raw: bytes) -> Note:
    """Return the note that `raw` spells; no signature is checked yet.

    Raises:
        MalformedText: not UTF-8, too large, control characters, no signature or
            more than 100, a line that is none, or two by the same name and key id.
    """
    text, dash, lines = _decode(raw).rpartition("\n\n" + _DASH)
    if not dash or not text or not lines.endswith("\n"):
        raise MalformedText
    spelled = (_DASH + lines)[:-1].split("\n")
    if len(spelled) > MAX_SIGNATURES:
        raise MalformedText
    signatures = tuple(_parse_line(line) for line in spelled)
    if len({(line.name, line.key_id) for line in signatures}) != len(signatures):
        raise MalformedText
    return Note(text + "\n", signatures)


def format_note(note: Note) -> bytes:
    """Return the bytes of a note: what `parse_note` reads."""
    lines = (
        f"{_DASH}{line.name} {to_base64(line.key_id + line.signature)}\n"
        for line in note.signatures
    )
    return f"{note.text}\n{''.join(lines)}".encode()


def to_base64(data: bytes) -> str:
    """Return the standard base64 of `data` (RFC 4648 §4, padded)."""
    return binascii.b2a_base64(data, newline=False).decode()


def from_base64(text: str) -> bytes:
    """Return the bytes, at least one, that `text` is the base64 of.

    Raises:
        MalformedText: empty, or not the one spelling that `to_base64` gives.
    """
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise MalformedText from error
    # Unused low bits of the last character would make two spellings of one value.
    if not data or to_base64(data) != text:
        raise MalformedText
    return data


def from_decimal(text: str) -> int:
    """Return the number below 10^16 that `text` spells in ASCII digits.

    Raises:
        MalformedText: not a number, a leading zero, or too large.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise MalformedText
    number = int(text)
    if str(number) != text:
        raise MalformedText
    return number


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_NOTE:
        raise MalformedText
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedText from error
    if any(char < " " for char in text if char != "\n"):
        raise MalformedText
    return text


def _parse_line(line: str) -> SignatureLine:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not _is_name(name):
        raise MalformedText
    blob = from_base64(encoded)
    if len(blob) <= KEY_ID_SIZE:
        raise MalformedText
    return SignatureLine(name, blob[:KEY_ID_SIZE], blob[KEY_ID_SIZE:])


def _is_name(name: str) -> bool:
    # What was not UTF-8 on a command line is a surrogate, which has no encoding.
    spelled = name.encode(errors="replace").decode()
    return "+" not in name and name.split() == [spelled]
