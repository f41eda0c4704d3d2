"""What the sealed manifest says of an entry: title, hash, size, and its links.

A line has room for `MOST_REFERENCES` references to entries, and for so many bytes
of them; a resource with more gets further lines for the same entry. References to
hospitals and practitioners, to addresses elsewhere and into the resource itself
need no line: their text says it.
"""

from collections.abc import Iterator
from typing import Final

from careledger.fhir.planned import Planned
from careledger.fhir.resolve import Target
from careledger.sealing.manifest import MOST_REFERENCES, ManifestLine, Reference

_LONGEST_TEXT: Final = 256
"""Characters of a reference that a line has room for."""

_ROOM: Final = 8 * 1024
"""Bytes of references in a line: half of a body."""

_BESIDE_TEXT: Final = 24
"""Bytes of a reference besides its text: the entry's id and how it is encoded."""


def manifest_lines(one: Planned, targets: dict[str, Target]) -> list[ManifestLine]:
    """Return the lines of one entry, at least one."""
    links = tuple(
        Reference(text, target.id)
        for text, target in targets.items()
        if target.where == "entry" and 0 < len(text) <= _LONGEST_TEXT
    )
    return [_line(one, row) for row in _rows(links)]


def _rows(links: tuple[Reference, ...]) -> Iterator[tuple[Reference, ...]]:
    """Yield the references of each line; one line at least."""
    row: list[Reference] = []
    room = _ROOM
    for link in links:
        size = len(link.literal.encode()) + _BESIDE_TEXT
        if size > room or len(row) == MOST_REFERENCES:
            yield tuple(row)
            row, room = [], _ROOM
        row.append(link)
        room -= size
    yield tuple(row)


def _line(one: Planned, links: tuple[Reference, ...]) -> ManifestLine:
    return ManifestLine(one.entry_id, one.type, one.title, one.digest, one.size, links)
