"""An entry's envelope: exact client bytes, small, padded, sealed, committed.

    resource → zstd (RFC 8878) → size ‖ frame → Padmé → AES-256-GCM → blob

The key is the entry's own, derived from the epoch key and a random id, so that
one entry can be handed out alone. Hash and key commitment go to the ledger; the
blob goes to the custodians. What is larger than `ENTRY_LIMIT` is an attachment
(`stream`). Opening trusts no size that is not sealed, and none above the limit.
"""

import threading
from dataclasses import dataclass
from typing import Final

import zstandard

from careledger.primitives.hashing import same, sha256
from careledger.sealing.aead import open_with, seal_with
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.hpke import bound_info
from careledger.sealing.keys import (
    ENTRY_ID_SIZE,
    check_commitment,
    commitment,
    derive,
    entry_key,
)
from careledger.sealing.padding import pad, unpad
from careledger.sealing.problems import Tampered, TooLarge

ENTRY_LIMIT: Final = 16 * 1024 * 1024
"""The largest resource in an envelope, in bytes."""

_MARKER: Final = b"careledger/entry/v1"
_SIZE_FIELD: Final = 4
_LEVEL: Final = 3
_OF_THREAD: Final = threading.local()


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """What leaves the client for one entry; none of it is secret.

    Attributes:
        entry_id: 16 random bytes.
        blob: for the custodians.
        blob_hash: SHA-256 of `blob`, for the ledger.
        commitment: to the entry's key, for the ledger.
    """

    entry_id: bytes
    blob: bytes
    blob_hash: bytes
    commitment: bytes


def seal_entry(
    epoch_key: bytes, resource: bytes, draw: Draw = random_bytes
) -> SealedEntry:
    """Seal one resource under a new entry id of this epoch.

    Raises:
        TooLarge: more than `ENTRY_LIMIT` bytes.
    """
    if len(resource) > ENTRY_LIMIT:
        raise TooLarge
    entry_id = draw(ENTRY_ID_SIZE)
    key = entry_key(epoch_key, entry_id)
    frame = _compressor().compress(resource)
    content = pad(len(resource).to_bytes(_SIZE_FIELD, "big") + frame)
    blob = seal_with(derive(key, _MARKER), _bound(entry_id), content, draw)
    return SealedEntry(entry_id, blob, sha256(blob), commitment(entry_id, key))


def _compressor() -> zstandard.ZstdCompressor:
    """Return this thread's compressor: making one costs as much as a resource."""
    found: zstandard.ZstdCompressor | None = getattr(_OF_THREAD, "compressor", None)
    if found is None:
        found = _OF_THREAD.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return found


def open_entry(key: bytes, committed: SealedEntry) -> bytes:
    """Return the exact bytes that were sealed.

    Args:
        key: of the entry, from the keyring.
        committed: the blob as a vault served it, with id, hash and commitment as
            the *ledger* has them.

    Raises:
        Tampered: blob, key or content are not what the ledger committed to.
    """
    if not same(sha256(committed.blob), committed.blob_hash):
        raise Tampered
    check_commitment(committed.commitment, committed.entry_id, key)
    bound = _bound(committed.entry_id)
    content = unpad(open_with(derive(key, _MARKER), bound, committed.blob))
    size = int.from_bytes(content[:_SIZE_FIELD], "big")
    return _inflate(content[_SIZE_FIELD:], size)


def _inflate(frame: bytes, size: int) -> bytes:
    # zstd reserves what the frame declares, before it looks at the content.
    try:
        declared = zstandard.get_frame_parameters(frame).content_size
        if size > ENTRY_LIMIT or declared != size:
            raise Tampered
        reader = zstandard.ZstdDecompressor()
        return reader.decompress(frame, max_output_size=size, allow_extra_data=False)
    except zstandard.ZstdError:
        raise Tampered from None


def _bound(entry_id: bytes) -> bytes:
    return bound_info(_MARKER, entry_id)
