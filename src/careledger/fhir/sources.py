"""Where an import reads: files and bytes, each opened as often as needed."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from careledger.client.problems import CannotRead
from careledger.fhir.files import shown_name

Open = Callable[[], BinaryIO]
"""Returns the content from its beginning, each time the same bytes.

Raises:
    CannotRead: it cannot be opened.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A Bundle, NDJSON or one resource.

    Attributes:
        name: as it may be printed.
        open: its content; read twice: first to judge, then to seal.
        lines: it is NDJSON, whatever it looks like.
    """

    name: str
    open: Open
    lines: bool = False


def file_source(path: Path) -> Source:
    """Return a file as a source; nothing is opened yet."""

    def from_start() -> BinaryIO:
        try:
            return path.open("rb")
        except OSError:
            raise CannotRead(shown_name(path.name)) from None

    lines = path.suffix == ".ndjson"
    return Source(shown_name(path.name), from_start, lines)


def bytes_source(name: str, content: bytes) -> Source:
    """Return bytes in memory as a source."""
    return Source(shown_name(name), lambda: BytesIO(content))
