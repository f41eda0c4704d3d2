"""What a place for blobs owes, whatever it is made of.

A blob is named by its SHA-256 and never changes; so a name cannot be hostile, and
storing twice is storing once. `SMALL` decides the place: SQLite up to there,
files or an object store above.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from careledger.primitives.hashing import sha256

SMALL: Final = 64 * 1024
"""Bytes up to which a blob lies in SQLite."""

BLOCK: Final = 1024 * 1024
"""Bytes that are hashed, written and read at a time."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A blob that has arrived whole and is not yet kept.

    Attributes:
        blob: SHA-256 of all its bytes.
        size: in bytes.
        blocks: SHA-256 of each `BLOCK`, one after the other, if there are several.
        content: the bytes, if `size` ≤ `SMALL`.
        path: the file that has them, already synced, if not.
    """

    blob: bytes
    size: int
    blocks: bytes = b""
    content: bytes = b""
    path: Path = Path()


class BlobStore(Protocol):
    """A place for blobs."""

    def put(self, staged: Staged) -> None:
        """Keep a blob, in place of whatever lay under its name.

        When this returns, the blob survives power loss. When it raises, or the
        process dies in it, there is the blob as it was before or as it is now:
        never a part of it, and no other blob is touched.

        Raises:
            VaultFull: no room.
            VaultUnwell: the place failed.
        """
        ...

    def read(self, blob: bytes, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`: what is there, unverified.

        Fewer, or none, if the blob is shorter or is not there.

        Raises:
            VaultUnwell: the place failed.
        """
        ...

    def remove(self, blob: bytes) -> None:
        """Forget a blob, if it is there. When this returns, it is gone for good.

        Raises:
            VaultUnwell: the place failed.
        """
        ...


def staged_whole(content: bytes) -> Staged:
    """Return a small blob as it is staged: in memory."""
    return Staged(sha256(content), len(content), content=content)


def in_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in blocks of `BLOCK`, the last one shorter."""
    held = bytearray()
    for piece in pieces:
        view = memoryview(piece)
        for start in range(0, len(view), BLOCK):
            held += view[start : start + BLOCK]
            if len(held) >= BLOCK:
                yield bytes(held[:BLOCK])
                del held[:BLOCK]
    if held:
        yield bytes(held)
