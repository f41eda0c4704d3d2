"""Passages with percent signs (RFC 3986), and what they mean.

Which characters are escaped is up to the writer, so there are too many forms of one
text: here the passage is read instead.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

_NEAR: Final = 256
_ESCAPE: Final = re.compile(rb"%[0-9A-Fa-f]{2}")


def passages_in(window: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield where a passage begins, and what it means; `+` as itself and as space."""
    for start, stop in _passages(window):
        passage = window[start:stop]
        yield start, unquote_to_bytes(passage)
        if b"+" in passage:
            yield start, unquote_to_bytes(passage.replace(b"+", b" "))


def _passages(window: bytes) -> Iterator[tuple[int, int]]:
    """Yield stretches in which an escape follows the other closely."""
    start = stop = 0
    for found in _ESCAPE.finditer(window):
        if found.start() - _NEAR > stop:
            if stop:
                yield start, stop
            start = max(0, found.start() - _NEAR)
        stop = min(len(window), found.end() + _NEAR)
    if stop:
        yield start, stop
