"""A table's column against what it should hold, asked in pieces.

Entries are looked up as they come and only counted, so a column of any length fits in
memory; if all that should be there are there and the counts agree, there is no other.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

import apsw

from careledger.engines.errors import LedgerDamaged
from careledger.engines.store import Store

T = TypeVar("T")

_AT_ONCE: Final = 1024
"""Things to a piece."""


class Column:
    """Entries of the file, and the recent ones that it may lack."""

    def __init__(
        self, store: Store, name: str, column: str, recent: Iterable[bytes] = ()
    ) -> None:
        self._name, self._recent = name, set(recent)
        self._cursor = store.connection.cursor()
        self._find = f"SELECT value FROM carray(?) WHERE value IN (SELECT {column})"  # noqa: S608 (fixed columns)
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


def in_pieces(things: Iterator[T]) -> Iterator[list[T]]:
    """Yield the things in lists of what is looked up at once."""
    while piece := list(islice(things, _AT_ONCE)):
        yield piece
