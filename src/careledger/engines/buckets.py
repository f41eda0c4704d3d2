"""The state: its buckets, where their rows are, and the tree above them.

    write()  → the changed rows are in the file
    finish() → they are on disk, and index pages in the open SQLite transaction
    settle() → after the commit: they are what is read

Where each row is stays in memory (8 MB for a million buckets), beside the hashes
of the tree. The SQLite file has both in *index pages*. A change does not write its
page: a *lap* writes all pages in turn, a few with each block, and what blocks have
written since the last whole lap began is noted beside, for a start to read.
"""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from careledger.engines.errors import EngineStopped, LedgerDamaged
from careledger.engines.head import RowsHead
from careledger.engines.index_pages import (
    PAGES,
    no_places,
    note_written,
    read_pages,
    read_written,
    write_pages,
)
from careledger.engines.levels import Changed, StateTree
from careledger.engines.row_files import HEAD, MARKER, RowFiles, RowWriter
from careledger.engines.row_moves import RowLimits, check_left, file_for, move_rows
from careledger.ledger.bucket import EMPTY_BUCKET, pairs_again, pairs_of

_FIRST: Final = HEAD.size + len(EMPTY_BUCKET)
"""What a bucket's first record adds beside the growth of its row."""

_START: Final = (1, len(MARKER))
EMPTY_HEAD: Final = RowsHead(*_START, 0, 0, 0, 0, 0, 0)


class Step(NamedTuple):
    """What a block does to the rows; nothing of it counts before the commit.

    Attributes:
        head: where the rows stand after the block.
        places: of the rows that were written.
        pages: index pages whose turn it is.
        size: bytes of the changed rows.
    """

    head: RowsHead
    places: dict[int, int]
    pages: range
    size: int = 0


class Buckets:
    """All buckets. One thread writes; any thread may read a row.

    Attributes:
        head: where the rows stand.
        tree: the hashes above them.
    """

    def __init__(self, path: Path, vfs: str | None, limits: RowLimits) -> None:
        self.head = EMPTY_HEAD
        self.tree = StateTree()
        self._files = RowFiles(path, vfs)
        self._limits = limits
        self._places = no_places()

    def fill(self, cursor: apsw.Cursor, rows: Iterable[tuple[int, bytes]]) -> None:
        """Begin: write a whole state, and its index pages."""
        self._files.create(self.head.generation)
        writer = self._writer(self.head)
        for number, row in rows:
            self.tree.put(number, row)
            writer.add(number, row)
        writer.flush()
        head = self.head._replace(end=writer.end, live=writer.end - self.head.end)
        self.settle(Step(head, writer.places, range(0)))
        self._files.sync(self.head.generation)
        self._files.sync_name()
        self.tree.rehash()
        write_pages(cursor, self.tree, self._places, range(PAGES))

    def load(self, cursor: apsw.Cursor, head: RowsHead, height: int) -> None:
        """Open what is on disk.

        Raises:
            LedgerDamaged: it is not whole.
        """
        is_bounded = head.live <= head.end + head.ended and head.page < PAGES
        if min(head) < 0 or not is_bounded or not head.indexed <= head.lap <= height:
            raise LedgerDamaged("head")
        self.head = head
        for generation, end in head.ends.items():
            self._files.open(generation, end)
        read_pages(cursor, self.tree, self._places)
        read_written(cursor, self.tree, self._places, head.indexed)
        self.tree.rehash()

    def row(self, number: int) -> bytes:
        """Return a bucket, as the last block that was committed left it.

        Not beside a commit, for then the tree is ahead of what is read.

        Raises:
            LedgerDamaged: its row is not where it was written, or is another than
                the tree says.
            EngineStopped: the files are closed.
        """
        row = self.row_beside(number)
        self.tree.check(number, row)
        return row

    def row_beside(self, number: int) -> bytes:
        """Return a bucket that may be of the block before: nobody has checked it.

        Raises:
            LedgerDamaged, EngineStopped: as for `row`.
        """
        place = self._places[number]
        while place:
            row = self._files.read(place, number)
            before, place = place, self._places[number]
            if place == before:  # or it moved under our eyes
                return self._found(row, number)
        return EMPTY_BUCKET

    def _found(self, row: bytes | None, number: int) -> bytes:
        if row is not None:
            return row
        if self._files.closed:
            raise EngineStopped
        raise LedgerDamaged(f"bucket {number}")

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """Yield every bucket that has entries, ascending."""
        for number, place in enumerate(self._places):
            if place and (row := self.row(number)) != EMPTY_BUCKET:
                yield number, row

    def checked(self) -> Iterator[bytes]:
        """Yield each bucket, checked entry by entry against the tree; then their size.

        Raises:
            LedgerDamaged: its detail names the first that is not sound.
        """
        live = 0
        for number in (number for number, place in enumerate(self._places) if place):
            row = self.row(number)
            live += HEAD.size + len(row)
            try:
                is_sound = pairs_again(row) == pairs_of(row)
            except struct.error as error:
                raise LedgerDamaged(f"bucket {number}") from error
            if not is_sound:
                raise LedgerDamaged(f"bucket {number}")
            yield row
        if live != self.head.live:
            raise LedgerDamaged("head")

    def write(self, height: int, changed: Iterable[Changed]) -> Step:
        """Write a block's changes, and some rows that move, at the end of the file."""
        head = file_for(self.head, self._files, self._limits)
        writer, live, size = self._writer(head), head.live, 0
        for number, old, new in changed:
            is_known = self._places[number] or number in writer.places
            writer.add(number, new)
            live += len(new) - len(old) + (0 if is_known else _FIRST)
            size += len(new)
        budget = self._limits.times * size
        moved = move_rows(head, self._files, self._places, writer, budget)
        writer.flush()
        if head.is_moving and moved >= head.ended:
            check_left(head, self._places, writer)
        stop = head.page + 1 + len(writer.places) * PAGES // self._limits.lap
        pages = range(head.page, min(PAGES, stop))
        head = head._replace(end=writer.end, live=live, moved=moved, page=pages.stop)
        return Step(_next_lap(head, height), writer.places, pages, size)

    def finish(self, cursor: apsw.Cursor, height: int, step: Step) -> None:
        """Put the rows on disk, and index pages into the open SQLite transaction."""
        self._files.sync(step.head.generation)
        write_pages(cursor, self.tree, self._places, step.pages)
        note_written(cursor, self.tree, step.places, height, step.head.indexed)

    def settle(self, step: Step) -> None:
        """Take over what is committed; let the file go that all rows have left."""
        for number, place in step.places.items():
            self._places[number] = place
        was, self.head = self.head, step.head
        if (was.is_moving or was.generation < step.head.generation) and (
            not step.head.is_moving
        ):
            self._files.drop(step.head.generation - 1)

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def _writer(self, head: RowsHead) -> RowWriter:
        return RowWriter(self._files, head.generation, head.end)


def _next_lap(head: RowsHead, height: int) -> RowsHead:
    """Begin anew after a whole lap: its pages know all from before it began."""
    if head.page < PAGES:
        return head
    return head._replace(indexed=head.lap, lap=height, page=0)
