"""Erasing bodies for good.

A body is sealed personal data; its hash stays in the log, and replay never needs
it. Erasing overwrites the bytes in the file and in SQLite's write-ahead log. The
ledger says whose bodies go: the ids behind `ERASED_PREFIX` in a block's diff.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw

from careledger.durable import sync_path
from careledger.engines.tail import POSITION_SIZE, Tail, entry_position, index_entry
from careledger.ledger.blocks import BlockResult, TransactionLeaf
from careledger.ledger.bodies import manifest_of
from careledger.ledger.envelopes import Core, reopen
from careledger.ledger.state import ERASED_PREFIX
from careledger.primitives.encoding import decode_any

_ENTRIES: Final = "SELECT entry FROM party_index WHERE entry>? AND entry<=?"
_TRANSACTION: Final = "SELECT entry FROM transaction_index WHERE entry>? AND entry<=?"
_LEAF: Final = "SELECT data FROM leaf WHERE id=?"
_END: Final = b"\xff" * POSITION_SIZE
_DELETE: Final = "DELETE FROM body WHERE hash>=? AND hash<=?"


def erased_ids(result: BlockResult) -> list[bytes]:
    """Return the ids whose bodies a block erases."""
    return [
        key[len(ERASED_PREFIX) :]
        for key, value in result.diff.items()
        if key.startswith(ERASED_PREFIX) and value is not None
    ]


def drop_bodies_of(cursor: apsw.Cursor, tail: Tail, erased: Sequence[bytes]) -> None:
    """Delete the bodies that belong to `erased` ids.

    Of a record that is every body of the transactions indexed under it; of a
    transaction that added entries it is their manifest.

    In the block's own SQLite transaction, so a crash leaves both or neither. What
    others sent stays, though it be the same bytes: or who knows a body of a record
    could send it in one of its own, erase that, and take it from everybody.
    """
    connection = cursor.connection
    connection.pragma("secure_delete", 1)  # overwrite with zeros
    for each in erased:
        for position in positions_of(cursor, tail, each):
            _drop(cursor, position, _content(cursor, position).body_hashes)
        append = position_of(cursor, tail, each)
        if append is not None:
            _drop(cursor, append, manifest_of(_content(cursor, append)))
    connection.pragma("secure_delete", 0)


def _content(cursor: apsw.Cursor, position: int) -> Core:
    leaf = decode_any(cursor.execute(_LEAF, (position + 1,)).get, TransactionLeaf)
    return reopen(leaf.core, leaf.signatures).content


def _drop(cursor: apsw.Cursor, position: int, hashes: Sequence[bytes]) -> None:
    names = [index_entry(one, position) for one in hashes]
    cursor.executemany(_DELETE, [(name, name) for name in names])


def position_of(cursor: apsw.Cursor, tail: Tail, tx_id: bytes) -> int | None:
    """Return the log position of a transaction, or `None` if there is none."""
    recent = tail.position(tx_id)
    if recent is not None:
        return recent
    entry = cursor.execute(_TRANSACTION, (tx_id, tx_id + _END)).get
    return None if entry is None else entry_position(entry)


def positions_of(cursor: apsw.Cursor, tail: Tail, key: bytes) -> list[int]:
    """Return the log positions of the transactions indexed under a key, ascending."""
    copied = cursor.execute(_ENTRIES, (key, key + _END)).fetchall()
    found = {entry_position(bytes(entry)) for (entry,) in copied}  # type: ignore[arg-type]
    return sorted(found.union(tail.positions_of(key)))


def empty_write_ahead_log(connection: apsw.Connection) -> None:
    """Write pages back and empty the log, which still has them as they were.

    A reader in the middle of a question keeps it a little longer: then the next
    erasure, or the end of the engine, empties it.
    """
    with suppress(apsw.BusyError):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    # SQLite does not sync the cut: after a power loss the log would be back, whole.
    # It locks other files than this one, so that closing it here loses no lock.
    sync_path(Path(connection.filename_wal))
