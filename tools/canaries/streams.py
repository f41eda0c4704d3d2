"""What is compressed inside a window, opened.

zlib, gzip and zstd are tried wherever their first bytes stand. Raw deflate has no
first bytes: it is tried behind each header of a ZIP member, at the start of each
piece, and everywhere in small ones. A stream that is cut or spoilt gives what could
be opened of it.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import Final

import zstandard

LONGEST: Final = 1 << 20
"""Compressed bytes of a stream that are read."""

MOST: Final = 8 << 20
"""Bytes that are taken out of one stream."""

SMALL: Final = 2 << 10
"""Bytes of a piece in which raw deflate is tried at every place: less than a page of
memory, of which there are too many."""

_LEAST: Final = 15
_STEP: Final = 4096
_FIRST: Final = 64
_RAW: Final = -zlib.MAX_WBITS
_WRAPPED: Final = zlib.MAX_WBITS | 32
_ZIP: Final = b"PK\x03\x04"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_GZIP: Final = b"\x1f\x8b\x08"


def _starts() -> re.Pattern[bytes]:
    """Return the pattern of all first bytes (RFC 1950, 1952, 8878, ZIP)."""
    zlib_headers = [
        bytes((cmf, flags))
        for cmf in range(0x08, 0x80, 0x10)
        for flags in range(256)
        if (cmf * 256 + flags) % 31 == 0 and not flags & 0x20
    ]
    all_of_them = [_GZIP, _ZSTD, _ZIP, *zlib_headers]
    return re.compile(b"|".join(map(re.escape, all_of_them)), re.DOTALL)


_STARTS: Final = _starts()


def streams_in(window: bytes, *, thorough: bool = True) -> Iterator[tuple[int, bytes]]:
    """Yield where a stream begins, and what it opens to.

    Args:
        window: where to look.
        thorough: try raw deflate everywhere, if the window is small.
    """
    for start, opened in _wrapped(window):
        if len(opened) >= _LEAST:
            yield start, opened
    everywhere = thorough and len(window) <= SMALL
    for start in range(len(window) if everywhere else 1):
        opened = _inflate(window, start, _RAW)
        if len(opened) >= _LEAST:
            yield start, opened


def _wrapped(window: bytes) -> Iterator[tuple[int, bytes]]:
    start = -1
    # One start may lie in another: the search goes on behind its first byte.
    while found := _STARTS.search(window, start + 1):
        start = found.start()
        match found.group():
            case magic if magic == _ZSTD:
                yield start, _unzstd(window[start : start + LONGEST])
            case magic if magic == _ZIP:
                yield from _member(window, start)
            case _:
                yield start, _inflate(window, start, _WRAPPED)


def _member(window: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield what a ZIP member opens to (APPNOTE 4.3.7)."""
    sizes = window[start + 26 : start + 30]
    name, extra = (int.from_bytes(sizes[i : i + 2], "little") for i in (0, 2))
    content = start + 30 + name + extra
    yield content, _inflate(window, content, _RAW)


def _inflate(window: bytes, start: int, kind: int) -> bytes:
    opener = zlib.decompressobj(kind)
    found = bytearray()
    at, step = start, _FIRST
    stop = min(len(window), start + LONGEST)
    try:
        while at < stop and len(found) < MOST and not opener.eof:
            given = window[at : min(stop, at + step)]
            found += opener.decompress(given, MOST)
            at, step = at + step, _STEP
    except zlib.error:
        pass  # what came before it counts
    return bytes(found)


def _unzstd(content: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content))
    found = bytearray()
    try:
        while len(found) < MOST and (part := reader.read(_STEP)):
            found += part
    except zstandard.ZstdError:
        pass
    return bytes(found)
