"""HPKE (RFC 9180, base mode) with X-Wing: seal to a public key, open with its seed.

One suite and no negotiation: KEM X-Wing 0x647a (ML-KEM-768 and X25519, so that
what is recorded today stays shut for a quantum computer), KDF HKDF-SHA256
0x0001, AEAD AES-256-GCM 0x0002. A sealed message is `enc ‖ ciphertext`.

Everything that must not be exchanged (chain, record, epoch, sender, recipient)
goes into `info`, which enters the key schedule; the AAD stays empty, as each key
seals one message. Base mode says nothing about who sealed: the transaction's
signature does.
"""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from careledger.sealing.problems import BadKey, NotARecipient

SEED_SIZE: Final = 32
"""Bytes of a private key."""

PUBLIC_SIZE: Final = 1216
"""Bytes of a public key: ML-KEM-768 encapsulation key 1184 ‖ X25519 key 32."""

OVERHEAD: Final = 1120 + 16
"""Bytes that sealing adds: the encapsulated key and the tag."""

_MLKEM_PUBLIC_SIZE: Final = 1184
_MLKEM_SEED_SIZE: Final = 64
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class OpeningKey:
    """An X-Wing key pair from its 32-byte seed (draft-connolly-cfrg-xwing-kem §5.2).

    Attributes:
        public: the public key, `PUBLIC_SIZE` bytes.
    """

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise BadKey
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_SIZE + SEED_SIZE)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_SIZE])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_SIZE:])
        self._private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = (
            mlkem.public_key().public_bytes_raw()
            + x25519.public_key().public_bytes_raw()
        )

    def open(self, info: bytes, sealed: bytes) -> bytes:
        """Return what `seal` was given.

        Raises:
            NotARecipient: sealed to another key, with another `info`, or changed.
        """
        try:
            return _SUITE.decrypt(sealed, self._private, info)
        except (InvalidTag, ValueError):
            # The library's error is dropped: it says nothing that may be told.
            raise NotARecipient from None


def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Return `plaintext` sealed to `public`, `OVERHEAD` bytes longer.

    Args:
        public: the recipient's X-Wing key, `PUBLIC_SIZE` bytes.
        info: what the message is bound to; see `bound_info`.
        plaintext: any bytes.

    Raises:
        BadKey: not a public key, or one whose shared secret is no secret.
    """
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_SIZE]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_SIZE:]),
        )
        return _SUITE.encrypt(plaintext, key, info)
    except ValueError:
        raise BadKey from None


def bound_info(marker: bytes, *fields: bytes) -> bytes:
    """Return `marker` and `fields`, each after its length (4 bytes, big-endian).

    Two different lists never give the same bytes.
    """
    parts = (marker, *fields)
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
