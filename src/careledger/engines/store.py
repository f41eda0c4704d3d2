"""The durable ledger: one SQLite transaction per block, for all of it.

    begin()   → the state before the block
    commit()  → rows of buckets, in their own file; then
                leaves, tiles, journal, bodies, ordered keys, head   # COMMIT POINT
    cancel()  → the block changed nothing

One thread writes. An exception inside `commit` leaves memory and file apart:
the engine stops, and the next start reads the file alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

import apsw

from careledger.engines.buckets import Buckets, Step
from careledger.engines.database import let_go
from careledger.engines.ends import check_ends
from careledger.engines.erasing import (
    drop_bodies_of,
    empty_write_ahead_log,
    erased_ids,
)
from careledger.engines.errors import EngineStopped, LedgerDamaged
from careledger.engines.head import (
    GENESIS,
    Head,
    read_fact,
    read_head,
    read_simulated,
    write_block,
    write_head,
)
from careledger.engines.journal import replay_journal, write_journal
from careledger.engines.log_store import LogStore, Tiles
from careledger.engines.snapshot import StoreSnapshot
from careledger.engines.tail import (
    YOUNG_LIMIT,
    NewEntries,
    Share,
    Tail,
    index_entry,
)
from careledger.ledger.blocks import BlockResult, Header, block_leaf
from careledger.ledger.state import ORDERED_PREFIXES
from careledger.ledger.tree import next_seed


class _Block(NamedTuple):
    """A block between its execution and its commit."""

    head: Head
    leaves: list[bytes]
    tiles: Tiles
    entries: NewEntries
    share: Share
    step: Step


class Store:
    """An open ledger file. For one writing thread; `reader` serves the others.

    Attributes:
        head: where the ledger stands.
        changed: bytes of memory that the last block's changes take, about; at least 1.
        tail: what the B-trees do not have yet.
        buckets: the state, and the tree above it.
        connection: the writing one; others may only read through it, at rest.
        is_simulated: whether the network lives in simulated time.
        changing: held while `tree` is ahead of the file; who proves takes it.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        buckets: Buckets,
        limit: int = YOUNG_LIMIT,
    ) -> None:
        self.changing = Lock()
        self._is_ahead = False
        self.changed = 1
        self.tail = Tail(limit)
        self.buckets = buckets
        self.connection = connection
        self._cursor = connection.cursor()
        self.head = read_head(self._cursor)
        self.is_simulated = read_simulated(self._cursor)
        self.log = LogStore(self._cursor, self.head.size)
        check_ends(self._cursor, self.head)
        replay_journal(self._cursor, self.head, self.tail.young)
        buckets.load(self._cursor, self.head.rows, self.head.height)
        if buckets.tree.root != self.head.state_root:
            raise LedgerDamaged("bucket hash")

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
        with self.changing:
            self._is_ahead = True
            block = self._prepared(header, result, before)
            erased = self._write(block, result)
            self._commit()
            self._take_over(block)
            self._is_ahead = False
        if erased:
            empty_write_ahead_log(self.connection)
        return self.head

    def row(self, number: int) -> bytes:
        """Return a bucket to who reads beside the writer.

        Raises:
            LedgerDamaged: it is not what was written.
            EngineStopped: a commit was cut off, or the files are closed.
        """
        row = self.buckets.row_beside(number)
        if self.buckets.tree.has(number, row):
            return row
        with self.at_rest():
            return self.buckets.row(number)

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Hold the writer back: what is read meanwhile is of one block.

        Raises:
            EngineStopped: a commit was cut off, and the tree is ahead of the file.
        """
        with self.changing:
            if self._is_ahead:
                raise EngineStopped
            yield

    def close(self) -> None:
        """Close the file. Nothing is pending: every block is on disk."""
        self.connection.close()
        self.buckets.close()

    def drop(self) -> None:
        """Let go of the file without touching it: after a fault it speaks alone."""
        let_go(self.connection)

    def _prepared(
        self, header: Header, result: BlockResult, before: StoreSnapshot
    ) -> _Block:
        """Work out the block; of all files, only the one of the rows has it yet."""
        tx_ids = [receipt.tx_id for receipt in result.receipts]
        seed = next_seed(self.head.seed, tx_ids)
        tree = self.buckets.tree
        changed = tree.apply(result.diff, seed, before)
        step = self.buckets.write(header.height, changed)
        end = block_leaf(header.height, header.time, tree.root)
        leaves = [*result.leaves, end]
        tiles, log_root = self.log.append(leaves)
        entries = NewEntries(self.head.size, tx_ids, result.parties)
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
        return _Block(head, leaves, tiles, entries, share, step)

    def _write(self, block: _Block, result: BlockResult) -> list[bytes]:
        """Put all of it into the open SQLite transaction; return what was erased."""
        self.log.write(block.leaves, block.tiles)
        write_block(self._cursor, block.head)
        write_journal(self._cursor, block.head.height, block.entries, self.head.copied)
        self._write_rest(result)
        erased = erased_ids(result)
        if erased:
            drop_bodies_of(self._cursor, self.tail, erased)
        self._copy(block.share)
        self.buckets.finish(self._cursor, block.head.height, block.step)
        write_head(self._cursor, block.head)
        return erased

    def _commit(self) -> None:
        # COMMIT POINT. Before it, a crash leaves the file as it was; after it, the
        # block is there, whatever memory has learnt of it.
        self._cursor.execute("COMMIT")

    def _take_over(self, block: _Block) -> None:
        """Let memory follow what is on disk.

        In this order: the tail has what the head counts before the head does, and the
        state is the older one until then: who reads a changed bucket beside us finds
        that it is not the tree's, and waits for us (`row`).
        """
        self.log.written(len(block.leaves), block.tiles)
        self.tail.copied(block.entries.size(), block.share)
        self.tail.add(block.head.height, block.entries)
        self.changed = 1 + block.entries.size() + block.step.size
        self.head = block.head
        self.buckets.settle(block.step)

    def _snapshot(self) -> StoreSnapshot:
        return StoreSnapshot(self._cursor, self.tail, self.buckets.row)

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
