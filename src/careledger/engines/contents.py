"""The indexes and bodies of a file against the leaves of its log.

As far as leaves tell: each transaction is in the index and no other is, each signer
leads to it, and a body is one that a transaction brought. Whom an action concerned
beside its signers, and which bodies have to be there, only a replay knows (`verify`).

Leaves are read in their order and looked up in pieces, so a log of any length fits
in memory.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Final, NamedTuple

import apsw

from careledger.engines.errors import LedgerDamaged
from careledger.engines.store import Store
from careledger.engines.tail import POSITION_SIZE, index_entry
from careledger.ledger.blocks import BlockLeaf, TransactionLeaf
from careledger.ledger.envelopes import Core
from careledger.primitives.encoding import NotCanonical, decode_any
from careledger.primitives.hashing import sha256

_AT_ONCE: Final = 1024
"""Transactions to a piece."""

_LEAVES: Final = "SELECT data FROM leaf ORDER BY id"
_BODIES: Final = "SELECT hash, data FROM body"


class _Named(NamedTuple):
    """The entries that lead to one transaction, or may."""

    transaction: bytes
    parties: list[bytes]
    bodies: list[bytes]


class _Column:
    """Entries of the file, and the recent ones that it may lack."""

    def __init__(
        self, store: Store, name: str, column: str, recent: Iterable[bytes] = ()
    ) -> None:
        self._name, self._recent = name, set(recent)
        self._cursor = store.connection.cursor()
        self._find = f"SELECT value FROM carray(?) WHERE value IN (SELECT {column})"  # noqa: S608 (three fixed columns)
        self._count = f"SELECT count(*) FROM (SELECT {column})"  # noqa: S608
        self._found = [0, 0]

    def lacking(self, entries: Collection[bytes]) -> set[bytes]:
        """Count those of the entries that are there; return those that are not."""
        if not entries:  # SQLite's driver makes no table of none
            return set()
        asked = (apsw.carray(tuple(entries)),)
        stored = {bytes(entry) for (entry,) in self._cursor.execute(self._find, asked)}
        recent = self._recent.intersection(entries)
        self._found[0] += len(stored)
        self._found[1] += len(recent)
        return set(entries) - stored - recent

    def check(self, entries: Collection[bytes]) -> None:
        """Check that all of the entries are there.

        Raises:
            LedgerDamaged: one is not.
        """
        for entry in sorted(self.lacking(entries)):
            raise LedgerDamaged(f"{self._name} {entry.hex()}")

    def check_no_more(self) -> None:
        """Check that nothing is there but what was counted.

        Raises:
            LedgerDamaged: more is.
        """
        if [self._cursor.execute(self._count).get, len(self._recent)] != self._found:
            raise LedgerDamaged(self._name)


def check_contents(store: Store) -> None:
    """Check indexes and bodies, as far as leaves tell; the leaves are checked.

    Raises:
        LedgerDamaged: its detail names the first wrong place.
    """
    recent = (store.tail.old, store.tail.young)
    new = (entry for one in recent for entry in one.transaction_entries())
    transactions = _Column(
        store, "transaction index", "entry FROM transaction_index", new
    )
    new = (entry for one in recent for entry in one.party_entries())
    parties = _Column(store, "party index", "entry FROM party_index", new)
    bodies = _Column(store, "body", "hash FROM body")
    named = _named(store)
    while piece := list(islice(named, _AT_ONCE)):
        transactions.check([one.transaction for one in piece])
        parties.check(_all(one.parties for one in piece))
        bodies.lacking(_all(one.bodies for one in piece))  # some are erased
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


def _named(store: Store) -> Iterator[_Named]:
    for position, (raw,) in enumerate(store.connection.execute(_LEAVES)):
        try:
            leaf = decode_any(raw, TransactionLeaf | BlockLeaf)
            if isinstance(leaf, TransactionLeaf):
                yield _entries(leaf, decode_any(leaf.core, Core), position)
        except NotCanonical as error:
            raise LedgerDamaged(f"log leaf {position}") from error


def _entries(leaf: TransactionLeaf, content: Core, position: int) -> _Named:
    return _Named(
        index_entry(sha256(leaf.core), position),
        [index_entry(signer, position) for signer in content.signers],
        [index_entry(one, position) for one in content.body_hashes],
    )


def _all(lists: Iterable[list[bytes]]) -> list[bytes]:
    return list(chain.from_iterable(lists))
