"""A whole state, table by table: what audits read.

Each workflow reads its own tables here and says what is wrong with them; whoever
holds the listing learns which tables nobody looked at.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from careledger.ledger.state import Table
from careledger.primitives.encoding import NotCanonical, decode

V = TypeVar("V")

_SHOWN: Final = 9
"""Bytes: a table's prefix and eight more."""


class Listing:
    """Every entry of a state, and how well formed it was found."""

    def __init__(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        self._tables: dict[bytes, dict[bytes, bytes]] = {}
        self._read: dict[bytes, dict[bytes, Any]] = {}
        self._faults: list[str] = []
        for key, value in entries:
            self._tables.setdefault(key[:1], {})[key[1:]] = value

    def rows(self, table: Table[V]) -> dict[bytes, V]:
        """Return a table: key → value. Entries that are not well formed are noted."""
        if table.prefix not in self._read:
            self._read[table.prefix] = dict(self._well_formed(table))
        return self._read[table.prefix]

    def present(self, table: Table[V | None]) -> dict[bytes, V]:
        """Return a table whose absent entries are `None`, without the `None`."""
        return {key: one for key, one in self.rows(table).items() if one is not None}

    def faults(self) -> Iterator[str]:
        """Yield what was not well formed, and the tables that nobody has read."""
        yield from self._faults
        for prefix in self._tables:
            if prefix not in self._read:
                yield f"state: table {prefix.hex()} belongs to no workflow"

    def _well_formed(self, table: Table[V]) -> Iterator[tuple[bytes, V]]:
        for key, raw in self._tables.get(table.prefix, {}).items():
            place = short(table.prefix + key)
            try:
                value: V = decode(raw, table.kind)
            except NotCanonical:
                self._faults.append(f"state: the value at {place} is damaged")
                continue
            if value == table.default:
                self._faults.append(f"state: the default is stored at {place}")
            yield key, value


def short(name: bytes) -> str:
    """Return the first bytes of a key or identifier, as reports show it."""
    return name[:_SHOWN].hex() + ("…" if len(name) > _SHOWN else "")
