"""Checking a stored ledger from genesis: every signature, hash, verdict and row.

The log is executed again, block by block, into a fresh ledger beside it. Then
everything the file holds must be what the fresh one holds: state, tree, tiles,
indexes, and the names of bodies. These, which replay does not need, must have the
hashes that their names say.
"""

import heapq
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import apsw
from msgspec import structs

from careledger.engines.buckets import EMPTY_HEAD
from careledger.engines.contents import check_bodies
from careledger.engines.database import check_pages
from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import GENESIS, Head
from careledger.engines.index_pages import check_lap
from careledger.engines.lock import FileLock
from careledger.engines.opening import create_store, open_store
from careledger.engines.reading import Block, Reader
from careledger.engines.signed import check_signed
from careledger.engines.store import Store
from careledger.ledger.blocks import Header, TransactionLeaf, block_leaf
from careledger.ledger.envelopes import Transaction, check_signatures, reopen
from careledger.ledger.execute import execute_block
from careledger.ledger.genesis import BadGenesis
from careledger.ledger.refusals.base import Void
from careledger.primitives.encoding import NotCanonical, decode

Progress = Callable[[int, int], None]
"""Called with (blocks done, blocks in all)."""

Rows = Iterator[tuple[Any, Any]]


class Verified(NamedTuple):
    """What was checked.

    Attributes:
        head: where the ledger stands.
        transactions: leaves whose signatures and verdicts were checked.
        bodies: bodies whose hashes were checked.
    """

    head: Head
    transactions: int
    bodies: int


def verify_ledger(
    path: Path,
    progress: Progress = lambda *_: None,
    on_wait: Callable[[], None] | None = None,
) -> Verified:
    """Check the ledger at `path`, which no engine may have open.

    Args:
        path: the ledger's file.
        progress: called after each block.
        on_wait: called once if another process holds the ledger.

    Raises:
        LedgerDamaged: its detail names the first wrong place.
        LedgerMissing, LedgerInUse, Forked: as they say.
    """
    lock = FileLock(path, on_wait)
    try:
        store = open_store(path)
        reader = Reader(store, path)
        try:
            check_pages(store.connection)
            check_lap(store.connection.cursor(), store.head.rows)
            verified = _verify(store, reader, progress)
            # Last: among damaged tiles, a sound log would look like another one.
            check_signed(path, store.log.stored, store.head.size)
            return verified
        finally:
            reader.close()
            store.close()
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise LedgerDamaged("file") from error
    finally:
        lock.release()


def _verify(store: Store, reader: Reader, progress: Progress) -> Verified:
    with tempfile.TemporaryDirectory() as folder:
        fresh = _begun(Path(folder, "ledger"), store.genesis)
        try:
            _replay(reader, fresh, progress, store.head.height)
            _compare(store, fresh)
        finally:
            fresh.close()
    bodies = check_bodies(store)
    head = store.head
    return Verified(head, head.size - head.height - 1, bodies)


def _begun(path: Path, genesis: bytes) -> Store:
    try:
        return create_store(path, genesis)
    except BadGenesis as error:
        raise LedgerDamaged(f"fact {GENESIS}") from error


def _replay(reader: Reader, fresh: Store, progress: Progress, height: int) -> None:
    for block in reader.blocks():
        if block.first == 0:
            expected = block_leaf(0, fresh.head.time, fresh.head.state_root)
            _check(reader.leaf(0) == expected, "log leaf 0")
            continue
        _replay_block(block, fresh, reader)
        progress(block.end.height, height)
    _check(fresh.head.height == height, "log end")


def _replay_block(block: Block, fresh: Store, reader: Reader) -> None:
    end = block.next - 1
    transactions = [
        _opened(leaf, position)
        for position, leaf in enumerate(block.transactions, block.first)
    ]
    _check(block.end.height == fresh.head.height + 1, f"log leaf {end}")
    _check(block.end.time > fresh.head.time, f"log leaf {end}")
    header = Header(block.end.height, block.end.time, fresh.head.log_root)
    before = fresh.begin()
    result = execute_block(before, header, transactions)
    pairs = zip_longest(result.leaves, block.transactions)
    for position, (expected, leaf) in enumerate(pairs, block.first):
        _check(expected == leaf, f"log leaf {position}")
    _check(bool(result.diff or result.leaves), f"log leaf {end}")
    head = fresh.commit(header, result, before)
    expected = block_leaf(head.height, head.time, head.state_root)
    _check(reader.leaf(end) == expected, f"log leaf {end}")


def _opened(leaf: bytes, position: int) -> Transaction:
    try:
        found = decode(leaf, TransactionLeaf)
        transaction = reopen(found.core, found.signatures)
        check_signatures(transaction)
    except (NotCanonical, Void) as error:
        raise LedgerDamaged(f"log leaf {position}") from error
    # Empty bodies, so that the fresh ledger keeps and erases those of the same names.
    bodies = (b"",) * len(transaction.content.body_hashes)
    return structs.replace(transaction, bodies=bodies)


def _compare(store: Store, fresh: Store) -> None:
    """Compare everything that replay made again with what is stored."""
    for name, rows in _CONTENTS.items():
        for stored, expected in zip_longest(rows(store), rows(fresh)):
            if stored != expected:
                place = (stored or expected)[0]
                shown = place.hex() if isinstance(place, bytes) else place
                raise LedgerDamaged(f"{name} {shown}")
    _check(store.buckets.tree.root == fresh.buckets.tree.root, "bucket hash")
    _check(_facts(store.head) == _facts(fresh.head), "head")


def _facts(head: Head) -> Head:
    """Return a head without what depends on how often the store was opened."""
    return head._replace(copied=0, rows=EMPTY_HEAD._replace(live=head.rows.live))


def _check(holds: bool, place: str) -> None:  # noqa: FBT001 (a condition)
    if not holds:
        raise LedgerDamaged(place)


# --- what a store holds, in ascending order, wherever it keeps it -----------------


def _transactions(store: Store) -> Rows:
    recent = [one.transaction_entries() for one in (store.tail.old, store.tail.young)]
    return _index(store, "transaction_index", recent)


def _parties(store: Store) -> Rows:
    recent = [one.party_entries() for one in (store.tail.old, store.tail.young)]
    return _index(store, "party_index", recent)


def _index(store: Store, table: str, recent: list[list[bytes]]) -> Rows:
    settled = _table(f"SELECT entry, '' FROM {table} ORDER BY entry")(store)  # noqa: S608
    new = [(entry, "") for entry in sorted(chain.from_iterable(recent))]
    last: bytes | None = None
    for entry, _ in heapq.merge(settled, new):
        if entry != last:
            yield entry, ""
        last = entry


def _table(sql: str) -> Callable[[Store], Rows]:
    return lambda store: iter(store.connection.execute(sql))


_CONTENTS: dict[str, Callable[[Store], Rows]] = {
    "fact": _table("SELECT name, value FROM fact ORDER BY name"),
    "tile": _table("SELECT id, hashes FROM tile ORDER BY id"),
    "block": _table("SELECT height, leaf FROM block ORDER BY height"),
    "bucket": lambda store: store.buckets.rows(),
    "transaction index": _transactions,
    "party index": _parties,
    "body": _table("SELECT hash, '' FROM body ORDER BY hash"),
    "ordered key": _table("SELECT key, '' FROM ordered_key ORDER BY key"),
}
