"""Erasing bodies for good.

A body is sealed personal data; its hash stays in the log, and replay never needs
it. Erasing overwrites the bytes in the file and in SQLite's write-ahead log.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import apsw

from careledger.engines.database import open_database


def erase_bodies(ledger: Path, hashes: Sequence[bytes]) -> int:
    """Erase the bodies with these hashes, beside a running engine or without.

    Returns how many there were. Backups made before still have them.

    Raises:
        LedgerMissing: there is no ledger.
    """
    with closing(open_database(ledger)) as connection:
        connection.pragma("secure_delete", 1)  # overwrite with zeros
        before = connection.total_changes()
        with connection:
            connection.executemany(
                "DELETE FROM body WHERE hash=?", [(each,) for each in hashes]
            )
        # The log still has the pages as they were: write them back and empty it.
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        return connection.total_changes() - before
