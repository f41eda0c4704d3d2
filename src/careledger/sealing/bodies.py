"""Bodies: small sealed attachments of a transaction, of four sizes only.

A body is sealed either under a key that its readers share (an epoch key: sealed
manifests, statements, reasons) or to the public key of one reader (identity
cards). The marker names the purpose: a body sealed for one
opens for no other.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from careledger.primitives.encoding import Message, encode
from careledger.sealing import aead, hpke
from careledger.sealing.binding import Binding
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keys import derive
from careledger.sealing.padding import BODY_LIMIT, pad_body, unpad_body

M = TypeVar("M", bound=Message)

_PAGE_ROOM: Final = BODY_LIMIT - 64
"""Bytes for the items of a page; the rest is its seal, its frame, its end mark."""


def seal_body(
    key: bytes,
    marker: bytes,
    binding: Binding,
    content: bytes,
    draw: Draw = random_bytes,
) -> bytes:
    """Return `content` as a body for everybody who holds `key`.

    Raises:
        TooLarge: it does not fit into the largest body.
    """
    padded = pad_body(content, aead.OVERHEAD)
    return aead.seal_with(derive(key, marker), binding.info(marker), padded, draw)


def open_body(key: bytes, marker: bytes, binding: Binding, body: bytes) -> bytes:
    """Return what `seal_body` was given.

    Raises:
        Tampered: another key, purpose or place, or changed bytes.
    """
    padded = aead.open_with(derive(key, marker), binding.info(marker), body)
    return unpad_body(padded, aead.OVERHEAD)


def seal_body_to(public: bytes, info: bytes, content: bytes) -> bytes:
    """Return `content` as a body for the holder of one X-Wing key.

    Raises:
        TooLarge: it does not fit into the largest body.
        BadKey: `public` is no key.
    """
    return hpke.seal(public, info, pad_body(content, hpke.OVERHEAD))


def open_body_with(key: OpeningKey, info: bytes, body: bytes) -> bytes:
    """Return what `seal_body_to` was given.

    Raises:
        NotARecipient: sealed to another key, for another purpose, or changed.
        Tampered: its sender did not pad it as agreed.
    """
    return unpad_body(key.open(info, body), hpke.OVERHEAD)


def fill_pages(items: Iterable[M]) -> Iterator[tuple[M, ...]]:
    """Yield the items in their order, in as few pages as fit into bodies.

    An item that is too large for a page of its own gets one, which then does not
    fit into its body.
    """
    page: list[M] = []
    room = _PAGE_ROOM
    for item in items:
        size = len(encode(item))
        if page and size > room:
            yield tuple(page)
            page, room = [], _PAGE_ROOM
        page.append(item)
        room -= size
    if page:
        yield tuple(page)
