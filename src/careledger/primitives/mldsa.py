"""ML-DSA-44 (FIPS 204): signatures that outlive Ed25519.

Used for cosignatures of checkpoints only, with an empty context string, never
for transactions: those are verified by one library, in `signing`.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
)

from careledger.primitives.signing import BadSignature

PUBLIC_SIZE: Final = 1312
SIGNATURE_SIZE: Final = 2420


class MlDsaKey:
    """An ML-DSA-44 key pair from a 32-byte seed."""

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        self._secret = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = self._secret.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return a signature of 2,420 bytes; a fresh one at every call (hedged)."""
        return self._secret.sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check one signature.

    Raises:
        BadSignature: wrong key, message or signature, or wrong sizes.
    """
    if len(public) != PUBLIC_SIZE or len(signature) != SIGNATURE_SIZE:
        raise BadSignature
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise BadSignature from error
