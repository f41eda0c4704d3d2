"""A marker in every encoding in which it could lie somewhere.

MessagePack and CBOR keep text and bytes as they are, behind a length: that is
`raw`. Base64 and base32 depend on what stands before: each alignment is a form of
its own, without the characters that a neighbour shares.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

SHORTEST: Final = 15
"""Bytes of the shortest marker: the search looks at aligned words of 8."""


@dataclass(frozen=True)
class Marker:
    """What must not be found.

    Attributes:
        name: what it is; this is what a report says, never `secret`.
        secret: its bytes; of a text, UTF-8.
        text: whether it is a text.
    """

    name: str
    secret: bytes
    text: bool = False


@dataclass(frozen=True)
class Form:
    """A marker in one encoding."""

    marker: str
    encoding: str
    raw: bytes


def forms_of(marker: Marker) -> list[Form]:
    """Return the forms of a marker that differ.

    Raises:
        ValueError: shorter than `SHORTEST`: it could be there by chance.
    """
    if len(marker.secret) < SHORTEST:
        raise ValueError(marker.name)
    of_text = _of_text(marker.secret.decode()) if marker.text else ()
    found: dict[bytes, str] = {}
    for encoding, raw in chain(_of_bytes(marker.secret), of_text):
        if len(raw) >= SHORTEST:
            found.setdefault(raw, encoding)
    return [Form(marker.name, encoding, raw) for raw, encoding in found.items()]


def _of_bytes(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "raw", raw
    yield "reversed", raw[::-1]
    yield "hex lower", raw.hex().encode()
    yield "hex upper", raw.hex().upper().encode()
    yield from _in_base64(raw)
    yield from _in_base32(raw)
    yield "form", raw.replace(b" ", b"+")
    yield "repr", repr(raw)[2:-1].encode()
    yield "numbers", ", ".join(map(str, raw)).encode()
    yield "numbers close", ",".join(map(str, raw)).encode()


def _of_text(text: str) -> Iterator[tuple[str, bytes]]:
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "json ascii", json.dumps(text)[1:-1].encode()
    yield "json", json.dumps(text, ensure_ascii=False)[1:-1].encode()
    units = text.encode("utf-16-be").hex(" ", 2).split()
    yield "json all lower", "".join(f"\\u{one}" for one in units).encode()
    yield "json all upper", "".join(f"\\u{one.upper()}" for one in units).encode()


def _in_base64(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for before in range(3):
        cut = slice(-(-before * 8 // 6), (before + len(raw)) * 8 // 6)
        padded = bytes(before) + raw
        yield f"base64 +{before}", base64.b64encode(padded)[cut]
        yield f"base64 urlsafe +{before}", base64.urlsafe_b64encode(padded)[cut]


def _in_base32(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for before in range(5):
        cut = slice(-(-before * 8 // 5), (before + len(raw)) * 8 // 5)
        whole = base64.b32encode(bytes(before) + raw)[cut]
        yield f"base32 +{before}", whole
        yield f"base32 lower +{before}", whole.lower()
