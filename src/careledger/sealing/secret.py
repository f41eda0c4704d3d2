"""Messages that are only ever seen sealed: never printed, never half-valid.

What is sealed is checked against its own schema first: nobody but the recipient
could find the mistake later, and to them it would look like tampering.
"""

from typing import Any, TypeVar

from careledger.primitives.encoding import Message, NotCanonical, decode, encode
from careledger.sealing.problems import Tampered, TooLarge

T = TypeVar("T")


class Secret(Message, frozen=True):
    """A message that never shows its content: not printed, not in a traceback."""

    def __repr__(self) -> str:
        """Return the name of the kind and nothing of the content."""
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Give nothing to printers that look at fields, as tracebacks do."""
        return []


def encode_secret(message: Message) -> bytes:
    """Return the canonical encoding of a message that keeps to its own bounds.

    Raises:
        TooLarge: a text, a list or a key of it is not as long as it may be.
    """
    raw = encode(message)
    try:
        decode(raw, type(message))
    except NotCanonical:
        raise TooLarge from None
    return raw


def decode_secret(raw: bytes, kind: type[T]) -> T:
    """Return the message that was inside a seal.

    Raises:
        Tampered: whoever sealed it did not seal a `kind`.
    """
    try:
        return decode(raw, kind)
    except NotCanonical:
        raise Tampered from None
