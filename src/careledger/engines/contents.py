"""What a file holds beside its log, against the leaves and the state.

As far as they tell: each transaction is in the index and no other is, each signer
leads to it, each block is where its leaf is, each ordered key of the state is in its
table and no other is, and each body that a transaction brought is there, unless it
was erased. Whom an action concerned beside its signers, and whether what was erased
is gone, only a replay knows (`verify`).

Leaves are read in their order and looked up in pieces, so a log of any length fits
in memory.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

from careledger.engines.columns import Column, in_pieces
from careledger.engines.errors import LedgerDamaged
from careledger.engines.state_keys import Erased, check_state_keys
from careledger.engines.store import Store
from careledger.engines.tail import POSITION_SIZE, index_entry
from careledger.ledger.blocks import BlockLeaf, TransactionLeaf
from careledger.ledger.bodies import manifest_of
from careledger.ledger.envelopes import Core
from careledger.primitives.encoding import NotCanonical, decode_any
from careledger.primitives.hashing import sha256

_DONE: Final = "ok"
_LEAVES: Final = "SELECT data FROM leaf ORDER BY id"
_BLOCKS: Final = "SELECT height, leaf FROM block ORDER BY height"
_BODIES: Final = "SELECT hash, data FROM body"


class _Named(NamedTuple):
    """The entries that lead to one transaction, or may, and the bodies it brought.

    Attributes:
        bodies: the names of all; of a refused one none was kept.
        manifest: those of them that go when its entries are erased.
    """

    position: int
    transaction: bytes
    parties: list[bytes]
    bodies: list[bytes]
    manifest: list[bytes]


def check_contents(store: Store) -> None:
    """Check state, indexes, blocks and bodies; the leaves are checked.

    Raises:
        LedgerDamaged: its detail names the first wrong place.
    """
    erased = check_state_keys(store)
    recent = (store.tail.old, store.tail.young)
    new = (entry for one in recent for entry in one.transaction_entries())
    transactions = Column(
        store, "transaction index", "entry FROM transaction_index", new
    )
    new = (entry for one in recent for entry in one.party_entries())
    parties = Column(store, "party index", "entry FROM party_index", new)
    bodies = Column(store, "body", "hash FROM body")
    for piece in in_pieces(_named(store)):
        transactions.check([one.transaction for one in piece])
        parties.check(_all(one.parties for one in piece))
        _check_erased(piece, erased, bodies.lacking(_all(one.bodies for one in piece)))
    transactions.check_no_more()
    bodies.check_no_more()
    check_bodies(store)


def check_bodies(store: Store) -> int:
    """Check that bodies have the hashes that their names say; return how many.

    Raises:
        LedgerDamaged: one has not.
    """
    count = 0
    for name, data in store.connection.execute(_BODIES):
        body_hash = name[:-POSITION_SIZE]  # it is stored once for each transaction
        if sha256(data) != body_hash:
            raise LedgerDamaged(f"body {body_hash.hex()}")
        count += 1
    return count


def _check_erased(
    piece: Iterable[_Named], erased: Erased, lacking: Collection[bytes]
) -> None:
    """Check that the bodies that are not there were erased."""
    for one in piece:
        if not lacking or one.position in erased.records:
            continue
        gone = one.manifest if one.position in erased.appends else ()
        for name in one.bodies:
            if name in lacking and name not in gone:
                raise LedgerDamaged(f"body {name[:-POSITION_SIZE].hex()}")


def _named(store: Store) -> Iterator[_Named]:
    """Yield what belongs to each transaction; check where blocks end on the way."""
    blocks = store.connection.cursor().execute(_BLOCKS)
    for position, (raw,) in enumerate(store.connection.cursor().execute(_LEAVES)):
        try:
            leaf = decode_any(raw, TransactionLeaf | BlockLeaf)
            if isinstance(leaf, TransactionLeaf):
                yield _entries(leaf, decode_any(leaf.core, Core), position)
                continue
        except NotCanonical as error:
            raise LedgerDamaged(f"log leaf {position}") from error
        if next(blocks, None) != (leaf.height, position):
            raise LedgerDamaged(f"block {leaf.height}")


def _entries(leaf: TransactionLeaf, content: Core, position: int) -> _Named:
    brought = content.body_hashes if leaf.code == _DONE else ()
    return _Named(
        position,
        index_entry(sha256(leaf.core), position),
        [index_entry(signer, position) for signer in content.signers],
        [index_entry(one, position) for one in brought],
        [index_entry(one, position) for one in manifest_of(content)],
    )


def _all(lists: Iterable[list[bytes]]) -> list[bytes]:
    return list(chain.from_iterable(lists))
