"""What the sealed manifest says of an entry: title, hash, size, and its links.

A line has room for `MOST_LINKS` references to entries; a resource with more gets
further lines for the same entry. References to hospitals and practitioners, to
addresses elsewhere and into the resource itself need no line: their text says it.
"""

from typing import Final

from careledger.fhir.planned import Planned
from careledger.fhir.resolve import Target
from careledger.sealing.manifest import ManifestLine, Reference

MOST_LINKS: Final = 32
"""References in one line (see `sealing.manifest`)."""

_LONGEST_TEXT: Final = 256
"""Characters of a reference that a line has room for."""


def manifest_lines(one: Planned, targets: dict[str, Target]) -> list[ManifestLine]:
    """Return the lines of one entry, at least one."""
    links = tuple(
        Reference(text, target.id)
        for text, target in targets.items()
        if target.where == "entry" and 0 < len(text) <= _LONGEST_TEXT
    )
    starts = range(0, max(1, len(links)), MOST_LINKS)
    return [_line(one, links[start : start + MOST_LINKS]) for start in starts]


def _line(one: Planned, links: tuple[Reference, ...]) -> ManifestLine:
    return ManifestLine(one.entry_id, one.type, one.title, one.digest, one.size, links)
