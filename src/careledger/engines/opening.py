"""A store is created from a genesis file, or opened from what is on disk."""

import os
from pathlib import Path
from typing import Final

import apsw

from careledger.engines.buckets import Buckets
from careledger.engines.bulk import rows_of
from careledger.engines.database import (
    check_schema,
    create_database,
    let_go,
    open_database,
)
from careledger.engines.errors import LedgerDamaged, LedgerExists
from careledger.engines.head import (
    GENESIS,
    Head,
    write_block,
    write_fact,
    write_head,
    write_simulated,
)
from careledger.engines.log_store import LogStore
from careledger.engines.row_files import rows_beside
from careledger.engines.row_moves import RowLimits
from careledger.engines.store import Store
from careledger.engines.tail import YOUNG_LIMIT
from careledger.ledger.blocks import block_leaf
from careledger.ledger.genesis import chain_id, initial_state, read_genesis
from careledger.ledger.state import ORDERED_PREFIXES

_DAMAGE: Final = (
    apsw.NotADBError,
    apsw.CorruptError,
    apsw.SQLError,
    UnicodeDecodeError,
)
"""What a damaged file ends in, for all statements and names are our own."""


def create_store(path: Path, genesis: bytes, vfs: str | None = None) -> Store:
    """Create the file of a ledger with block 0 in it, and open it.

    Raises:
        BadGenesis: no genesis of this version of the rules.
        LedgerExists: something is at `path`, or rows of a lost ledger beside it.
    """
    for left in rows_beside(path):
        raise LedgerExists(str(left))
    started = read_genesis(genesis)
    state = initial_state(genesis)
    connection = create_database(path, vfs)
    cursor = connection.cursor()
    seed = chain_id(genesis)
    buckets = Buckets(path, vfs, RowLimits())
    buckets.fill(cursor, rows_of(state, seed))
    ordered = [(key,) for key in sorted(state) if key[:1] in ORDERED_PREFIXES]
    cursor.executemany("INSERT INTO ordered_key VALUES(?)", ordered)
    log = LogStore(cursor, 0)
    state_root = buckets.tree.root
    leaves = [block_leaf(0, started.created, state_root)]
    tiles, log_root = log.append(leaves)
    log.write(leaves, tiles)
    write_fact(cursor, GENESIS, genesis)
    write_simulated(cursor, simulated=started.simulated)
    head = Head(0, started.created, 1, log_root, state_root, seed, 0, buckets.head)
    write_block(cursor, head)
    write_head(cursor, head)
    # COMMIT POINT. Before it, the file has no tables at all.
    cursor.execute("COMMIT")
    buckets.close()
    return Store(connection, Buckets(path, vfs, RowLimits()))


def open_store(
    path: Path,
    vfs: str | None = None,
    limit: int = YOUNG_LIMIT,
    rows: RowLimits = RowLimits(),  # noqa: B008 (immutable)
) -> Store:
    """Open an existing ledger.

    Raises:
        LedgerMissing: nothing is at `path`.
        LedgerDamaged: what is there cannot be read as a ledger. A full disk or a
            missing permission stays what it is.
    """
    try:
        return _opened(path, vfs, limit, Buckets(path, vfs, rows))
    except _DAMAGE as error:
        raise LedgerDamaged(str(path)) from error
    except apsw.CantOpenError:
        _check_files(path)
        raise


def _opened(path: Path, vfs: str | None, limit: int, buckets: Buckets) -> Store:
    connection = open_database(path, vfs)
    try:
        check_schema(connection)
        _check_writable(connection, path)
        return Store(connection, buckets, limit)
    except BaseException:
        let_go(connection)
        buckets.close()
        raise


def _check_writable(connection: apsw.Connection, path: Path) -> None:
    # Whatever its permissions are, a damaged header can say that nobody may write.
    if connection.readonly("main") and os.access(path, os.W_OK):
        raise LedgerDamaged(str(path))


def _check_files(ledger: Path) -> None:
    """Check that it is files that cannot be opened.

    Raises:
        LedgerDamaged: something else is where a file was.
    """
    for path in (ledger.resolve(), *rows_beside(ledger)):
        if path.is_symlink() or not path.is_file():
            raise LedgerDamaged(path.name)
