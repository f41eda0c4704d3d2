"""The keys of the state against what the file keeps beside them.

The buckets are read once, each checked by the tree. Its timers have to be in the table
of ordered keys, or a node would let due ones pass and sign that history; and it says
what was erased.
"""

from collections.abc import Iterator
from typing import NamedTuple

from careledger.engines.columns import Column, in_pieces
from careledger.engines.erasing import position_of, positions_of
from careledger.engines.store import Store
from careledger.ledger.bucket import entries_of
from careledger.ledger.state import ERASED_PREFIX, ORDERED_PREFIXES


class Erased(NamedTuple):
    """Log positions of what may lack bodies; all of them are held in memory.

    Attributes:
        records: transactions under an erased record lack all.
        appends: of those whose entries were erased, the manifest is gone.
    """

    records: set[int]
    appends: set[int]


def check_state_keys(store: Store) -> Erased:
    """Check every bucket and the ordered keys; return what was erased.

    Raises:
        LedgerDamaged: its detail names the first wrong place.
    """
    ordered = Column(store, "ordered key", "key FROM ordered_key")
    cursor, erased = store.connection.cursor(), Erased(set(), set())
    for piece in in_pieces(_keys(store)):
        ordered.check([key for key in piece if key[:1] in ORDERED_PREFIXES])
        for key in piece:
            if key.startswith(ERASED_PREFIX):
                each = key[len(ERASED_PREFIX) :]
                erased.records.update(positions_of(cursor, store.tail, each))
                append = position_of(cursor, store.tail, each)
                erased.appends.update(() if append is None else (append,))
    ordered.check_no_more()
    return erased


def _keys(store: Store) -> Iterator[bytes]:
    """Yield the keys that mean something beside the state."""
    wanted = (*ORDERED_PREFIXES, ERASED_PREFIX)
    for bucket in store.buckets.checked():
        for key, _, _ in entries_of(bucket):
            if key[:1] in wanted:
                yield key
