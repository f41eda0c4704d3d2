"""The journal: index entries of recent blocks, which the B-trees do not have yet.

One row for each block, written with it; a start reads them back into the tail, and
they go when the B-trees have what they say.
"""

from typing import Final

import apsw

from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import Head
from careledger.engines.index_pages import EXPIRED_ROWS
from careledger.engines.tail import Generation, NewEntries
from careledger.primitives.encoding import NotCanonical, decode_any, encode

_ROWS: Final = (
    "SELECT height, CAST(changes AS BLOB) FROM journal WHERE height>? ORDER BY height"
)
_ADD: Final = "INSERT INTO journal VALUES(?,?)"
_EXPIRE: Final = (
    "DELETE FROM journal WHERE height IN"
    " (SELECT height FROM journal WHERE height<=? ORDER BY height LIMIT ?)"
)


def write_journal(
    cursor: apsw.Cursor, height: int, entries: NewEntries, copied: int
) -> None:
    """Put a block's row into the open SQLite transaction; let some old ones go.

    Args:
        cursor: the writer's.
        height: of the block.
        entries: what it adds to the indexes.
        copied: up to here, the B-trees have all.
    """
    cursor.execute(_ADD, (height, encode(entries)))
    cursor.execute(_EXPIRE, (copied, EXPIRED_ROWS))


def replay_journal(cursor: apsw.Cursor, head: Head, young: Generation) -> None:
    """Read back what the B-trees do not have.

    Raises:
        LedgerDamaged: a row is missing, or cannot be of this log.
    """
    last = head.copied
    if last not in range(head.height + 1):
        raise LedgerDamaged("head")
    for height, changes in cursor.execute(_ROWS, (last,)):
        if height != last + 1:
            raise LedgerDamaged(f"journal {height}")
        last = height
        young.add(height, _read(changes or b"", height, head.size))
    if last != head.height:
        raise LedgerDamaged("journal")


def _read(changes: bytes, height: int, size: int) -> NewEntries:
    try:
        entries: NewEntries = decode_any(changes, NewEntries)
    except NotCanonical as error:
        raise LedgerDamaged(f"journal {height}") from error
    end = entries.first + len(entries.tx_ids)
    if not 0 < entries.first <= end <= size:
        raise LedgerDamaged(f"journal {height}")
    return entries
