"""Canonical MessagePack: one meaning, one encoding.

Messages are frozen, array-like, tagged `msgspec` structs, so one definition
gives the wire bytes, the JSON of the API and the JSON Schema. Decoding is the
boundary where hostile bytes end: it raises `NotCanonical` and nothing else.
"""

from functools import cache
from threading import Lock
from typing import Annotated, Any, ClassVar, Final, TypeVar

import msgspec

from careledger.errors import CareLedgerError

T = TypeVar("T")

MAX_INTEGER: Final = 2**53 - 1
"""The largest integer on the wire: what a JSON reader can hold exactly."""

UInt = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
"""A whole number, 0 to 2^53 − 1."""

Millis = UInt
"""A time: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored."""


class NotCanonical(CareLedgerError):
    """Bytes that are not the one encoding of a message."""

    code: ClassVar[str] = "encoding.not-canonical"
    happened: ClassVar[str] = "The bytes are not a message in its canonical encoding."
    to_do: ClassVar[str] = (
        "Encode it again with the published schema; see docs/spec.md."
    )


class Message(
    msgspec.Struct,
    frozen=True,
    array_like=True,
    forbid_unknown_fields=True,
    gc=False,
):
    """The base of everything that has a canonical encoding.

    A message is made of finished parts, so it can never contain itself, and the
    collector of cycles need not look at the millions of them.
    """


_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")


_BUILDING: Final = Lock()


@cache
def _decoder(kind: Any) -> "msgspec.msgpack.Decoder[Any]":
    # msgspec fills a struct's description in when a decoder first needs it, and a
    # second thread that does so at the same moment reads a half-made one: the
    # process dies of a segmentation fault. So decoders are built one at a time.
    with _BUILDING:
        return msgspec.msgpack.Decoder(kind)


def encode(value: object) -> bytes:
    """Return the canonical encoding of `value`."""
    return _ENCODER.encode(value)


def decode(raw: bytes, kind: type[T]) -> T:
    """Return the `kind` that `raw` encodes.

    Raises:
        NotCanonical: `raw` is not exactly what `encode` would make of it.
    """
    value = decode_any(raw, kind)
    if _ENCODER.encode(value) != raw:
        raise NotCanonical
    return value  # type: ignore[no-any-return]


def decode_any(raw: bytes, kind: Any) -> Any:
    """Decode without the canonical check: only for bytes this node wrote.

    Raises:
        NotCanonical: `raw` is no `kind` at all.
    """
    try:
        return _decoder(kind).decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise NotCanonical from error
