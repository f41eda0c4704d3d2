"""The vault's file: one table of blobs, one of who keeps which entry."""

from pathlib import Path
from typing import Final

import apsw

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS blob(
  hash BLOB PRIMARY KEY, data BLOB, erased INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS claim(
  custodian BLOB NOT NULL, entry BLOB NOT NULL, hash BLOB NOT NULL,
  stored INTEGER NOT NULL,
  PRIMARY KEY(custodian, entry, hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS claim_of_blob ON claim(hash, entry);
"""


def open_vault_file(path: Path) -> apsw.Connection:
    """Return the one connection to a vault's file, made if it is not there."""
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.execute(_SCHEMA)
    return connection
