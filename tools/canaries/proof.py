"""Before the scanner may say "nothing", it finds what was planted.

Each encoding is planted in each place: file, compressed file, page of a SQLite file
and of its log of writes, a cell that spans pages, a line of a log, the memory of a
process, over a window's border.
"""

import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from careledger.primitives.hashing import sha256
from tools.canaries.forms import Marker
from tools.canaries.scan import Report, scan, scan_files, scan_memory
from tools.canaries.search import Search
from tools.canaries.sources import Extent, files_under, of_bytes
from tools.canaries.writings import ENCODINGS, PACKINGS, noise

_BORDER: Final = Extent(window=32 << 10, overlap=4 << 10)
_LONG: Final = 1 << 17

_HOLDER: Final = """
import sys
size = int.from_bytes(sys.stdin.buffer.read(4), "big")
held = sys.stdin.buffer.read(size)
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.buffer.read()
"""


@dataclass(frozen=True)
class Planted:
    """A marker that was planted.

    Attributes:
        name: the marker's, which says in what encoding it was planted.
        raw: what was planted.
    """

    name: str
    raw: bytes


@dataclass(frozen=True)
class Proven:
    """One place: how many markers were planted there, and which were missed."""

    place: str
    planted: int
    missed: tuple[str, ...]


def prove(folder: Path) -> list[Proven]:
    """Return what was planted and what was missed, for each place."""
    search, planted = markers()
    return [
        *(_in_files(search, planted, folder / name, name) for name in PACKINGS),
        _in_sqlite(search, planted, folder),
        _in_log_of_writes(search, planted, folder),
        _over_pages(search, planted, folder),
        _in_log_line(search, planted, folder),
        _in_memory(search, planted),
        _over_borders(search, planted),
        _nowhere(search),
    ]


def markers() -> tuple[Search, list[Planted]]:
    """Return a marker for each encoding, as it was planted, and their search."""
    texts = {name: f"Ærøskøbing-Þorvaldsdóttir “{_word(name)}”" for name in ENCODINGS}
    found = [Marker(name, text.encode(), text=True) for name, text in texts.items()]
    planted = [Planted(name, ENCODINGS[name](text)) for name, text in texts.items()]
    return Search(found), planted


def _word(name: str) -> str:
    """Return what sets a marker apart from the others; it needs every base64 sign."""
    return sha256(name.encode()).hex()[:12] + "?>~?>~"


def _judge(place: str, planted: list[Planted], report: Report) -> Proven:
    seen = {one.marker for one in report.found}
    missed = tuple(one.name for one in planted if one.name not in seen)
    return Proven(place, len(planted), missed)


def _in_files(
    search: Search, planted: list[Planted], folder: Path, name: str
) -> Proven:
    folder.mkdir()
    for number, one in enumerate(planted):
        packed = PACKINGS[name](one.raw)
        (folder / str(number)).write_bytes(b"header " + packed + noise("tail", 100))
    return _judge(f"file: {name}", planted, scan_files(search, folder))


@contextmanager
def _database(folder: Path, planted: list[Planted]) -> Iterator[apsw.Connection]:
    folder.mkdir()
    with closing(apsw.Connection(str(folder / "a.db"))) as connection:
        connection.pragma("journal_mode", "wal")
        connection.pragma("wal_autocheckpoint", 0)
        connection.execute("CREATE TABLE note(number INTEGER PRIMARY KEY, text BLOB)")
        with connection:
            connection.executemany(
                "INSERT INTO note(text) VALUES(?)", [(one.raw,) for one in planted]
            )
        yield connection


def _in_sqlite(search: Search, planted: list[Planted], folder: Path) -> Proven:
    """Plant in pages of a database whose log of writes is empty."""
    with _database(folder / "pages", planted) as connection:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        path = folder / "pages" / "a.db"
        pages = of_bytes(path.read_bytes(), "pages")
        return _judge("SQLite page", planted, scan(search, [pages]))


def _in_log_of_writes(search: Search, planted: list[Planted], folder: Path) -> Proven:
    """Plant in a log of writes, and look in that file alone."""
    with _database(folder / "wal", planted):
        content = (folder / "wal" / "a.db-wal").read_bytes()
        return _judge("SQLite WAL", planted, scan(search, [of_bytes(content, "wal")]))


def _over_pages(search: Search, planted: list[Planted], folder: Path) -> Proven:
    """Plant compressed in cells so long that each spans pages and is cut there."""
    long = [
        Planted(one.name, zlib.compress(noise(one.name, 9000) + one.raw))
        for one in planted
    ]
    with _database(folder / "cells", long):
        tables = [s for s in files_under(folder / "cells") if "table" in s.name]
        return _judge("SQLite cell over pages", planted, scan(search, tables))


def _in_log_line(search: Search, planted: list[Planted], folder: Path) -> Proven:
    lines = [b"2026-01-01T00:00:00 WARN request=" + one.raw for one in planted]
    path = folder / "log"
    path.mkdir()
    (path / "node.log").write_bytes(b"\n".join(lines) + b"\n")
    return _judge("log line", planted, scan_files(search, path))


def _in_memory(search: Search, planted: list[Planted]) -> Proven:
    content = b"\0".join(one.raw for one in planted)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": os.defpath},
    ) as holder:
        if holder.stdin is None or holder.stdout is None:
            raise OSError
        holder.stdin.write(len(content).to_bytes(4, "big") + content)
        holder.stdin.flush()
        holder.stdout.readline()
        report = scan_memory(search, holder.pid)
        holder.stdin.close()
    return _judge("memory of a process", planted, report)


def _over_borders(search: Search, planted: list[Planted]) -> Proven:
    """Plant each so that a window ends in its middle; and packed, too."""
    step = _BORDER.window - _BORDER.overlap
    packed = [Planted(one.name, zlib.compress(one.raw)) for one in planted]
    missed: list[str] = []
    for one in (*planted, *packed):
        for border in (step, _BORDER.window):
            content = bytearray(noise("border", _LONG))
            at = border - len(one.raw) // 2
            content[at : at + len(one.raw)] = one.raw
            report = scan(search, [of_bytes(bytes(content), "border")], _BORDER)
            missed += _judge("", [one], report).missed
    return Proven("over a window's border", 4 * len(planted), tuple(missed))


def _nowhere(search: Search) -> Proven:
    """Where nothing was planted, nothing is found."""
    report = scan(search, [of_bytes(noise("nothing", 1 << 20), "nothing")])
    return Proven("nowhere", 0, tuple(one.marker for one in report.found))
