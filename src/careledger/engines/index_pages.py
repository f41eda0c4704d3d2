"""Index pages: of 64 buckets each, the hashes and where the rows are.

page    = hash[32] × 64 ‖ place[8] × 64         numbers little-endian
written = (number[4] ‖ place[8] ‖ hash[32]) …   of one block
"""

import struct
from array import array
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Final

import apsw

from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import RowsHead
from careledger.engines.levels import StateTree
from careledger.ledger.tree import BUCKETS
from careledger.primitives.hashing import HASH_SIZE

PAGE: Final = 64
"""Buckets to a page."""

PAGES: Final = BUCKETS // PAGE


EXPIRED_ROWS: Final = 4
"""Notes to delete with each block: more than one block adds."""

_HASHES: Final = PAGE * HASH_SIZE
_PLACES: Final = Struct(f"<{PAGE}Q")
_SIZE: Final = _HASHES + _PLACES.size
_WRITTEN: Final = Struct(f"<IQ{HASH_SIZE}s")
_NOWHERE: Final = (0,) * PAGE

_STORED: Final = "SELECT page, CAST(content AS BLOB) FROM bucket_page"
_NOTES: Final = (
    "SELECT height, CAST(places AS BLOB) FROM written WHERE height>? ORDER BY height"
)


def no_places() -> "array[int]":
    """Return the places of a state in which nothing was ever written."""
    return array("Q", bytes(8 * BUCKETS))


def write_pages(
    cursor: apsw.Cursor, tree: StateTree, places: "array[int]", pages: range
) -> None:
    """Put pages into the open SQLite transaction; those of no rows are left out."""
    cursor.executemany(
        "INSERT OR REPLACE INTO bucket_page VALUES(?,?)", _contents(tree, places, pages)
    )


def read_pages(cursor: apsw.Cursor, tree: StateTree, places: "array[int]") -> None:
    """Read all pages.

    Raises:
        LedgerDamaged: one is not as long as a page, or of no bucket.
    """
    for page, content in cursor.execute(_STORED):
        # A page that is too short would shift the hashes of all that follow.
        is_page = isinstance(content, bytes) and len(content) == _SIZE
        if page not in range(PAGES) or not is_page:
            raise LedgerDamaged(f"bucket page {page}")
        first = page * PAGE
        tree.hashes[first * HASH_SIZE : (first + PAGE) * HASH_SIZE] = content[:_HASHES]
        places[first : first + PAGE] = array("Q", _PLACES.unpack_from(content, _HASHES))


def note_written(
    cursor: apsw.Cursor,
    tree: StateTree,
    places: Mapping[int, int],
    height: int,
    indexed: int,
) -> None:
    """Note what a block has written; forget some of what the pages know by now."""
    hashes, size, pack = tree.hashes, HASH_SIZE, _WRITTEN.pack
    noted = [
        pack(number, place, hashes[number * size : (number + 1) * size])
        for number, place in places.items()
    ]
    cursor.execute("INSERT INTO written VALUES(?,?)", (height, b"".join(noted)))
    cursor.execute(
        "DELETE FROM written WHERE height IN"
        " (SELECT height FROM written WHERE height<=? ORDER BY height LIMIT ?)",
        (indexed, EXPIRED_ROWS),
    )


def read_written(
    cursor: apsw.Cursor, tree: StateTree, places: "array[int]", indexed: int
) -> None:
    """Read what blocks have written that the pages may not know.

    Raises:
        LedgerDamaged: a note is cut off, of no bucket, or not the next block's.
    """
    notes = cursor.execute(_NOTES, (indexed,))
    for expected, (height, noted) in enumerate(notes, indexed + 1):
        if height != expected:
            raise LedgerDamaged(f"written {height}")
        try:
            _take_over(tree, places, noted)
        except (struct.error, IndexError, TypeError) as error:
            raise LedgerDamaged(f"written {height}") from error


def check_lap(cursor: apsw.Cursor, head: RowsHead) -> None:
    """Check that the pages of this lap know what was written before it began.

    A start does not need them to, but the lap after the next one does.

    Raises:
        LedgerDamaged: they do not, so the head names another lap.
    """
    stop = head.page * PAGE
    known, of_lap = (_read_from(cursor, first) for first in (head.indexed, head.lap))
    for (ours, size), (theirs, _) in zip(known, of_lap, strict=True):
        if ours[: stop * size] != theirs[: stop * size]:
            raise LedgerDamaged("head")


def _read_from(
    cursor: apsw.Cursor, indexed: int
) -> tuple[tuple[bytearray, int], tuple["array[int]", int]]:
    """Return hashes and places if pages knew everything up to a height."""
    tree, places = StateTree(), no_places()
    read_pages(cursor, tree, places)
    read_written(cursor, tree, places, indexed)
    return (tree.hashes, HASH_SIZE), (places, 1)


def _take_over(tree: StateTree, places: "array[int]", noted: bytes) -> None:
    hashes = tree.hashes
    for number, place, hashed in _WRITTEN.iter_unpack(noted):
        places[number] = place
        at = number * HASH_SIZE
        hashes[at : at + HASH_SIZE] = hashed


def _contents(
    tree: StateTree, places: "array[int]", pages: range
) -> Iterator[tuple[int, bytearray]]:
    for page in pages:
        first = page * PAGE
        of_page = tuple(places[first : first + PAGE])
        if of_page != _NOWHERE:
            hashes = tree.hashes[first * HASH_SIZE : (first + PAGE) * HASH_SIZE]
            yield page, hashes + _PLACES.pack(*of_page)
