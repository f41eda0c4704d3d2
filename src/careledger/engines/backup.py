"""Copying a ledger while it runs, and putting a copy in its place.

A copy is one moment of the ledger: a read transaction pins it, writers go on.
It is one file, with the rows of the buckets in a table of its own.
Restoring never makes a node sign a second history: a copy that does not contain
the last checkpoint signed at the place is refused.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import apsw

from careledger.durable import sync_path
from careledger.engines.backup_rows import (
    OpenRows,
    add_rows,
    check_no_rows,
    pin,
    place_rows,
    write_rows,
)
from careledger.engines.contents import check_contents
from careledger.engines.database import (
    check_pages,
    fill_draft,
    open_draft,
    open_reader,
)
from careledger.engines.errors import (
    BadCopy,
    LedgerDamaged,
    LedgerExists,
    LedgerMissing,
    OtherLedger,
    WalLeft,
)
from careledger.engines.head import Head, read_head
from careledger.engines.leaves import check_leaves
from careledger.engines.lock import FileLock
from careledger.engines.opening import open_store
from careledger.engines.origin import started_from
from careledger.engines.row_files import rows_beside
from careledger.engines.signed import check_signed

_PAGES_AT_ONCE: Final = 2_000

_DAMAGE: Final = (
    apsw.NotADBError,
    apsw.CorruptError,
    apsw.IOError,
    apsw.SQLError,
    apsw.ConstraintError,
    apsw.MismatchError,
)
"""What SQLite says of a file that is no ledger, or no longer."""


def back_up(ledger: Path, target: Path) -> Head:
    """Copy the ledger to `target`; return where the copy stands.

    Raises:
        LedgerMissing: there is no ledger.
        LedgerExists: something is at `target`.
        LedgerDamaged: rows of the ledger are not there.
    """
    if not ledger.exists():
        raise LedgerMissing(str(ledger))
    if target.exists():
        raise LedgerExists(str(target))
    draft = target.with_name(target.name + ".new")
    _remove(draft)
    try:
        with ExitStack() as opened:
            source = opened.enter_context(closing(open_reader(ledger)))
            head, rows = pin(source, ledger, opened)
            _copy(source, draft, rows)
    except BaseException:
        _remove(draft)
        raise
    _put_in_place(draft, target)
    return head


def restore(
    backup: Path,
    ledger: Path,
    genesis: bytes,
    on_wait: Callable[[], None] | None = None,
) -> Head:
    """Put a copy in the place of a lost ledger; return where it stands.

    Args:
        backup: what `back_up` made.
        ledger: where the ledger was.
        genesis: of the network; a copy of another one is refused.
        on_wait: called once if a process still has the ledger open.

    Raises:
        BadCopy: there is no backup, or none that is whole.
        LedgerExists: a ledger is there; move it away first.
        RowsLeft: rows of a lost ledger are there.
        WalLeft: SQLite would replay the lost file's log into the copy.
        LedgerInUse: a node still writes to the ledger that was moved away.
        OtherLedger: the backup is of another network.
        Forked: the node at this place has signed something newer.
    """
    if not backup.is_file():
        raise BadCopy(str(backup))
    # What the node acknowledges from now on would be in the file moved away alone.
    lock = FileLock(ledger, on_wait)
    try:
        return _restored(backup, ledger, genesis)
    finally:
        lock.release()


def _restored(backup: Path, ledger: Path, genesis: bytes) -> Head:
    if ledger.exists():
        raise LedgerExists(str(ledger))
    _check_no_wal(ledger)
    draft = ledger.with_name(ledger.name + ".new")
    _remove(draft)  # of a restore that was cut off
    try:
        _unpack(backup, draft)
        head = _checked(draft, ledger, genesis)
        check_no_rows(draft, ledger)
    except BaseException as error:
        _remove(draft)
        if isinstance(error, LedgerDamaged):
            raise BadCopy(str(backup)) from error
        raise
    place_rows(draft, ledger, head.rows)
    _put_in_place(draft, ledger)
    return head


def _copy(source: apsw.Connection, draft: Path, rows: Iterable[OpenRows]) -> None:
    with closing(open_draft(draft)) as copy:
        with copy.backup("main", source, "main") as running:
            while not running.done:
                running.step(_PAGES_AT_ONCE)
        # The rows stay as they are without it, and it holds the writer's log.
        source.execute("ROLLBACK")
        copy.pragma("journal_mode", "off")  # the pages came with a log of their own
        add_rows(copy, rows)


def _unpack(backup: Path, draft: Path) -> None:
    try:
        with closing(open_draft(draft)) as connection:
            fill_draft(connection, backup)
            write_rows(connection, draft, read_head(connection.cursor()).rows)
    except _DAMAGE as error:
        raise LedgerDamaged(str(backup)) from error


def _remove(draft: Path) -> None:
    for left in (draft, *_beside(draft), *rows_beside(draft)):
        left.unlink(missing_ok=True)


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
    with closing(open_store(draft)) as store:
        check_pages(store.connection)
        if not started_from(store.connection.cursor(), genesis):
            raise OtherLedger(str(ledger))
        check_leaves(store)
        check_contents(store)
        check_signed(ledger, store.log.stored, store.head.size)
        return store.head


def _put_in_place(draft: Path, target: Path) -> None:
    sync_path(draft)
    draft.replace(target)
    sync_path(target.parent)
