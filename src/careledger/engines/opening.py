"""A store is created from a genesis file, or opened from what is on disk."""

from pathlib import Path

import apsw

from careledger.engines.buckets import Buckets, RowLimits
from careledger.engines.bulk import rows_of
from careledger.engines.database import create_database, open_database
from careledger.engines.errors import LedgerDamaged, LedgerExists
from careledger.engines.head import GENESIS, Head, write_block, write_fact, write_head
from careledger.engines.log_store import LogStore
from careledger.engines.row_files import rows_beside
from careledger.engines.store import SIMULATED, YES, Store
from careledger.engines.tail import YOUNG_LIMIT
from careledger.ledger.blocks import block_leaf
from careledger.ledger.genesis import chain_id, initial_state, read_genesis
from careledger.ledger.state import ORDERED_PREFIXES


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
    write_fact(cursor, SIMULATED, YES if started.simulated else b"no")
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
        LedgerDamaged: what is there cannot be read as a ledger.
    """
    try:
        return Store(open_database(path, vfs), Buckets(path, vfs, rows), limit)
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise LedgerDamaged(str(path)) from error
