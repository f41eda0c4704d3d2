"""The rows of the buckets, in a file that only grows.

    rows file = marker ‖ record …
    record    = number[4] ‖ length[4] ‖ check[4] ‖ row
    check     = CRC-32 of the row (that of zlib, RFC 1952), begun with the number

A changed bucket is written anew at the end, so a block's changes are one
sequential write whatever the size of the state; the record it had before is dead.
When most of a file is dead, one of the next *generation* begins, and the living
records follow there, a few with each block; then the old file goes.

A disk that returns other bytes than it was given is found by the check when a row
is read, before anything is decided by it; who forges a row is found by its hash.

Nothing here knows what is alive. A *place* says where a record is: twice its
offset, plus the generation's last bit. Zero is no place.
"""

from collections.abc import Collection, Iterator
from glob import escape
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

import apsw

from careledger.durable import sync_path
from careledger.engines.errors import LedgerDamaged
from careledger.engines.folder import beside
from careledger.ledger.bucket import EMPTY_BUCKET

MARKER: Final = b"careledger/rows/v1\n"

HEAD: Final = Struct(">III")
"""The head of a record: bucket number, bytes of the row, check."""

SHORTEST: Final = len(EMPTY_BUCKET)
"""Bytes of the shortest row."""

_AT_ONCE: Final = 2**16
"""Bytes to a call: SQLite's file layer takes less than 128 KiB."""

_GUESS: Final = 2**11
"""Bytes read for a row in the hope that it is all there."""

_SCAN: Final = 2**20
"""Bytes read at a time where records follow each other."""

_SUFFIX: Final = "-rows-"


class Record(NamedTuple):
    """A row, and where it is."""

    place: int
    number: int
    check: int
    row: bytes

    @property
    def is_sound(self) -> bool:
        """Whether number and row are as they were written."""
        return crc32(self.row, self.number) == self.check


class RowFiles:
    """The file that grows and, while rows move out of it, the one before.

    Attributes:
        closed: nothing is read any more.
    """

    def __init__(self, ledger: Path, vfs: str | None) -> None:
        self._ledger, self._vfs = ledger, vfs
        self._files: dict[int, apsw.VFSFile] = {}
        self._ends = [0, 0]
        self.closed = False

    def create(self, generation: int) -> None:
        """Begin a file; what a crash left at its place goes."""
        path = self._path(generation)
        remove_file(path)
        path.touch(0o600, exist_ok=False)
        self._open(generation)
        self.write(generation, 0, MARKER)

    def open(self, generation: int, end: int) -> None:
        """Open a file that counts up to `end`.

        Raises:
            LedgerDamaged: it is not there, too short, or no rows file.
        """
        if not self._path(generation).exists():
            raise LedgerDamaged(self._path(generation).name)
        self._open(generation)
        self._ends[generation & 1] = end
        is_short = self._files[generation & 1].xFileSize() < end
        if is_short or self._read(generation & 1, 0, len(MARKER)) != MARKER:
            raise LedgerDamaged(self._path(generation).name)

    def write(self, generation: int, offset: int, data: bytes) -> None:
        """Write at the end. It is on disk after `sync`."""
        file, view = self._files[generation & 1], memoryview(data)
        for start in range(0, len(view), _AT_ONCE):
            file.xWrite(view[start : start + _AT_ONCE], offset + start)
        self._ends[generation & 1] = offset + len(view)

    def sync(self, generation: int) -> None:
        """Put all that was written on disk."""
        self._files[generation & 1].xSync(apsw.SQLITE_SYNC_NORMAL)

    def sync_name(self) -> None:
        """Put the name of a new file on disk."""
        sync_path(self._ledger.parent)

    def read(self, place: int, number: int) -> bytes | None:
        """Return the row of a bucket, or `None` if `place` has no sound one of it."""
        parity, at = place & 1, place >> 1
        file, left = self._files.get(parity), self._ends[parity] - at
        if file is None or left < HEAD.size:
            return None
        # Never beyond the end: of what is not there SQLite's file layer makes zeros
        # and its driver cuts them off, and before them those that are there.
        head = file.xRead(min(_GUESS, left), at)
        if len(head) < HEAD.size:
            return None
        found, length, check = HEAD.unpack_from(head)
        end = HEAD.size + length
        if found != number or length < SHORTEST or end > left:
            return None
        if end > len(head):
            head = self._read(parity, at, end)
        row = head[HEAD.size : end]
        return row if crc32(row, number) == check else None

    def records(self, generation: int, start: int, end: int) -> Iterator[Record]:
        """Yield the records that begin in [start, end), in their order.

        Raises:
            LedgerDamaged: what is there is no sequence of records.
        """
        parity, base, chunk, offset = generation & 1, start, b"", start
        need = HEAD.size
        while offset < end:
            at = offset - base
            if at + need > len(chunk):
                base, at = offset, 0
                chunk = self._read(parity, offset, max(need, min(_SCAN, end - offset)))
                if need > len(chunk):
                    raise LedgerDamaged(self._path(generation).name)
            number, length, check = HEAD.unpack_from(chunk, at)
            need = HEAD.size + length
            if length < SHORTEST or offset + need > self._ends[parity]:
                raise LedgerDamaged(self._path(generation).name)
            if at + need > len(chunk):
                continue
            row = chunk[at + HEAD.size : at + need]
            yield Record(offset << 1 | parity, number, check, row)
            offset, need = offset + need, HEAD.size

    def drop(self, generation: int) -> None:
        """Let a file go. Who reads in it still can, until he is done."""
        self._files.pop(generation & 1, None)
        remove_file(self._path(generation))

    def keep_only(self, generations: Collection[int]) -> None:
        """Remove the files of all other generations: a crash can leave one."""
        kept = {self._path(generation) for generation in generations}
        for path in rows_beside(self._ledger):
            if path not in kept:
                remove_file(path)

    def close(self) -> None:
        """Let the files go. Each is closed when the last who reads in it is done."""
        self.closed = True
        self._files.clear()

    def _open(self, generation: int) -> None:
        flags = apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READWRITE
        path = str(self._path(generation))
        self._files[generation & 1] = apsw.VFSFile(self._vfs or "", path, [flags, 0])

    def _read(self, parity: int, offset: int, size: int) -> bytes:
        """Return `size` bytes; fewer where the file ends or is gone."""
        file = self._files.get(parity)
        if file is None:
            return b""
        # Beyond the end SQLite answers zeros and does not say how many.
        end = min(offset + size, self._ends[parity])
        if end - offset <= _AT_ONCE:
            return file.xRead(end - offset, offset) if end > offset else b""
        return b"".join(
            file.xRead(min(_AT_ONCE, end - at), at)
            for at in range(offset, end, _AT_ONCE)
        )

    def _path(self, generation: int) -> Path:
        return rows_path(self._ledger, generation)


class RowWriter:
    """Adds records to the file that grows.

    Attributes:
        end: where the next record will be.
        places: bucket number → place, of what was added.
    """

    def __init__(self, files: RowFiles, generation: int, end: int) -> None:
        self.end = end
        self.places: dict[int, int] = {}
        self._files, self._generation = files, generation
        self._parity = generation & 1
        self._waiting: list[bytes] = []
        self._start, self._full = end, end + _AT_ONCE

    def add(self, number: int, row: bytes) -> None:
        """Add a record. It is in the file after `flush`."""
        self.places[number] = self.end << 1 | self._parity
        self._waiting += (HEAD.pack(number, len(row), crc32(row, number)), row)
        self.end += HEAD.size + len(row)
        if self.end > self._full:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        self._files.write(self._generation, self._start, b"".join(self._waiting))
        self._waiting.clear()
        self._start, self._full = self.end, self.end + _AT_ONCE


def rows_beside(ledger: Path) -> list[Path]:
    """Return the rows files that are beside a ledger, of whatever generation."""
    start = beside(ledger, _SUFFIX)
    found = start.parent.glob(escape(start.name) + "*")
    return [path for path in found if path.name.removeprefix(start.name).isdecimal()]


def rows_path(ledger: Path, generation: int) -> Path:
    """Return where the rows file of a generation is: beside the ledger, no link."""
    return beside(ledger, f"{_SUFFIX}{generation}")


def remove_file(path: Path) -> None:
    """Remove a file that may be there."""
    path.unlink(missing_ok=True)
