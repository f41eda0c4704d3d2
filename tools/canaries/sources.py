"""Where a secret could lie: files, cells of SQLite files, memory of a process.

Each source is read window by window. Windows overlap, so that nothing is missed at
a border: a form must be shorter than the overlap, a stream is read that far.
"""

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

WINDOW: Final = 32 << 20
OVERLAP: Final = 1 << 20

_REGION: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)")
_SQLITE: Final = b"SQLite format 3\0"


@dataclass(frozen=True)
class Extent:
    """How windows are cut.

    Attributes:
        window: bytes of one.
        overlap: bytes that it shares with the next.
    """

    window: int = WINDOW
    overlap: int = OVERLAP


@dataclass(frozen=True)
class Source:
    """One place.

    Attributes:
        name: of it.
        size: in bytes.
        windows: yields (offset, bytes), in order.
    """

    name: str
    size: int
    windows: Callable[[Extent], Iterator[tuple[int, bytes]]]


def files_under(folder: Path) -> Iterator[Source]:
    """Yield every regular file, and every table of every SQLite file."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = str(path.relative_to(folder))
            yield of_file(path, name)
            if _is_sqlite(path):
                yield from _tables(path, name)


def of_file(path: Path, name: str) -> Source:
    """Return a file as a source."""

    def windows(extent: Extent) -> Iterator[tuple[int, bytes]]:
        with path.open("rb") as file:
            yield from _cut(
                lambda at, size: os.pread(file.fileno(), size, at), size, extent
            )

    size = path.stat().st_size
    return Source(name, size, windows)


def of_bytes(content: bytes, name: str) -> Source:
    """Return bytes as a source."""

    def windows(extent: Extent) -> Iterator[tuple[int, bytes]]:
        yield from _cut(lambda at, size: content[at : at + size], len(content), extent)

    return Source(name, len(content), windows)


def memory_of(process: int) -> Iterator[Source]:
    """Yield the readable regions of a process's memory. It should stand still."""
    maps = Path(f"/proc/{process}/maps").read_text(encoding="utf-8", errors="replace")
    for line in maps.splitlines():
        found = _REGION.match(line)
        if found and found[3].startswith("r"):
            first, last = int(found[1], 16), int(found[2], 16)
            name = f"process {process} {found[3]} {found[4] or 'anonymous'}"
            yield _region(process, name, first, last - first)


@contextmanager
def standing_still(processes: list[int]) -> Iterator[None]:
    """Stop processes of ours, and let them go on afterwards."""
    try:
        for one in processes:
            os.kill(one, signal.SIGSTOP)
            _wait_until_stopped(one)
        yield
    finally:
        for one in processes:
            os.kill(one, signal.SIGCONT)


def family_of(process: int) -> list[int]:
    """Return a process and everything that it has started."""
    found = [process]
    for task in sorted(Path(f"/proc/{process}/task").iterdir()):
        for child in (task / "children").read_text(encoding="ascii").split():
            found += family_of(int(child))
    return found


def _wait_until_stopped(process: int) -> None:
    stat = Path(f"/proc/{process}/stat")
    while stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "Tt":
        time.sleep(0.001)


def _region(process: int, name: str, first: int, size: int) -> Source:
    def windows(extent: Extent) -> Iterator[tuple[int, bytes]]:
        memory = os.open(f"/proc/{process}/mem", os.O_RDONLY)
        try:
            yield from _cut(lambda at, n: os.pread(memory, n, first + at), size, extent)
        finally:
            os.close(memory)

    return Source(name, size, windows)


def _cut(
    read: Callable[[int, int], bytes], size: int, extent: Extent
) -> Iterator[tuple[int, bytes]]:
    """Yield windows.

    Raises:
        OSError: a part cannot be read, or less comes than there should be.
    """
    step = extent.window - extent.overlap
    for at in range(0, max(1, size), step):
        yield at, _exactly(read, at, min(extent.window, size - at))
        if at + extent.window >= size:
            return


def _exactly(read: Callable[[int, int], bytes], at: int, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        part = read(at + len(found), size - len(found))
        if not part:
            raise OSError
        found += part
    return bytes(found)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _tables(path: Path, name: str) -> Iterator[Source]:
    """Yield each table's cells, each whole, whichever pages it lies on.

    A copy is opened, with its log of writes: the one in use is left alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copy(path, copy)
        log = path.with_name(path.name + "-wal")
        if log.exists():
            shutil.copy(log, Path(folder, "copy-wal"))
        with closing(apsw.Connection(str(copy))) as connection:
            sql = "SELECT name FROM sqlite_schema WHERE type='table' AND rootpage > 0"
            for (table,) in list(connection.execute(sql)):
                yield _cells(connection, f"{name} table {table}", table)


def _cells(connection: apsw.Connection, name: str, table: str) -> Source:
    rows = connection.execute(f'SELECT * FROM "{table}"')
    cells = [_bytes_of(cell) for row in rows for cell in row]
    kept = [cell for cell in cells if cell]

    def windows(extent: Extent) -> Iterator[tuple[int, bytes]]:
        for cell in kept:
            for _, window in of_bytes(cell, name).windows(extent):
                yield 0, window

    return Source(name, sum(map(len, kept)), windows)


def _bytes_of(cell: object) -> bytes:
    match cell:
        case bytes():
            return cell
        case str():
            return cell.encode()
        case _:
            return b""
