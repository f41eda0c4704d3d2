"""Attachments of any size, in constant memory.

    salt (32) ‖ sealed size (8 + 16) ‖ chunks (65,536 + 16 each, the last shorter)

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): each
chunk's nonce holds its number and whether it is the last, so that none can be
cut, moved, repeated or added. Chunks are AES-256-GCM under a key for this file
alone. Zeros after the content bring it to its Padmé size.

A reader gets content before the end has been checked: it is good only once the
iterator has ended. Write to a temporary name and rename then.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from careledger.primitives.hashing import same
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.keys import derive
from careledger.sealing.padding import padme_size
from careledger.sealing.problems import Tampered, WrongSize

CHUNK_SIZE: Final = 64 * 1024
"""Bytes of content per chunk."""

Read = Callable[[int], bytes]
"""Returns at most that many bytes, and none only at the end: `file.read`."""

_TAG: Final = 16
_SALT: Final = 32
_SIZE_FIELD: Final = 8
_HEADER: Final = _SALT + _SIZE_FIELD + _TAG
_MIDDLE, _LAST, _SIZE = b"\x00", b"\x01", b"\x02"


def sealed_size(size: int) -> int:
    """Return the bytes of the sealed form of `size` bytes."""
    return _HEADER + padme_size(size) + _chunk_count(size) * _TAG


def seal_stream(
    key: bytes, size: int, read: Read, draw: Draw = random_bytes
) -> Iterator[bytes]:
    """Yield the sealed form of `size` bytes from `read`.

    Args:
        key: of the entry that the attachment is.
        size: of the content, in bytes, known beforehand.
        read: gives the content.
        draw: source of the salt.

    Raises:
        WrongSize: `read` gave fewer or more bytes than `size`.
    """
    salt = draw(_SALT)
    cipher = _cipher(key, salt)
    declared = size.to_bytes(_SIZE_FIELD, "big")
    yield salt + cipher.encrypt(_nonce(0, _SIZE), declared, None)
    for number, (length, kind) in enumerate(_chunks(size)):
        wanted = _content_in(number, length, size)
        content = _read_exactly(read, wanted)
        if len(content) != wanted:
            raise WrongSize
        yield cipher.encrypt(_nonce(number, kind), content.ljust(length, b"\0"), None)
    if read(1):
        raise WrongSize


def open_stream(key: bytes, read: Read) -> Iterator[bytes]:
    """Yield the content that `seal_stream` was given, chunk by chunk.

    Raises:
        Tampered: another key, or chunks changed, cut, moved, repeated or added.
    """
    header = _read_exactly(read, _HEADER)
    cipher = _cipher(key, header[:_SALT])
    declared = _open_chunk(cipher, _nonce(0, _SIZE), header[_SALT:])
    size = int.from_bytes(declared, "big")
    for number, (length, kind) in enumerate(_chunks(size)):
        sealed = _read_exactly(read, length + _TAG)
        chunk = _open_chunk(cipher, _nonce(number, kind), sealed)
        wanted = _content_in(number, length, size)
        if chunk[wanted:].strip(b"\0"):
            raise Tampered
        yield chunk[:wanted]
    if read(1):
        raise Tampered


def seal_file(
    key: bytes, size: int, source: BinaryIO, sink: BinaryIO, draw: Draw = random_bytes
) -> bytes:
    """Write the sealed form of `source` to `sink`; return its SHA-256.

    Raises:
        WrongSize: `source` does not have `size` bytes.
    """
    digest = hashlib.sha256()
    for piece in seal_stream(key, size, source.read, draw):
        digest.update(piece)
        sink.write(piece)
    return digest.digest()


def open_file(key: bytes, blob_hash: bytes, source: BinaryIO, sink: BinaryIO) -> None:
    """Write the content of the sealed `source` to `sink`.

    Raises:
        Tampered: not the blob that the ledger names. What was written so far
            must then be thrown away.
    """
    digest = hashlib.sha256()

    def read(size: int) -> bytes:
        piece = source.read(size)
        digest.update(piece)
        return piece

    sink.writelines(open_stream(key, read))
    if not same(digest.digest(), blob_hash):
        raise Tampered


def _chunk_count(size: int) -> int:
    return max(1, -(-padme_size(size) // CHUNK_SIZE))


def _chunks(size: int) -> Iterator[tuple[int, bytes]]:
    """Yield length and kind of each chunk."""
    last = _chunk_count(size) - 1
    for _ in range(last):
        yield CHUNK_SIZE, _MIDDLE
    yield padme_size(size) - last * CHUNK_SIZE, _LAST


def _content_in(number: int, length: int, size: int) -> int:
    """Return how many bytes of this chunk are content; the rest is padding."""
    return min(length, max(0, size - number * CHUNK_SIZE))


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(derive(key, b"careledger/stream/v1", salt))


def _nonce(number: int, kind: bytes) -> bytes:
    return number.to_bytes(11, "big") + kind


def _open_chunk(cipher: AESGCM, nonce: bytes, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, None)
    except InvalidTag:
        raise Tampered from None


def _read_exactly(read: Read, size: int) -> bytes:
    """Return `size` bytes, or fewer at the end; pipes and sockets give parts."""
    piece = b""
    while len(piece) < size:
        more = read(size - len(piece))
        if not more:
            break
        piece += more
    return piece
