"""Cut NDJSON into its lines: http://ndjson.org, one resource a line."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from careledger.fhir import findings
from careledger.fhir.pieces import MAX_HELD, Piece
from careledger.fhir.window import Window

_BLANK: Final = b" \t\r"


def cut_lines(stream: BinaryIO) -> Iterator[Piece]:
    """Yield every line of `stream` that is not blank; its number is the line's."""
    yield from cut_lines_of(Window(stream))


def cut_lines_of(window: Window) -> Iterator[Piece]:
    """Do as `cut_lines` does, with a window that stands at the file's start."""
    number = 0
    while window.held or not window.ended:
        whole = window.held.rpartition(b"\n")[0]
        if window.ended:
            whole = window.held
        elif not whole:
            if len(window.held) > MAX_HELD:
                number += 1
                yield Piece(number, fault=findings.TOO_LARGE)
                _skip(window)
            else:
                window.grow()
            continue
        for line in whole.split(b"\n"):
            number += 1
            if raw := line.strip(_BLANK):
                yield Piece(number, raw)
        window.drop(len(whole) + 1)


def _skip(window: Window) -> None:
    """Move past the end of a line that is too long to hold."""
    while b"\n" not in window.held and not window.ended:
        window.drop(len(window.held))
        window.grow()
    end = window.held.find(b"\n")
    window.drop(end + 1 if end >= 0 else len(window.held))
