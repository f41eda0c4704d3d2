"""AES-256-GCM with a random nonce: `nonce ‖ ciphertext ‖ tag`.

A key seals one thing, or few enough (far below 2³²) for random nonces. AES-GCM
commits to no key: where two readers must see one content, the caller commits.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from careledger.sealing.chance import Draw
from careledger.sealing.problems import Tampered

NONCE_SIZE: Final = 12

OVERHEAD: Final = NONCE_SIZE + 16
"""Bytes that sealing adds: nonce and tag."""


def seal_with(key: bytes, bound: bytes, plaintext: bytes, draw: Draw) -> bytes:
    """Return `plaintext` sealed under `key` and bound to `bound`."""
    nonce = draw(NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound)


def open_with(key: bytes, bound: bytes, sealed: bytes) -> bytes:
    """Return what `seal_with` was given.

    Raises:
        Tampered: another key or `bound`, or changed bytes.
    """
    nonce, ciphertext = sealed[:NONCE_SIZE], sealed[NONCE_SIZE:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, bound)
    except (InvalidTag, ValueError):
        raise Tampered from None
