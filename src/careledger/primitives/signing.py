"""Ed25519 (RFC 8032) by libsodium: the one verifier of the ledger.

Two nodes must never disagree about a signature, so there is one library and one
set of rules: libsodium refuses small-order keys, non-canonical keys and points,
and S ≥ L. Each call leaves the interpreter lock, so threads verify in parallel.
"""

from typing import ClassVar, Final

import nacl.bindings
import nacl.exceptions

from careledger.errors import CareLedgerError

KEY_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64


class BadSignature(CareLedgerError):
    """A signature that does not belong to this key and message."""

    code: ClassVar[str] = "signing.bad-signature"
    happened: ClassVar[str] = "A signature does not belong to its key and message."
    to_do: ClassVar[str] = "Sign again with the key that the message names."


class SigningKey:
    """An Ed25519 key pair from a 32-byte seed."""

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        self.public, self._secret = nacl.bindings.crypto_sign_seed_keypair(seed)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return nacl.bindings.crypto_sign(message, self._secret)[:SIGNATURE_SIZE]


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check one signature.

    Raises:
        BadSignature: wrong key, message or signature, or a key that libsodium
            refuses (small order, not canonical).
    """
    if len(public) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        raise BadSignature
    try:
        nacl.bindings.crypto_sign_open(signature + message, public)
    except nacl.exceptions.BadSignatureError as error:
        raise BadSignature from error
