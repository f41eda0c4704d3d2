"""What others may ask while an engine runs.

Each thread has a connection of its own that only reads, so no question holds up
the writer: every query is read to its end at once (`get`, a list), for a reader
that stops half-way would keep SQLite's write-ahead log from being emptied. What
recent blocks changed is looked up in memory first (`tail`). When the engine has
ended, each question raises `EngineStopped`.

A block is on disk, then in the tail, then in the head; who asks in between finds
leaves that the head does not count. One rule for all answers: what is at or above the
size of the log is not told. The size is read once, *before* the file: what it counts
was there by then and stays, so all of it is found; what came since is left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import apsw

from careledger.engines.connections import Connections
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
_BLOCKS: Final = (
    "SELECT leaf FROM block WHERE leaf>=? AND leaf<? ORDER BY leaf LIMIT 256"
)
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
        self._connections = Connections(path, vfs)

    @property
    def head(self) -> Head:
        """Where the ledger stands."""
        return self._store.head

    @property
    def _size(self) -> int:
        return self._store.head.size

    def state(self, key: bytes) -> bytes | None:
        """Return the value at a state key, or `None`."""
        with self._connections.asking() as cursor:
            return self._snapshot(cursor).get(key)

    def prove_state(self, key: bytes) -> ProvenKey:
        """Return the proof of presence or absence of a state key, as of now."""
        store = self._store
        with self._connections.asking() as cursor, store.at_rest():
            before = StoreSnapshot(cursor, store.tail, store.buckets.row)
            proof = store.buckets.tree.prove(key, before)
            return ProvenKey(proof, store.head)

    def leaf(self, position: int) -> bytes:
        """Return a log leaf.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        for leaf in self.leaves(position, position + 1):
            return leaf
        raise log.NoSuchLeaf

    def leaves(self, first: int, end: int) -> list[bytes]:
        """Return the log leaves of positions first ≤ p < end, as far as there are."""
        end = min(end, self._size)
        return self._all(_LEAVES, (first + 1, end)) if 0 <= first < end else []

    def tile(self, level: int, index: int) -> bytes:
        """Return a C2SP tile of the log.

        Raises:
            TileMissing: the log has no such tile.
        """
        width = log.tile_width(level, index, self._size)
        with self._connections.asking() as cursor:
            return StoredTiles(cursor).tile(level, index)[: width * HASH_SIZE]

    def prove_leaf(self, position: int, size: int) -> list[bytes]:
        """Return the inclusion proof of a leaf in the log of `size` leaves.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        with self._connections.asking() as cursor:
            return log.prove_inclusion(
                StoredTiles(cursor), position, self._reached(size)
            )

    def prove_growth(self, old: int, new: int) -> list[bytes]:
        """Return the consistency proof between two sizes of the log.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        with self._connections.asking() as cursor:
            return log.prove_consistency(StoredTiles(cursor), old, self._reached(new))

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` leaves.

        Raises:
            NoSuchLeaf: the log is not that long.
        """
        with self._connections.asking() as cursor:
            return log.root(StoredTiles(cursor), self._reached(size))

    def receipt(self, tx_id: bytes) -> Committed | None:
        """Return the verdict on a transaction, or `None` if none is recorded."""
        size = self._size
        position = self._position(tx_id)
        if position is None or position >= size:
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
        size = self._size
        if after >= size:
            return []
        recent = self._store.tail.positions_of(key)
        bounds = (index_entry(key, after) if after >= 0 else key, key + _END, limit)
        found = {entry_position(entry) for entry in self._all(_POSITIONS, bounds)}
        found.update(position for position in recent if position > after)
        return sorted(position for position in found if position < size)[:limit]

    def body(self, body_hash: bytes) -> bytes | None:
        """Return a stored body, or `None` if it was erased or never came."""
        if len(body_hash) != HASH_SIZE:  # a shorter name would be that of any body
            return None
        sql = "SELECT data FROM body WHERE hash>=? AND hash<? LIMIT 1"
        span = (body_hash, index_entry(body_hash, self._size))
        found: bytes | None = self._one(sql, span)
        return found

    def blocks(self, position: int = 0) -> Iterator[Block]:
        """Yield each whole block from the one that `position` lies in."""
        while ends := self._ends(position):
            for end in ends:
                yield self._block(self._first_of(end), end)
            position = ends[-1] + 1

    def close(self) -> None:
        """End: wait for the questions that are being answered, take no more."""
        self._connections.close()

    def _block(self, first: int, end: int) -> Block:
        leaves = self.leaves(first, end + 1)
        if len(leaves) != end + 1 - first:
            raise LedgerDamaged(f"log leaf {end}")
        return Block(first, tuple(leaves[:-1]), _decoded(leaves[-1], BlockLeaf, end))

    def _ends(self, position: int) -> list[int]:
        size = self._size
        return self._all(_BLOCKS, (position, size)) if position < size else []

    def _first_of(self, end: int) -> int:
        sql = "SELECT leaf FROM block WHERE leaf<? ORDER BY leaf DESC LIMIT 1"
        found = self._one(sql, (end,))
        return 0 if found is None else int(found) + 1

    def _block_of(self, position: int) -> int:
        found = self._one(_BLOCK_OF, (position,))
        if found is None:
            raise LedgerDamaged("block")
        return int(found)

    def _position(self, tx_id: bytes) -> int | None:
        recent = self._store.tail.position(tx_id)
        if recent is not None:
            return recent
        found = self._one(_POSITION, (tx_id,))
        if found is None or found[:-POSITION_SIZE] != tx_id:
            return None
        return entry_position(found)

    def _reached(self, size: int) -> int:
        if size > self._size:
            raise log.NoSuchLeaf
        return size

    def _snapshot(self, cursor: apsw.Cursor) -> StoreSnapshot:
        return StoreSnapshot(cursor, self._store.tail, self._store.row)

    def _one(self, sql: str, values: tuple[Any, ...]) -> Any:
        with self._connections.asking() as cursor:
            return cursor.execute(sql, values).get

    def _all(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        with self._connections.asking() as cursor:
            return [found for (found,) in cursor.execute(sql, values)]


def _decoded(leaf: bytes, kind: type[T], position: int) -> T:
    try:
        return decode_any(leaf, kind)  # type: ignore[no-any-return]
    except NotCanonical as error:
        raise LedgerDamaged(f"log leaf {position}") from error
