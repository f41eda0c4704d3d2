"""The RFC 6962 log of a ledger: its leaves and its C2SP tiles."""

from collections.abc import Sequence

import apsw

from careledger.engines.errors import LedgerDamaged
from careledger.ledger import log

Tiles = dict[tuple[int, int], bytes]


class StoredTiles:
    """A `TileSource` over the file."""

    def __init__(self, cursor: apsw.Cursor) -> None:
        self._cursor = cursor

    def tile(self, level: int, index: int) -> bytes:
        """Return a tile.

        Raises:
            TileMissing: the file does not have it.
        """
        sql = "SELECT CAST(hashes AS BLOB) FROM tile WHERE id=?"
        found = self._cursor.execute(sql, (_tile_id(level, index),)).get
        if found is None:
            raise log.TileMissing
        return bytes(found)


class LogStore:
    """The end of the log, for the writer. The right edge stays in memory."""

    def __init__(self, cursor: apsw.Cursor, size: int) -> None:
        self.size = size
        self._cursor = cursor
        self.stored = StoredTiles(cursor)
        self._edge: Tiles = {}

    def tile(self, level: int, index: int) -> bytes:
        """Return a tile, of the right edge from memory."""
        return self._edge.get((level, index)) or self.stored.tile(level, index)

    def append(self, leaves: Sequence[bytes]) -> tuple[Tiles, bytes]:
        """Return the tiles that change with these leaves, and the new root."""
        return log.append(self, self.size, [log.leaf_hash(leaf) for leaf in leaves])

    def write(self, leaves: Sequence[bytes], tiles: Tiles) -> None:
        """Put leaves and tiles into the open SQLite transaction.

        Raises:
            LedgerDamaged: the file's last leaf is not the log's.
        """
        # One statement for all leaves: nothing returns to Python in between.
        self._cursor.execute(
            "INSERT INTO leaf(data) SELECT value FROM carray(?)",
            (apsw.carray(tuple(leaves)),),
        )
        last = self._cursor.connection.last_insert_rowid()
        if last != self.size + len(leaves):
            raise LedgerDamaged("leaf")
        self._cursor.executemany(
            "INSERT OR REPLACE INTO tile VALUES(?,?)",
            [(_tile_id(*place), hashes) for place, hashes in tiles.items()],
        )

    def written(self, count: int, tiles: Tiles) -> None:
        """Note that `count` leaves and their tiles are on disk."""
        self.size += count
        ends = dict(sorted(self._edge.keys() | tiles.keys()))
        self._edge = {
            (level, index): tiles.get((level, index)) or self._edge[level, index]
            for level, index in ends.items()
        }


def _tile_id(level: int, index: int) -> int:
    return level << 48 | index
