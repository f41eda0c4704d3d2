"""Which network a ledger started from: the stored genesis file, and log leaf 0.

The first block's leaf commits to the state that genesis makes. So a stored genesis
file that is not the expected one is another network's only if leaf 0 follows from it.
"""

from typing import Final

import apsw

from careledger.engines.bulk import rows_of
from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import GENESIS, read_fact
from careledger.engines.levels import StateTree
from careledger.ledger.blocks import block_leaf
from careledger.ledger.genesis import BadGenesis, chain_id, initial_state, read_genesis

_LEAF: Final = "SELECT CAST(data AS BLOB) FROM leaf WHERE id=1"


def started_from(cursor: apsw.Cursor, genesis: bytes) -> bool:
    """Tell whether a ledger started from this genesis file, and not from another.

    Raises:
        LedgerDamaged: from neither: what is stored of its start contradicts itself.
    """
    stored = read_fact(cursor, GENESIS)
    if stored == genesis:
        return True
    if cursor.execute(_LEAF).get != _first_leaf(stored):
        raise LedgerDamaged(f"fact {GENESIS}")
    return False


def _first_leaf(genesis: bytes) -> bytes:
    """Return the leaf of block 0: 0.2 s, for the tree is built anew."""
    try:
        started, state = read_genesis(genesis), initial_state(genesis)
    except BadGenesis as error:
        raise LedgerDamaged(f"fact {GENESIS}") from error
    tree = StateTree()
    for number, row in rows_of(state, chain_id(genesis)):
        tree.put(number, row)
    tree.rehash()
    return block_leaf(0, started.created, tree.root)
