"""EMSA-PSS over SHA-384 with MGF1 (RFC 8017 §9.1, B.2.1), byte-aligned.

The encoding that an RSA signature hides its message in. It is written for keys
whose length in bits is a multiple of 8, as every `TokenKey`'s is: an encoded
message then fills all the key's bytes but for one bit at the top. Pure: the salt
is an argument, so the ledger can call this. Nothing here knows a key.
"""

from typing import ClassVar, Final

from careledger.errors import CareLedgerError
from careledger.primitives.hashing import sha384

SALT_SIZE: Final = 48
"""Bytes of salt in the variants of RFC 9474 §5 called PSS; PSSZERO has none."""

SMALLEST: Final = 98
"""Bytes that an encoded message needs at least: digest, salt and two signs."""

_DIGEST_SIZE: Final = 48
_ALL_BUT_TOP_BIT: Final = b"\x7f"


class NotEncoded(CareLedgerError):
    """Bytes that are not the encoding of this message."""

    code: ClassVar[str] = "pss.not-encoded"
    happened: ClassVar[str] = "A signature does not belong to its message."
    to_do: ClassVar[str] = "Ask for the signature again, for exactly this message."


def encode_message(message: bytes, salt: bytes, size: int) -> bytes:
    """Return the `size` bytes that stand for `message` (RFC 8017 §9.1.1).

    Args:
        message: what is signed, of any length.
        salt: `SALT_SIZE` bytes, or none.
        size: bytes of the key, at least `SMALLEST`.
    """
    digest = sha384(bytes(8) + sha384(message) + salt)
    room = size - _DIGEST_SIZE - 1
    block = b"\x01" + salt
    masked = _masked(block.rjust(room, b"\x00"), digest)
    top = masked[0] & _ALL_BUT_TOP_BIT[0]
    return bytes([top]) + masked[1:] + digest + b"\xbc"


def verify_message(message: bytes, encoded: bytes, salt_size: int) -> None:
    """Check that `encoded` stands for `message` (RFC 8017 §9.1.2).

    Takes out the salt and encodes again: a message and a salt have exactly one
    encoding, so comparing all bytes is every check of the RFC at once.

    Args:
        message: what is signed, of any length.
        encoded: at least `SMALLEST` bytes.
        salt_size: `SALT_SIZE` or 0.

    Raises:
        NotEncoded: `encoded` stands for something else or for nothing.
    """
    digest = encoded[-_DIGEST_SIZE - 1 : -1]
    block = _masked(encoded[: -_DIGEST_SIZE - 1], digest)
    salt = block[len(block) - salt_size :]
    if encode_message(message, salt, len(encoded)) != encoded:
        raise NotEncoded


def _masked(block: bytes, seed: bytes) -> bytes:
    mask = int.from_bytes(_mgf1(seed, len(block)), "big")
    return (int.from_bytes(block, "big") ^ mask).to_bytes(len(block), "big")


def _mgf1(seed: bytes, size: int) -> bytes:
    blocks = range(-(-size // _DIGEST_SIZE))
    return b"".join(sha384(seed + i.to_bytes(4, "big")) for i in blocks)[:size]
