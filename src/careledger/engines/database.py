"""The file: its tables, and how connections to it are opened.

One SQLite file holds a ledger, with the rows of its state beside it (`row_files`).
Everything a block does is one transaction of it, in WAL mode with
`synchronous=FULL`: when a commit returns, it is on disk.

What grows at the end (leaves, tiles, the journal) is written at once. What is
spread over the file (indexes) follows later, in order: until then the journal has
it, see `tail`.

SQLite believes what a page says of a cell's type. So whoever reads at a start
casts to BLOB: what was damaged comes as other bytes, not as another type.
"""

from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import apsw

from careledger.engines.errors import LedgerDamaged, LedgerExists, LedgerMissing

_SCHEMA: Final = """
CREATE TABLE fact(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE head(id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE leaf(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE block(height INTEGER PRIMARY KEY, leaf INTEGER NOT NULL UNIQUE) STRICT;
CREATE TABLE tile(id INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
CREATE TABLE journal(height INTEGER PRIMARY KEY, changes BLOB NOT NULL) STRICT;
CREATE TABLE written(height INTEGER PRIMARY KEY, places BLOB NOT NULL) STRICT;
CREATE TABLE bucket_page(page INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE ordered_key(key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE transaction_index(entry BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE party_index(entry BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE body(
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, data BLOB NOT NULL
) STRICT;
"""

_PATIENCE_MS: Final = 10_000  # beside a short write of another connection
_CACHE_KIB: Final = 64 * 1024
_WAL_PAGES: Final = 8_000  # 32 MiB of WAL between two checkpoints


def create_database(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Create the file of a new ledger and return its writing connection.

    Raises:
        LedgerExists: something is there.
    """
    if path.exists():
        raise LedgerExists(str(path))
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = _prepared(path, flags, vfs)
    connection.execute("BEGIN IMMEDIATE;" + _SCHEMA)
    return connection


def open_database(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Return the writing connection to an existing ledger.

    Raises:
        LedgerMissing: nothing is there.
    """
    if not path.exists():
        raise LedgerMissing(str(path))
    return _prepared(path, apsw.SQLITE_OPEN_READWRITE, vfs)


def check_schema(connection: apsw.Connection) -> None:
    """Check that a file has the tables of a ledger, and nothing else.

    Raises:
        LedgerDamaged: it has not.
    """
    with closing(apsw.Connection(":memory:")) as fresh:
        fresh.execute(_SCHEMA)
        if _definitions(connection) != _definitions(fresh):
            raise LedgerDamaged("schema")


def check_pages(connection: apsw.Connection) -> None:
    """Check all pages of the file: SQLite's own structures, and each cell's type.

    Raises:
        LedgerDamaged: its detail is what SQLite found first.
    """
    try:
        found = connection.execute("PRAGMA integrity_check(1)").get
    except (apsw.CorruptError, UnicodeDecodeError) as error:
        raise LedgerDamaged("file") from error
    if found != "ok":
        raise LedgerDamaged(f"file: {found}")


def open_reader(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Return a connection that only reads, and never blocks the writer."""
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)


def open_draft(path: Path) -> apsw.Connection:
    """Return a connection to a file that counts only when it has been put in place.

    Who is cut off begins anew, so it keeps no journal and syncs nothing.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(str(path), flags=flags)
    connection.pragma("synchronous", "off")
    connection.pragma("journal_mode", "off")
    return connection


def fill_draft(draft: apsw.Connection, copy: Path) -> None:
    """Take over the tables of a ledger from a copy, attached as `copy`.

    Table by table, because a copy has more than a ledger. To drop the rest and
    `VACUUM` would write all three times, once where temporary files have room.
    """
    # A file that nobody changes needs no lock, and nothing is written beside it.
    draft.execute("ATTACH ? AS copy", (copy.absolute().as_uri() + "?immutable=1",))
    draft.execute("BEGIN;" + _SCHEMA)
    tables = draft.execute("SELECT name FROM main.sqlite_schema WHERE type='table'")
    for (name,) in tables.fetchall():
        draft.execute(f"INSERT INTO main.{name} SELECT * FROM copy.{name}")  # noqa: S608 (names of our own)
    draft.execute("COMMIT")


def let_go(connection: apsw.Connection) -> None:
    """Close a connection and leave the file as it is: nothing is written back."""
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    with suppress(apsw.Error):
        connection.close(True)  # noqa: FBT003 (positional by its API)


def _definitions(connection: apsw.Connection) -> list[object]:
    sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
    return list(connection.execute(sql))


def _prepared(path: Path, flags: int, vfs: str | None) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
    if vfs is not None:
        # File layers written in Python share no memory between connections.
        connection.pragma("locking_mode", "exclusive")
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.set_busy_timeout(_PATIENCE_MS)
    connection.pragma("cache_size", -_CACHE_KIB)
    connection.pragma("wal_autocheckpoint", _WAL_PAGES)
    return connection
