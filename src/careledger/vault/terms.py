"""What goes into a vault and out of it, and how one is set up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from careledger.vault.blobs import BlobStore
from careledger.vault.door import MayStore, nobody
from careledger.vault.index import Usage

ROOM: Final = Usage(64 * 1024**3, 1_000_000)
"""What one custodian handle, so one record, may keep: 64 GiB, a million blobs."""

Sign = Callable[[bytes, bytes], bytes]
"""Given a custodian handle of this hospital and a message, returns the signature.

Raises:
    KeyError: not a handle of this hospital.
"""


class Deposit(NamedTuple):
    """One sealed entry as it is brought."""

    entry: bytes
    blob: bytes


class Stored(NamedTuple):
    """A large entry that is on disk.

    Attributes:
        blob: SHA-256 of what arrived; to be compared with what was sent.
        size: in bytes.
        receipt: the custodian's, for an `Append` of this blob alone.
    """

    blob: bytes
    size: int
    receipt: bytes


class Serving(NamedTuple):
    """A blob, or a range of it, on its way to a reader.

    Attributes:
        blob: SHA-256 of the whole blob.
        size: of the whole blob, in bytes.
        pieces: the bytes that were asked for; each was verified.
    """

    blob: bytes
    size: int
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Setup:
    """How a vault is set up.

    Attributes:
        room: what one custodian handle may keep.
        large: where blobs above 64 KiB go; a folder beside the file if `None`.
        may_store: who may upload.
    """

    room: Usage = ROOM
    large: BlobStore | None = None
    may_store: MayStore = nobody
