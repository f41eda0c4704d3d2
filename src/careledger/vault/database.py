"""The vault's SQLite file: what is kept, for whom, and the small blobs themselves.

blob       hash → size, block hashes, since when rotten
claim      (custodian handle, entry, hash) → when stored
usage      custodian handle → bytes and blobs: the sums of its claims
tombstone  (custodian handle, entry) → when the entry was erased
loose      hash of a large blob that may lie in its store without a `blob` row
small      hash → bytes
"""

from pathlib import Path
from typing import Final

import apsw

from careledger.vault.disk import disk_errors
from careledger.vault.problems import OtherVersion

_VERSION: Final = 2

_PATIENCE_MS: Final = 10_000
"""How long to wait for another process that is writing."""

_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS blob(
  hash BLOB PRIMARY KEY, size INTEGER NOT NULL, blocks BLOB NOT NULL,
  rotten INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rotten_blob ON blob(hash) WHERE rotten > 0;
CREATE TABLE IF NOT EXISTS claim(
  custodian BLOB NOT NULL, entry BLOB NOT NULL, hash BLOB NOT NULL,
  stored INTEGER NOT NULL,
  PRIMARY KEY(custodian, entry, hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS claim_of_blob ON claim(hash, entry);
CREATE TABLE IF NOT EXISTS usage(
  custodian BLOB PRIMARY KEY, bytes INTEGER NOT NULL, blobs INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tombstone(
  custodian BLOB NOT NULL, entry BLOB NOT NULL, erased INTEGER NOT NULL,
  PRIMARY KEY(custodian, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS loose(
  hash BLOB PRIMARY KEY, since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS small(hash BLOB PRIMARY KEY, data BLOB NOT NULL);
PRAGMA user_version = {_VERSION};
COMMIT;
"""


def open_vault_file(path: Path) -> apsw.Connection:
    """Return a connection to a vault's file, made if it is not there.

    Raises:
        OtherVersion: a file of another version.
        VaultFull, VaultUnwell: the disk does not let us, or no vault's file.
    """
    with disk_errors():
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(_PATIENCE_MS)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        # Erased means erased: SQLite overwrites what it frees.
        connection.pragma("secure_delete", "on")
        version = connection.pragma("user_version")
        if version == 0:
            connection.execute(_SCHEMA)
    if version not in (0, _VERSION):
        connection.close()
        raise OtherVersion
    return connection
