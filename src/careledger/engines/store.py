"""The durable ledger: one SQLite transaction per block, for all of it.

    begin()   → the state before the block
    commit()  → leaves, tiles, journal, bodies, ordered keys, head   # COMMIT POINT
    cancel()  → the block changed nothing

One thread writes. An exception inside `commit` leaves memory and file apart:
the engine stops, and the next start reads the file alone.
"""

from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import apsw

from careledger.engines.bulk import load_state
from careledger.engines.database import create_database, open_database
from careledger.engines.erasing import (
    drop_bodies_of,
    empty_write_ahead_log,
    erased_ids,
)
from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import (
    GENESIS,
    Head,
    read_fact,
    read_head,
    write_block,
    write_fact,
    write_head,
)
from careledger.engines.levels import StateTree
from careledger.engines.log_store import LogStore
from careledger.engines.snapshot import StoreSnapshot
from careledger.engines.tail import (
    YOUNG_LIMIT,
    BlockChanges,
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
_EXPIRED_ROWS: Final = 4
"""Journal rows to delete with each block: more than one block adds."""


class Store:
    """An open ledger file. For one writing thread; `reader` serves the others.

    Attributes:
        head: where the ledger stands.
        changed: bytes of memory that the last block's changes take, about; at least 1.
        tail: what the B-trees do not have yet.
        tree: the levels of the state tree.
        connection: the writing one; others may only read through it, at rest.
        changing: held while `tree` is ahead of the file; who proves takes it.
    """

    def __init__(self, connection: apsw.Connection, limit: int = YOUNG_LIMIT) -> None:
        self.changing = Lock()
        self.changed = 1
        self.tail = Tail(limit)
        self.tree = StateTree()
        self.connection = connection
        self._cursor = connection.cursor()
        self.head = read_head(self._cursor)
        self.log = LogStore(self._cursor, self.head.size)
        self._replay_journal()

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
        return StoreSnapshot(self._cursor, self.tail).first(prefix, below, limit)

    def begin(self) -> StoreSnapshot:
        """Open the block's SQLite transaction; return the state before it."""
        self._cursor.execute("BEGIN IMMEDIATE")
        return StoreSnapshot(self._cursor, self.tail)

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
            rows = self.tree.apply(result.diff, seed, before)
            state_root = self.tree.root
            leaves = [
                *result.leaves,
                block_leaf(header.height, header.time, state_root),
            ]
            tiles, log_root = self.log.append(leaves)
            changes = BlockChanges(rows, self.head.size, tx_ids, result.parties)
            self.changed = 1 + changes.size()
            share = self.tail.next_share(self.changed)
            head = Head(
                header.height,
                header.time,
                self.head.size + len(leaves),
                log_root,
                state_root,
                seed,
                self.tail.old.height if share.last else self.head.copied,
            )
            self.log.write(leaves, tiles)
            write_block(self._cursor, head)
            self._write_journal(header.height, changes)
            self._write_rest(result)
            erased = erased_ids(result)
            if erased:
                drop_bodies_of(self._cursor, self.tail, erased)
            self._copy(share)
            write_head(self._cursor, head)
            self._commit()
            self.log.written(len(leaves), tiles)
            self.tail.copied(self.changed, share)
            self.tail.add(header.height, changes)
            self.head = head
        if erased:
            empty_write_ahead_log(self.connection)
        return head

    def close(self) -> None:
        """Close the file. Nothing is pending: every block is on disk."""
        self.connection.close()

    def drop(self) -> None:
        """Let go of the file without touching it: after a fault it speaks alone."""
        self.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        with suppress(apsw.Error):
            self.connection.close(True)  # noqa: FBT003 (positional by its API)

    def _commit(self) -> None:
        # COMMIT POINT. Before it, a crash leaves the file as it was; after it, the
        # block is there, whatever memory has learnt of it.
        self._cursor.execute("COMMIT")

    def _write_journal(self, height: int, changes: BlockChanges) -> None:
        self._cursor.execute(
            "INSERT INTO journal VALUES(?,?)", (height, encode(changes))
        )
        self._cursor.execute(
            "DELETE FROM journal WHERE height IN"
            " (SELECT height FROM journal WHERE height<=? ORDER BY height LIMIT ?)",
            (self.head.copied, _EXPIRED_ROWS),
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
        if share.rows:
            self._cursor.executemany(
                "INSERT OR REPLACE INTO bucket VALUES(?,?)", share.rows
            )
            self._cursor.executemany(
                "INSERT OR REPLACE INTO bucket_hash VALUES(?,?)",
                self.tree.pages(number for number, _ in share.rows),
            )
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
        """Read back what the B-trees do not have, then the levels of the tree."""
        rows = self._cursor.execute(
            "SELECT changes FROM journal WHERE height>? ORDER BY height",
            (self.head.copied,),
        )
        for height, (changes,) in enumerate(rows, self.head.copied + 1):
            self.tail.young.add(height, decode_any(changes, BlockChanges))
        if self.tail.young.height not in {self.head.height, -1}:
            raise LedgerDamaged("journal")
        self.tree.load(self._cursor, self.tail.young.rows)


def create_store(path: Path, genesis: bytes, vfs: str | None = None) -> Store:
    """Create the file of a ledger with block 0 in it, and open it.

    Raises:
        BadGenesis: no genesis of this version of the rules.
        LedgerExists: something is at `path`.
    """
    started = read_genesis(genesis)
    state = initial_state(genesis)
    connection = create_database(path, vfs)
    cursor = connection.cursor()
    seed = chain_id(genesis)
    load_state(cursor, state, seed)
    tree, log = StateTree(), LogStore(cursor, 0)
    tree.load(cursor, {})
    leaves = [block_leaf(0, started.created, tree.root)]
    tiles, log_root = log.append(leaves)
    log.write(leaves, tiles)
    write_fact(cursor, GENESIS, genesis)
    write_fact(cursor, _SIMULATED, _YES if started.simulated else b"no")
    head = Head(0, started.created, 1, log_root, tree.root, seed, 0)
    write_block(cursor, head)
    write_head(cursor, head)
    # COMMIT POINT. Before it, the file has no tables at all.
    cursor.execute("COMMIT")
    return Store(connection)


def open_store(path: Path, vfs: str | None = None, limit: int = YOUNG_LIMIT) -> Store:
    """Open an existing ledger.

    Raises:
        LedgerMissing: nothing is at `path`.
        LedgerDamaged: what is there cannot be read as a ledger.
    """
    return Store(open_database(path, vfs), limit)
