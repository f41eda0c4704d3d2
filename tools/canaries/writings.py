"""How a text may have been written and packed, for the scanner to be tried on.

By other means than the search's own, and with neighbours before and behind.
"""

import base64
import codecs
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import urlencode

import msgspec
import zstandard

from careledger.primitives.hashing import sha256

_URLSAFE: Final = bytes.maketrans(b"+/", b"-_")


def noise(name: str, size: int) -> bytes:
    """Return bytes that nothing compresses, always the same."""
    count = -(-size // 32)
    return b"".join(sha256(f"{name} {i}".encode()) for i in range(count))[:size]


def _hex(text: str) -> bytes:
    return base64.b16encode(text.encode())


def _base64(before: int, text: str) -> bytes:
    return base64.b64encode(b"~" * before + text.encode() + b" and more")


def _urlsafe(before: int, text: str) -> bytes:
    return _base64(before, text).translate(_URLSAFE)


def _base32(before: int, text: str) -> bytes:
    return base64.b32encode(b"~" * before + text.encode() + b" and more")


def _percent(text: str) -> bytes:
    return b"".join(
        bytes((one,)) if chr(one).isalnum() and one < 0x80 else b"%%%02X" % one
        for one in text.encode()
    )


def _form(text: str) -> bytes:
    return urlencode({"name": f"{text} and", "b": ""}).encode()


def _percent_of_all(text: str) -> bytes:
    return b"".join(b"%%%02x" % one for one in text.encode())


def _escaped(text: str) -> bytes:
    units = memoryview(text.encode("utf-16-be"))
    return b"".join(
        b"\\u%02x%02x" % tuple(two) for two in zip(units[::2], units[1::2], strict=True)
    )


ENCODINGS: Final[dict[str, Callable[[str], bytes]]] = {
    "raw UTF-8": str.encode,
    "UTF-16 LE": lambda text: codecs.encode(text, "utf-16-le"),
    "UTF-16 BE": lambda text: codecs.encode(text, "utf-16-be"),
    "hex lower": lambda text: _hex(text).lower(),
    "hex upper": _hex,
    **{f"base64 +{before}": partial(_base64, before) for before in range(3)},
    **{f"base64 urlsafe +{before}": partial(_urlsafe, before) for before in range(3)},
    **{f"base32 +{before}": partial(_base32, before) for before in range(5)},
    "base32 lower": lambda text: _base32(0, text).lower(),
    "percent": _percent,
    "percent, a form's": _form,
    "percent of all": _percent_of_all,
    "JSON, ASCII only": lambda text: json.dumps({"name": f"{text} and"}).encode(),
    "JSON, escaped whole": _escaped,
    "JSON numbers": lambda text: json.dumps(list(text.encode())).encode(),
    "JSON": lambda text: msgspec.json.encode({"name": f'a "{text}" b'}),
    "MessagePack": lambda text: msgspec.msgpack.encode([1, {"name": text}]),
    "repr": lambda text: repr({"name": text.encode()}).encode(),
    "reversed": lambda text: bytes(reversed(text.encode())),
}
"""How a text may have been written."""


def _raw_deflate(raw: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(raw) + packer.flush()


def _zip(raw: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", raw)
    return file.getvalue()


def _zstd(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(raw)


def _cut(raw: bytes) -> bytes:
    return zlib.compress(raw + noise("end", 4000))[:-2000]


def _spoilt(raw: bytes) -> bytes:
    return zlib.compress(raw + noise("end", 40_000))[:20_000] + b"\xff" * 99


PACKINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "plain": bytes,
    "zlib": zlib.compress,
    "zlib, fastest": lambda raw: zlib.compress(raw, 1),
    "gzip": gzip.compress,
    "zstd": _zstd,
    "raw deflate": _raw_deflate,
    "ZIP": _zip,
    "gzip in zstd": lambda raw: _zstd(gzip.compress(raw)),
    "zlib, its end cut": _cut,
    "zlib, then spoilt": _spoilt,
}
"""How it may then have been packed."""
