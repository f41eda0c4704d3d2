"""The durable ledger: one SQLite transaction per block, for all of it.

    begin()   → the state before the block
    commit()  → rows of buckets, in their own file; then
                leaves, tiles, journal, bodies, ordered keys, head   # COMMIT POINT
    cancel()  → the block changed nothing

One thread writes. An exception inside `commit` leaves memory and file apart:
the engine stops, and the next start reads the file alone.
"""

from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import apsw

from careledger.engines.buckets import Buckets, RowLimits
from careledger.engines.bulk import rows_of
from careledger.engines.database import create_database, open_database
from careledger.engines.erasing import (
    drop_bodies_of,
    empty_write_ahead_log,
    erased_ids,
)
from careledger.engines.errors import LedgerDamaged, LedgerExists
from careledger.engines.head import (
    GENESIS,
    Head,
    read_fact,
    read_head,
    write_block,
    write_fact,
    write_head,
)
from careledger.engines.index_pages import EXPIRED_ROWS
from careledger.engines.log_store import LogStore
from careledger.engines.row_files import rows_beside
from careledger.engines.snapshot import StoreSnapshot
from careledger.engines.tail import (
    YOUNG_LIMIT,
    NewEntries,
    Share,
    Tail,
    index_entry,
)
from careledger.ledger.blocks import BlockResult, Header, block_leaf
from careledger.ledger.genesis import chain_id, initial_state, read_genesis
from careledger.ledger.state import ORDERED_PREFIXES
from careledger.ledger.tree import next_seed
from careledger.primitives.encoding import decode_any, encode

_SIMULATED: Final = "simulated"
_YES: Final = b"yes"


class Store:
    """An open ledger file. For one writing thread; `reader` serves the others.

    Attributes:
        head: where the ledger stands.
        changed: bytes of memory that the last block's changes take, about; at least 1.
        tail: what the B-trees do not have yet.
        buckets: the state, and the tree above it.
        connection: the writing one; others may only read through it, at rest.
        changing: held while `tree` is ahead of the file; who proves takes it.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        buckets: Buckets,
        limit: int = YOUNG_LIMIT,
    ) -> None:
        self.changing = Lock()
        self.changed = 1
        self.tail = Tail(limit)
        self.buckets = buckets
        self.connection = connection
        self._cursor = connection.cursor()
        self.head = read_head(self._cursor)
        self.log = LogStore(self._cursor, self.head.size)
        self._replay_journal()
        buckets.load(self._cursor, self.head.rows, self.head.height)
        if buckets.tree.root != self.head.state_root:
            raise LedgerDamaged("bucket hash")

    @property
    def is_simulated(self) -> bool:
        """Whether the network lives in simulated time.

        Kept beside the genesis file, which can name millions of purses and is not
        read at every start.
        """
        return read_fact(self._cursor, _SIMULATED) == _YES

    @property
    def genesis(self) -> bytes:
        """The genesis file that the ledger started from."""
        return read_fact(self._cursor, GENESIS)

    def first(self, prefix: bytes, below: bytes, limit: int) -> list[bytes]:
        """Return up to `limit` ordered keys in [prefix, below), between blocks."""
        return self._snapshot().first(prefix, below, limit)

    def begin(self) -> StoreSnapshot:
        """Open the block's SQLite transaction; return the state before it."""
        self._cursor.execute("BEGIN IMMEDIATE")
        return self._snapshot()

    def cancel(self) -> None:
        """Close a transaction in which nothing was written."""
        self._cursor.execute("ROLLBACK")

    def commit(
        self, header: Header, result: BlockResult, before: StoreSnapshot
    ) -> Head:
        """Make a block durable. When this returns, it survives power loss."""
        tx_ids = [receipt.tx_id for receipt in result.receipts]
        seed = next_seed(self.head.seed, tx_ids)
        with self.changing:
            tree = self.buckets.tree
            step = self.buckets.write(
                header.height, tree.apply(result.diff, seed, before)
            )
            leaves = [
                *result.leaves,
                block_leaf(header.height, header.time, tree.root),
            ]
            tiles, log_root = self.log.append(leaves)
            entries = NewEntries(self.head.size, tx_ids, result.parties)
            self.changed = 1 + entries.size() + step.size
            share = self.tail.next_share(entries.size())
            head = Head(
                header.height,
                header.time,
                self.head.size + len(leaves),
                log_root,
                tree.root,
                seed,
                self.tail.old.height if share.last else self.head.copied,
                step.head,
            )
            self.log.write(leaves, tiles)
            write_block(self._cursor, head)
            self._write_journal(header.height, entries)
            self._write_rest(result)
            erased = erased_ids(result)
            if erased:
                drop_bodies_of(self._cursor, self.tail, erased)
            self._copy(share)
            self.buckets.finish(self._cursor, header.height, step)
            write_head(self._cursor, head)
            self._commit()
            self.log.written(len(leaves), tiles)
            self.buckets.settle(step)
            self.tail.copied(entries.size(), share)
            self.tail.add(header.height, entries)
            self.head = head
        if erased:
            empty_write_ahead_log(self.connection)
        return head

    def close(self) -> None:
        """Close the file. Nothing is pending: every block is on disk."""
        self.connection.close()
        self.buckets.close()

    def drop(self) -> None:
        """Let go of the file without touching it: after a fault it speaks alone."""
        self.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        with suppress(apsw.Error):
            self.connection.close(True)  # noqa: FBT003 (positional by its API)

    def _commit(self) -> None:
        # COMMIT POINT. Before it, a crash leaves the file as it was; after it, the
        # block is there, whatever memory has learnt of it.
        self._cursor.execute("COMMIT")

    def _snapshot(self) -> StoreSnapshot:
        return StoreSnapshot(self._cursor, self.tail, self.buckets.row)

    def _write_journal(self, height: int, entries: NewEntries) -> None:
        self._cursor.execute(
            "INSERT INTO journal VALUES(?,?)", (height, encode(entries))
        )
        self._cursor.execute(
            "DELETE FROM journal WHERE height IN"
            " (SELECT height FROM journal WHERE height<=? ORDER BY height LIMIT ?)",
            (self.head.copied, EXPIRED_ROWS),
        )

    def _write_rest(self, result: BlockResult) -> None:
        # Under hash and position: each transaction has its own copy to erase.
        bodies = [
            (index_entry(body_hash, position), data)
            for position, found in enumerate(result.bodies, self.head.size)
            for body_hash, data in found
        ]
        if bodies:
            sql = "INSERT OR IGNORE INTO body(hash, data) VALUES(?,?)"
            self._cursor.executemany(sql, bodies)
        for key in result.diff:
            if key[:1] in ORDERED_PREFIXES:
                self._write_ordered(key, gone=result.diff[key] is None)

    def _write_ordered(self, key: bytes, *, gone: bool) -> None:
        sql = (
            "DELETE FROM ordered_key WHERE key=?"
            if gone
            else "INSERT OR IGNORE INTO ordered_key VALUES(?)"
        )
        self._cursor.execute(sql, (key,))

    def _copy(self, share: Share) -> None:
        """Copy a piece of the old generation into the B-trees."""
        for table, entries in (
            ("transaction_index", share.tx_entries),
            ("party_index", share.party_entries),
        ):
            if entries:
                self._cursor.execute(
                    f"INSERT OR IGNORE INTO {table} SELECT value FROM carray(?)",  # noqa: S608 (two fixed names)
                    (apsw.carray(tuple(entries)),),
                )

    def _replay_journal(self) -> None:
        """Read back what the B-trees do not have."""
        rows = self._cursor.execute(
            "SELECT changes FROM journal WHERE height>? ORDER BY height",
            (self.head.copied,),
        )
        for height, (changes,) in enumerate(rows, self.head.copied + 1):
            self.tail.young.add(height, decode_any(changes, NewEntries))
        if self.tail.young.height not in {self.head.height, -1}:
            raise LedgerDamaged("journal")


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
    write_fact(cursor, _SIMULATED, _YES if started.simulated else b"no")
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
