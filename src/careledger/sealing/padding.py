"""Padding: sizes that say little about what is inside.

Entries and attachments grow to the next Padmé size (Nikitin et al., "Reducing
Metadata Leakage from Encrypted Files and Communication with PURBs", PETS 2019),
which leaks O(log log n) bits for at most 12 % more bytes. Bodies grow to one of
four fixed sizes. The end of the content is marked by 0x80 and zeros (ISO/IEC
9797-1, method 2), inside the seal; there is one padding for one content.
"""

from typing import Final

from careledger.sealing.problems import Tampered, TooLarge

BODY_SIZES: Final = (2048, 4096, 8192, 16384)
"""The sizes of a body on the wire, in bytes."""

BODY_LIMIT: Final = BODY_SIZES[-1]
"""The largest body, in bytes."""

_END: Final = b"\x80"


def padme_size(size: int) -> int:
    """Return the Padmé size for `size` bytes, at most 12 % larger."""
    if size <= 1:
        return size
    exponent = size.bit_length() - 1
    coarse = exponent - exponent.bit_length()
    mask = (1 << coarse) - 1
    return (size + mask) & ~mask


def pad(content: bytes) -> bytes:
    """Return `content`, its end mark, and zeros up to the Padmé size."""
    return pad_to(content, padme_size(len(content) + 1))


def unpad(padded: bytes) -> bytes:
    """Return what `pad` was given.

    Raises:
        Tampered: `padded` is not what `pad` makes of any content.
    """
    content = _content(padded)
    if len(padded) != padme_size(len(content) + 1):
        raise Tampered
    return content


def pad_to(content: bytes, size: int) -> bytes:
    """Return `content`, its end mark, and zeros up to `size` bytes.

    Raises:
        TooLarge: there is no room for the end mark.
    """
    if len(content) >= size:
        raise TooLarge
    return (content + _END).ljust(size, b"\0")


def unpad_from(padded: bytes, size: int) -> bytes:
    """Return what `pad_to` was given with this `size`.

    Raises:
        Tampered: `padded` is not what `pad_to` makes of any content.
    """
    if len(padded) != size:
        raise Tampered
    return _content(padded)


def pad_body(content: bytes, overhead: int) -> bytes:
    """Pad so that, once sealed, a body has one of `BODY_SIZES`.

    Args:
        content: what goes into the body.
        overhead: the bytes that sealing will add.

    Raises:
        TooLarge: it does not fit into the largest body.
    """
    return pad_to(content, _body_size(len(content) + 1 + overhead) - overhead)


def unpad_body(padded: bytes, overhead: int) -> bytes:
    """Return what `pad_body` was given.

    Raises:
        Tampered: `padded` is not what `pad_body` makes of any content.
    """
    content = _content(padded)
    if len(padded) + overhead != _body_size(len(content) + 1 + overhead):
        raise Tampered
    return content


def _body_size(size: int) -> int:
    for body in BODY_SIZES:
        if size <= body:
            return body
    raise TooLarge


def _content(padded: bytes) -> bytes:
    marked = padded.rstrip(b"\0")
    if marked[-1:] != _END:
        raise Tampered
    return marked[:-1]
