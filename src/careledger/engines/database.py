"""The file: its tables, and how connections to it are opened.

One SQLite file holds a ledger. Everything a block does is one transaction of
it, in WAL mode with `synchronous=FULL`: when a commit returns, it is on disk.

What grows at the end (leaves, tiles, the journal) is written at once. What is
spread over the file (buckets, indexes) follows later, in order: until then the
journal has it, see `tail`.
"""

from pathlib import Path
from typing import Final

import apsw

from careledger.engines.errors import LedgerExists, LedgerMissing

_SCHEMA: Final = """
CREATE TABLE fact(name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE head(id INTEGER PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE leaf(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE block(height INTEGER PRIMARY KEY, leaf INTEGER NOT NULL UNIQUE);
CREATE TABLE tile(id INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
CREATE TABLE journal(height INTEGER PRIMARY KEY, changes BLOB NOT NULL);
CREATE TABLE bucket(number INTEGER PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE bucket_hash(page INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
CREATE TABLE ordered_key(key BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE transaction_index(entry BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE party_index(entry BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE body(
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, data BLOB NOT NULL
);
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


def open_reader(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Return a connection that only reads, and never blocks the writer."""
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)


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
