"""Reading secrets from a descriptor: a little, whatever is behind its number.

A device or a wrong file may give bytes without an end.
"""

import os
from typing import Final

from careledger.cli.machine_problems import TooMuchSaid

_LINE: Final = 4 * 1024
_TEXT: Final = 64 * 1024
"""Bytes of the longest line, and of the longest text: many times what is needed."""


def first_line(descriptor: int) -> str:
    """Return the first line of what a descriptor gives, without its end.

    Raises:
        OSError, ValueError: there is no such descriptor, or it gives no text.
        TooMuchSaid: no line ends where every passphrase has ended.
    """
    line, _, _ = _read(descriptor, _LINE, b"\n").partition(b"\n")
    return line.decode().rstrip("\r")


def whole_text(descriptor: int) -> str:
    """Return all that a descriptor gives.

    Raises:
        OSError, ValueError: there is no such descriptor, or it gives no text.
        TooMuchSaid: it gives more than any words or shares.
    """
    return _read(descriptor, _TEXT, b"").decode()


def _read(descriptor: int, most: int, end: bytes) -> bytes:
    """Return what comes before it ends, or with the first `end` if one is given."""
    said = b""
    while not (end and end in said):
        if len(said) > most:
            raise TooMuchSaid
        part = _next(descriptor, most)
        if not part:
            break
        said += part
    return said


def _next(descriptor: int, most: int) -> bytes:
    try:
        return os.read(descriptor, most)
    except OverflowError as error:  # a number that no descriptor has
        raise ValueError from error
