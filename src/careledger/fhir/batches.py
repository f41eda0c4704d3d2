"""As many entries in one transaction as it has room for.

An append holds at most 256 entries, and its envelope 128 KiB with the manifest's
bodies in it. So pages are counted as the sealing fills them, with a little less
room than it has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from careledger.primitives.encoding import encode
from careledger.sealing.manifest import ManifestLine

MOST_ENTRIES: Final = 256
"""Entries in one `Append`, and blobs in one deposit."""

MOST_PAGES: Final = 6
"""Bodies of 16 KiB that leave room for 256 entries in an envelope of 128 KiB."""

MOST_BYTES: Final = 8 * 2**20
"""Resources in one batch, as received; what is larger goes alone."""

_PAGE_ROOM: Final = 16_000


@dataclass(frozen=True, slots=True)
class Sealable:
    """An entry that is ready to be sealed.

    Attributes:
        raw: the exact bytes.
        lines: of the manifest, at least one.
    """

    raw: bytes
    lines: list[ManifestLine]

    @property
    def entry_id(self) -> bytes:
        """The entry's id."""
        return self.lines[0].entry_id


class _Room:
    """What is left in one transaction."""

    def __init__(self) -> None:
        self._entries, self._bytes = MOST_ENTRIES, MOST_BYTES
        self._pages, self._page = MOST_PAGES, 0

    def take(self, one: Sealable) -> bool:
        """Make room for an entry; tell whether there is any."""
        pages, page = self._pages, self._page
        for line in one.lines:
            size = len(encode(line))
            if size > page:
                pages, page = pages - 1, _PAGE_ROOM
            page -= size
        full = self._entries == 0 or pages < 0 or len(one.raw) > self._bytes
        if full and self._entries < MOST_ENTRIES:
            return False
        self._pages, self._page = pages, page
        self._entries -= 1
        self._bytes -= len(one.raw)
        return True


def fill_batches(entries: Iterable[Sealable]) -> Iterator[list[Sealable]]:
    """Yield the entries in their order, in as few transactions as they fit into."""
    batch: list[Sealable] = []
    room = _Room()
    for one in entries:
        if not room.take(one):
            yield batch
            batch, room = [], _Room()
            room.take(one)
        batch.append(one)
    if batch:
        yield batch
