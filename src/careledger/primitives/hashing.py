"""SHA-256 (FIPS 180-4) and the markers that keep its uses apart.

Everything that is signed, sealed or hashed with a meaning starts with a marker
that names purpose and version, so that bytes made for one purpose can never be
taken for another.
"""

import hashlib
import hmac
from typing import Final

HASH_SIZE: Final = 32
"""Bytes of a SHA-256 digest."""


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest of `data` (32 bytes)."""
    return hashlib.sha256(data).digest()


def sha384(data: bytes) -> bytes:
    """Return the SHA-384 digest of `data` (48 bytes): RFC 9474 asks for it."""
    return hashlib.sha384(data).digest()


def marked_hash(marker: bytes, *parts: bytes) -> bytes:
    """Return SHA-256 over `marker` and `parts`, each preceded by its length.

    Lengths are 4 bytes, big-endian: no two lists of parts share an input.
    """
    digest = hashlib.sha256(len(marker).to_bytes(4, "big") + marker)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.digest()


def keyed_hash(key: bytes, data: bytes) -> bytes:
    """Return HMAC-SHA-256 (RFC 2104) of `data` under `key` (32 bytes)."""
    return hmac.digest(key, data, "sha256")


def same(left: bytes, right: bytes) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left, right)


class RunningHash:
    """A SHA-256 digest of what arrives in parts."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def update(self, part: bytes) -> None:
        """Take the next bytes in."""
        self._digest.update(part)

    def digest(self) -> bytes:
        """Return the digest of everything so far (32 bytes)."""
        return self._digest.digest()
