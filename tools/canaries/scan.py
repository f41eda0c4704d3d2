"""Looks for markers in sources, and in what is compressed there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools.canaries.escapes import passages_in
from tools.canaries.search import Search
from tools.canaries.sources import (
    Extent,
    Source,
    family_of,
    files_under,
    memory_of,
    standing_still,
)
from tools.canaries.streams import streams_in

_DEPTH: Final = 3
"""Streams inside streams."""


@dataclass(frozen=True)
class Found:
    """A marker that was found.

    Attributes:
        marker: its name.
        encoding: in which it was found.
        where: name of the source.
        offset: in the source, or of the stream in which it was.
        inside: how many streams it was inside.
    """

    marker: str
    encoding: str
    where: str
    offset: int
    inside: int


@dataclass
class Report:
    """What was searched and what was found.

    Attributes:
        searched: name and size of each source.
        unreadable: names of regions that the kernel does not show.
        found: every marker found, once for each place.
        streams: how many compressed streams were opened.
        markers, forms: how many were looked for.
    """

    searched: list[tuple[str, int]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    streams: int = 0
    markers: int = 0
    forms: int = 0

    @property
    def size(self) -> int:
        """Bytes that were searched."""
        return sum(size for _, size in self.searched)


def scan(
    search: Search, sources: Iterable[Source], extent: Extent | None = None
) -> Report:
    """Return what is found in sources.

    Raises:
        ValueError: windows overlap by less than the longest form.
    """
    cut = extent or Extent()
    if cut.overlap < search.reach:
        raise ValueError(cut)
    report = Report(markers=search.markers, forms=search.forms)
    for source in sources:
        try:
            found = set(_found_in(search, source, cut, report))
        except OSError:
            report.unreadable.append(source.name)
            continue
        report.searched.append((source.name, source.size))
        report.found += sorted(found, key=lambda one: (one.offset, one.marker))
    return report


def scan_files(search: Search, folder: Path) -> Report:
    """Return what is found in all files of a folder."""
    return scan(search, files_under(folder))


def scan_memory(search: Search, process: int) -> Report:
    """Return what is found in the memory of a process of ours and its children."""
    family = family_of(process)
    with standing_still(family):
        return scan(search, (region for one in family for region in memory_of(one)))


def _found_in(
    search: Search, source: Source, extent: Extent, report: Report
) -> Iterator[Found]:
    for base, window in source.windows(extent):
        for hit in search.hits(window):
            yield Found(hit.marker, hit.encoding, source.name, base + hit.offset, 0)
        for start, meant in passages_in(window):
            for hit in search.hits(meant):
                yield Found(hit.marker, "percent", source.name, base + start, 0)
        for start, opened in streams_in(window):
            for marker, encoding, depth in _inside(search, opened, 1, report):
                yield Found(marker, encoding, source.name, base + start, depth)


def _inside(
    search: Search, content: bytes, depth: int, report: Report
) -> Iterator[tuple[str, str, int]]:
    report.streams += 1
    for hit in search.hits(content):
        yield hit.marker, hit.encoding, depth
    for _, meant in passages_in(content):
        for hit in search.hits(meant):
            yield hit.marker, "percent", depth
    if depth < _DEPTH:
        for _, opened in streams_in(content, thorough=False):
            yield from _inside(search, opened, depth + 1, report)
