"""SHA-256 (FIPS 180-4) of what arrives in parts.

The only crypto import of this room: `primitives.hashing` hashes whole messages.
"""

import hashlib


class RunningHash:
    """A SHA-256 digest that grows."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def update(self, part: bytes) -> None:
        """Take the next bytes in."""
        self._digest.update(part)

    def digest(self) -> bytes:
        """Return the digest of everything so far (32 bytes)."""
        return self._digest.digest()
