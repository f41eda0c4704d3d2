"""Copying a ledger while it runs, and putting a copy in its place.

A copy is one moment of the ledger: a read transaction pins it, writers go on.
Restoring never makes a node sign a second history: a copy that does not contain
the last checkpoint signed at the place is refused.
"""

import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw

from careledger.engines.database import open_database, open_reader
from careledger.engines.errors import (
    LedgerDamaged,
    LedgerExists,
    LedgerMissing,
    OtherLedger,
    WalLeft,
)
from careledger.engines.head import GENESIS, Head, read_fact, read_head
from careledger.engines.log_store import StoredTiles
from careledger.engines.signed import check_signed, sync_folder

_PAGES_AT_ONCE: Final = 2_000


def back_up(ledger: Path, target: Path) -> Head:
    """Copy the ledger to `target`; return where the copy stands.

    Raises:
        LedgerMissing: there is no ledger.
        LedgerExists: something is at `target`.
    """
    if not ledger.exists():
        raise LedgerMissing(str(ledger))
    if target.exists():
        raise LedgerExists(str(target))
    draft = target.with_name(target.name + ".new")
    draft.unlink(missing_ok=True)
    with closing(open_reader(ledger)) as source:
        source.execute("BEGIN")
        head = read_head(source.cursor())
        _copy(source, draft)
    _put_in_place(draft, target)
    return head


def restore(backup: Path, ledger: Path, genesis: bytes) -> Head:
    """Put a copy in the place of a lost ledger; return where it stands.

    Args:
        backup: what `back_up` made.
        ledger: where the ledger was.
        genesis: of the network; a copy of another one is refused.

    Raises:
        LedgerMissing: there is no backup.
        LedgerExists: a ledger is there; move it away first.
        WalLeft: SQLite would replay the lost file's log into the copy.
        LedgerDamaged: the backup cannot be read as a ledger.
        OtherLedger: the backup is of another network.
        Forked: the node at this place has signed something newer.
    """
    if not backup.exists():
        raise LedgerMissing(str(backup))
    if ledger.exists():
        raise LedgerExists(str(ledger))
    _check_no_wal(ledger)
    draft = ledger.with_name(ledger.name + ".new")
    for left in (draft, *_beside(draft)):  # of a restore that was cut off
        left.unlink(missing_ok=True)
    shutil.copyfile(backup, draft)
    try:
        head = _checked(draft, ledger, genesis)
    except BaseException:
        for left in (draft, *_beside(draft)):
            left.unlink(missing_ok=True)
        raise
    _put_in_place(draft, ledger)
    return head


def _copy(source: apsw.Connection, draft: Path) -> None:
    copy = apsw.Connection(str(draft))
    with copy.backup("main", source, "main") as running:
        while not running.done:
            running.step(_PAGES_AT_ONCE)
    copy.close()


def _beside(ledger: Path) -> tuple[Path, Path]:
    """Return where SQLite keeps the write-ahead log of a file, and its index."""
    return ledger.with_name(ledger.name + "-wal"), ledger.with_name(
        ledger.name + "-shm"
    )


def _check_no_wal(ledger: Path) -> None:
    left, _ = _beside(ledger)
    if left.exists() and left.stat().st_size:
        raise WalLeft(str(left))


def _checked(draft: Path, ledger: Path, genesis: bytes) -> Head:
    try:
        with closing(open_database(draft)) as connection:
            head = read_head(connection.cursor())
            if read_fact(connection.cursor(), GENESIS) != genesis:
                raise OtherLedger(str(ledger))
            check_signed(ledger, StoredTiles(connection.cursor()), head.size)
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as error:
        raise LedgerDamaged(str(draft)) from error
    return head


def _put_in_place(draft: Path, target: Path) -> None:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    sync_folder(target.parent)
