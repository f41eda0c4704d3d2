"""What recent blocks changed and the file's B-trees do not have yet.

A block adds thousands of index entries all over the file; to write each at once
would cost a page (4 KiB) apiece. So a block writes all of them as *one journal
row*, at the end of the file, and keeps them in memory as part of the young
generation. When that has grown large it becomes the old one,
which the next blocks copy into the B-trees piece by piece, in B-tree order.
After a crash the journal rows are read back: a bounded number.

Reads ask the young generation, then the old, then the file; in this order they
are right at any moment, also beside a commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

YOUNG_LIMIT: Final = 24 * 2**20
"""Bytes of memory, about, after which a generation is old."""

_ENTRY_BYTES: Final = 100
"""What an id or a party takes in memory, about."""

POSITION_SIZE: Final = 6
"""Bytes of a log position at the end of an index entry."""


class NewEntries(msgspec.Struct, array_like=True, frozen=True):
    """A journal row.

    Attributes:
        first: log position of the first transaction leaf.
        tx_ids: of the transaction leaves, in order.
        parties: for each of them, the keys it is indexed under.
    """

    first: int
    tx_ids: list[bytes]
    parties: list[tuple[bytes, ...]]

    def size(self) -> int:
        """Return how much memory this takes, bytes, about."""
        return _ENTRY_BYTES * (len(self.tx_ids) + sum(map(len, self.parties)))


@dataclass(slots=True)
class Generation:
    """The changes of successive blocks; a later one replaces an earlier."""

    positions: dict[bytes, int] = field(default_factory=dict)
    parties: dict[bytes, list[int]] = field(default_factory=dict)
    size: int = 0
    height: int = -1

    def add(self, height: int, changes: NewEntries) -> None:
        """Take in what the block at `height` changed."""
        first, parties = changes.first, self.parties
        self.positions.update(
            zip(changes.tx_ids, range(first, first + len(changes.tx_ids)), strict=True)
        )
        for position, keys in enumerate(changes.parties, first):
            for key in keys:
                known = parties.get(key)
                if known is None:
                    parties[key] = [position]
                else:
                    known.append(position)
        self.size += changes.size()
        self.height = height

    def transaction_entries(self) -> list[bytes]:
        """Return its entries of the transaction index, in no order."""
        return [
            tx_id + position.to_bytes(POSITION_SIZE, "big")
            for tx_id, position in self.positions.items()
        ]

    def party_entries(self) -> list[bytes]:
        """Return its entries of the party index, in no order."""
        return [
            party + position.to_bytes(POSITION_SIZE, "big")
            for party, positions in self.parties.items()
            for position in positions
        ]


@dataclass(frozen=True, slots=True)
class Share:
    """The piece of the old generation that goes into the B-trees with a block.

    Attributes:
        tx_entries: entries of the transaction index, ascending.
        party_entries: entries of the party index, ascending.
        last: nothing of the old generation is left after it.
    """

    tx_entries: Sequence[bytes] = ()
    party_entries: Sequence[bytes] = ()
    last: bool = False


def index_entry(key: bytes, position: int) -> bytes:
    """Return the index entry that leads from a key to a log position."""
    return key + position.to_bytes(POSITION_SIZE, "big")


def entry_position(entry: bytes) -> int:
    """Return the log position that an index entry leads to."""
    return int.from_bytes(entry[-POSITION_SIZE:], "big")


class Tail:
    """The young and the old generation, and how far the old one is copied."""

    def __init__(self, limit: int = YOUNG_LIMIT) -> None:
        self.young = Generation()
        self.old = Generation()
        self._limit = limit
        self._plan: tuple[list[bytes], list[bytes]] = ([], [])
        self._done = [0, 0]

    def position(self, tx_id: bytes) -> int | None:
        """Return the log position of a transaction not yet indexed in the file."""
        found = self.young.positions.get(tx_id)
        return self.old.positions.get(tx_id) if found is None else found

    def positions_of(self, party: bytes) -> list[int]:
        """Return the log positions under a key, of both generations, ascending."""
        young = self.young.parties.get(party, ())
        return [*self.old.parties.get(party, ()), *young]

    def next_share(self, added: int) -> Share:
        """Return what to copy with a block that adds `added` bytes.

        Twice the share that keeps pace, so the old generation is gone before the
        young one is half full.
        """
        if not self.old.size:
            return Share()
        pieces = [self._piece(at, added) for at in range(2)]
        last = all(piece.stop >= len(self._plan[at]) for at, piece in enumerate(pieces))
        return Share(self._plan[0][pieces[0]], self._plan[1][pieces[1]], last)

    def copied(self, added: int, share: Share) -> None:
        """Note that a share is on disk."""
        if share.last:
            self.old = Generation()
        elif self.old.size:
            self._done = [self._piece(at, added).stop for at in range(2)]

    def add(self, height: int, changes: NewEntries) -> None:
        """Take in a block that is on disk."""
        self.young.add(height, changes)
        if self.young.size >= self._limit and not self.old.size:
            self._age()

    def _piece(self, at: int, added: int) -> slice:
        start = self._done[at]
        return slice(start, start + 1 + 2 * len(self._plan[at]) * added // self._limit)

    def _age(self) -> None:
        young = self.young
        plan = young.transaction_entries(), young.party_entries()
        for entries in plan:
            entries.sort()
        self._plan = plan
        self._done = [0, 0]
        # In this order, so that a reader between the two finds each change.
        self.old = young
        self.young = Generation()
