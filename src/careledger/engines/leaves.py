"""The stored leaves against the head: they make its root, and the stored tiles.

They are hashed as they are read, and of the tiles only the right edge is kept, so a
log of any length fits in memory.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from careledger.engines.errors import LedgerDamaged
from careledger.engines.log_store import StoredTiles, Tiles
from careledger.engines.store import Store
from careledger.ledger import log
from careledger.primitives.hashing import HASH_SIZE

_AT_ONCE: Final = 16 * log.TILE_WIDTH
_LEAVES: Final = "SELECT data FROM leaf ORDER BY id"
_BYTES: Final = "SELECT sum(length(hashes)) FROM tile"


class _Edge:
    """The right edge of a log: its last tile of each level."""

    def __init__(self) -> None:
        self._tiles: Tiles = {}

    def tile(self, level: int, index: int) -> bytes:
        """Return a tile of the edge."""
        return self._tiles[level, index]

    def follow(self, tiles: Tiles) -> None:
        """Let the edge follow when these tiles have changed."""
        known = self._tiles | tiles
        self._tiles = {
            (level, at): known[level, at] for level, at in _last(known).items()
        }


def check_leaves(store: Store) -> None:
    """Check that the leaves make the root of the head, and tiles as stored.

    Raises:
        LedgerDamaged: they do not.
    """
    edge, size, root = _Edge(), 0, log.EMPTY_ROOT
    hashes = _hashes(store)
    while piece := list(islice(hashes, _AT_ONCE)):
        tiles, root = log.append(edge, size, piece)
        _check_tiles(store.log.stored, tiles)
        edge.follow(tiles)
        size += len(piece)
    if (size, root) != (store.head.size, store.head.log_root):
        raise LedgerDamaged("log leaf")
    if store.connection.execute(_BYTES).get != _bytes_of(size):
        raise LedgerDamaged("tile")


def _hashes(store: Store) -> Iterator[bytes]:
    for (leaf,) in store.connection.execute(_LEAVES):
        yield log.leaf_hash(leaf)


def _check_tiles(stored: StoredTiles, tiles: Tiles) -> None:
    for (level, index), tile in tiles.items():
        try:
            found = stored.tile(level, index)
        except log.TileMissing as error:
            raise LedgerDamaged(f"tile {level}/{index}") from error
        if not found.startswith(tile):  # the log goes on behind this piece
            raise LedgerDamaged(f"tile {level}/{index}")


def _bytes_of(size: int) -> int:
    """Return how long all tiles of a log are together."""
    total = 0
    while size:
        total += size * HASH_SIZE
        size //= log.TILE_WIDTH
    return total


def _last(tiles: Tiles) -> dict[int, int]:
    """Return the index of the last tile of each level."""
    return dict(sorted(tiles))
