"""Files of FHIR: a Bundle, NDJSON or one resource, told apart by their content.

Nothing in a file's name is believed or used as a path, and names are shown only
with everything that could fool a reader or a terminal made visible.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from careledger.client.shown import shown_line
from careledger.fhir import findings
from careledger.fhir.bundles import cut_window
from careledger.fhir.json_text import MAX_RESOURCE, is_wide
from careledger.fhir.lines import cut_lines_of
from careledger.fhir.pieces import NotABundle, Piece, WrongEncoding
from careledger.fhir.window import Window

SUFFIXES: Final = (".json", ".ndjson")
"""Names of files that are taken for FHIR."""

_BLANK: Final = b" \t\r\n"
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_FIRST_TYPE: Final = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
_MOST_SHOWN: Final = 120


class _Kind(msgspec.Struct):
    kind: str = msgspec.field(default="", name="resourceType")


def read_pieces(stream: BinaryIO, *, lines: bool = False) -> Iterator[Piece]:
    """Yield every resource of a file, in order, as exact bytes.

    Args:
        stream: the file, opened for bytes.
        lines: it is NDJSON, whatever it looks like.

    Raises:
        WrongEncoding: UTF-16 or 32, or a byte order mark.
        NotABundle: no JSON object at all, or a Bundle without an end.
        WrongBundleType: a document, message or history.
    """
    window = Window(stream)
    start = window.held.lstrip(_BLANK)
    if start.startswith(_MARKS) or is_wide(start):
        raise WrongEncoding
    if lines or _is_lines(start):
        yield from cut_lines_of(window)
    elif start[:1] != b"{":
        raise NotABundle
    elif _is_bundle(window):
        yield from cut_window(window)
    else:
        yield _whole(window.held.strip(_BLANK))


def fhir_files(folder: Path) -> list[Path]:
    """Return the FHIR files directly in `folder`, in order of their names.

    Links, folders and devices are passed over, whatever they are called.
    """
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in SUFFIXES and path.is_file() and not path.is_symlink()
    )


def shown_name(name: str) -> str:
    """Return a file's name as it may be printed: one line, nothing invisible."""
    shown = shown_line(name)
    return shown if len(shown) <= _MOST_SHOWN else shown[:_MOST_SHOWN] + "…"


def _is_lines(start: bytes) -> bool:
    first, _, rest = start.partition(b"\n")
    return bool(rest.strip(_BLANK)) and _kind(first) is not None


def _is_bundle(window: Window) -> bool:
    """Tell whether the file is a Bundle; reads on only if that is not plain.

    A file larger than a resource may be must say so before its first entry.
    """
    first = _FIRST_TYPE.search(window.held)
    if first and first[1] == b"Bundle":
        return True
    while not window.ended and len(window.held) <= MAX_RESOURCE:
        window.grow()
    return window.ended and _kind(window.held) == "Bundle"


def _kind(text: bytes) -> str | None:
    """Return the type of the resource in `text`; none: it is not whole."""
    try:
        return msgspec.json.decode(text, type=_Kind).kind
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _whole(raw: bytes) -> Piece:
    if len(raw) > MAX_RESOURCE:
        return Piece(1, fault=findings.TOO_LARGE)
    return Piece(1, raw)
