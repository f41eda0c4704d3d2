"""What others may ask while an engine runs.

Each thread has a connection of its own that only reads, so no question holds up
the writer: every query is read to its end at once (`get`, a list), for a reader
that stops half-way would keep SQLite's write-ahead log from being emptied. What
recent blocks changed is looked up in memory first (`tail`).
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import apsw

from careledger.engines.database import open_reader
from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import Head
from careledger.engines.log_store import StoredTiles
from careledger.engines.snapshot import StoreSnapshot
from careledger.engines.store import Store
from careledger.engines.tail import POSITION_SIZE, entry_position, index_entry
from careledger.engines.tickets import Committed
from careledger.ledger import log
from careledger.ledger.blocks import BlockLeaf, TransactionLeaf
from careledger.ledger.state_proofs import StateProof
from careledger.primitives.encoding import NotCanonical, decode_any
from careledger.primitives.hashing import HASH_SIZE

T = TypeVar("T")

_END: Final = b"\xff" * POSITION_SIZE
_LEAVES: Final = "SELECT data FROM leaf WHERE id BETWEEN ? AND ? ORDER BY id"
_BLOCK_OF: Final = "SELECT leaf FROM block WHERE leaf>=? ORDER BY leaf LIMIT 1"
_BLOCKS: Final = "SELECT leaf FROM block WHERE leaf>=? ORDER BY leaf LIMIT 256"
_POSITION: Final = (
    "SELECT entry FROM transaction_index WHERE entry>=? ORDER BY entry LIMIT 1"
)
_POSITIONS: Final = (
    "SELECT entry FROM party_index WHERE entry>? AND entry<=? ORDER BY entry LIMIT ?"
)


class Block(NamedTuple):
    """A block as the log has it.

    Attributes:
        first: log position of its first leaf.
        transactions: its transaction leaves (log leaf data), in order.
        end: its block leaf, decoded; its position is `first` + their number.
    """

    first: int
    transactions: tuple[bytes, ...]
    end: BlockLeaf

    @property
    def next(self) -> int:
        """The log position after this block."""
        return self.first + len(self.transactions) + 1


class ProvenKey(NamedTuple):
    """A state proof, and the block leaf whose state root it leads to.

    Attributes:
        proof: presence or absence of the key.
        head: the ledger at that moment; the block leaf is the log's last.
    """

    proof: StateProof
    head: Head


class Reader:
    """Questions to an open store, from any thread."""

    def __init__(self, store: Store, path: Path, vfs: str | None = None) -> None:
        self._store = store
        self._path, self._vfs = path, vfs
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []

    @property
    def head(self) -> Head:
        """Where the ledger stands."""
        return self._store.head

    def state(self, key: bytes) -> bytes | None:
        """Return the value at a state key, or `None`."""
        return self._snapshot().get(key)

    def prove_state(self, key: bytes) -> ProvenKey:
        """Return the proof of presence or absence of a state key, as of now."""
        with self._store.changing:
            proof = self._store.buckets.tree.prove(key, self._snapshot())
            return ProvenKey(proof, self._store.head)

    def leaf(self, position: int) -> bytes:
        """Return a log leaf.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        for leaf in self.leaves(position, position + 1):
            return leaf
        raise log.NoSuchLeaf

    def leaves(self, first: int, end: int) -> list[bytes]:
        """Return the log leaves of positions first ≤ p < end."""
        rows = self._cursor().execute(_LEAVES, (first + 1, end))
        return [data for (data,) in rows]

    def tile(self, level: int, index: int) -> bytes:
        """Return a C2SP tile of the log.

        Raises:
            TileMissing: the log has no such tile.
        """
        return self._tiles().tile(level, index)

    def prove_leaf(self, position: int, size: int) -> list[bytes]:
        """Return the inclusion proof of a leaf in the log of `size` leaves.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        return log.prove_inclusion(self._tiles(), position, self._reached(size))

    def prove_growth(self, old: int, new: int) -> list[bytes]:
        """Return the consistency proof between two sizes of the log.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        return log.prove_consistency(self._tiles(), old, self._reached(new))

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` leaves.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        return log.root(self._tiles(), self._reached(size))

    def receipt(self, tx_id: bytes) -> Committed | None:
        """Return the verdict on a transaction, or `None` if none is recorded."""
        position = self._position(tx_id)
        if position is None:
            return None
        code = _decoded(self.leaf(position), TransactionLeaf, position).code
        last = self._block_of(position)
        end = _decoded(self.leaf(last), BlockLeaf, last)
        return Committed(tx_id, position, code, end.height, end.time)

    def transactions_of(
        self, key: bytes, after: int = -1, limit: int = 100
    ) -> list[int]:
        """Return the log positions indexed under `key`, ascending, from after `after`.

        Whether the caller may see them is for the node to judge.
        """
        recent = self._store.tail.positions_of(key)
        bounds = (index_entry(key, after) if after >= 0 else key, key + _END, limit)
        found = {
            entry_position(e) for (e,) in self._cursor().execute(_POSITIONS, bounds)
        }
        found.update(position for position in recent if position > after)
        return sorted(found)[:limit]

    def body(self, body_hash: bytes) -> bytes | None:
        """Return a stored body, or `None` if it was erased or never came."""
        if len(body_hash) != HASH_SIZE:  # a shorter name would be that of any body
            return None
        sql = "SELECT data FROM body WHERE hash>=? AND hash<=? LIMIT 1"
        span = (body_hash, body_hash + b"\xff" * POSITION_SIZE)
        found = self._cursor().execute(sql, span).get
        return None if found is None else bytes(found)

    def blocks(self, position: int = 0) -> Iterator[Block]:
        """Yield each whole block from the one that `position` lies in."""
        while ends := self._ends(position):
            for end in ends:
                yield self._block(self._first_of(end), end)
            position = ends[-1] + 1

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._opened:
            connection.close()

    def _block(self, first: int, end: int) -> Block:
        leaves = self.leaves(first, end + 1)
        if len(leaves) != end + 1 - first:
            raise LedgerDamaged(f"log leaf {end}")
        return Block(first, tuple(leaves[:-1]), _decoded(leaves[-1], BlockLeaf, end))

    def _ends(self, position: int) -> list[int]:
        rows: Iterator[tuple[int]] = self._cursor().execute(_BLOCKS, (position,))
        return [end for (end,) in rows]

    def _first_of(self, end: int) -> int:
        sql = "SELECT leaf FROM block WHERE leaf<? ORDER BY leaf DESC LIMIT 1"
        found = self._cursor().execute(sql, (end,)).get
        return 0 if found is None else int(found) + 1

    def _block_of(self, position: int) -> int:
        found = self._cursor().execute(_BLOCK_OF, (position,)).get
        if found is None:
            raise LedgerDamaged("block")
        return int(found)

    def _position(self, tx_id: bytes) -> int | None:
        recent = self._store.tail.position(tx_id)
        if recent is not None:
            return recent
        found = self._cursor().execute(_POSITION, (tx_id,)).get
        if found is None or found[:-POSITION_SIZE] != tx_id:
            return None
        return entry_position(found)

    def _reached(self, size: int) -> int:
        if size > self._store.head.size:
            raise log.NoSuchLeaf
        return size

    def _snapshot(self) -> StoreSnapshot:
        store = self._store
        return StoreSnapshot(self._cursor(), store.tail, store.buckets.row)

    def _tiles(self) -> StoredTiles:
        return StoredTiles(self._cursor())

    def _cursor(self) -> apsw.Cursor:
        cursor: apsw.Cursor | None = getattr(self._local, "cursor", None)
        if cursor is None:
            connection = open_reader(self._path, self._vfs)
            self._opened.append(connection)
            cursor = self._local.cursor = connection.cursor()
        return cursor


def _decoded(leaf: bytes, kind: type[T], position: int) -> T:
    try:
        return decode_any(leaf, kind)  # type: ignore[no-any-return]
    except NotCanonical as error:
        raise LedgerDamaged(f"log leaf {position}") from error
