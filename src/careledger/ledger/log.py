"""The append-only log: an RFC 6962 Merkle tree kept in C2SP tiles.

Here live the hashing rules, appending, and proofs of inclusion and consistency.
The module stores nothing and signs nothing: an engine lends it the tiles
(`TileSource`) and writes back the changed ones; checkpoints are signed notes of
`primitives/notes.py`.

A tile (C2SP tlog-tiles) holds up to 256 consecutive hashes of one level; a hash
of level l + 1 is the root of one full tile of level l. Only the right edge of
each level may be partial, and a partial tile is never hashed into the level
above it.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import ClassVar, Final, Protocol

from careledger.errors import CareLedgerError
from careledger.primitives.hashing import HASH_SIZE, sha256

TILE_HEIGHT: Final = 8
"""Levels of the Merkle tree that one tile spans."""

TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Hashes in a full tile."""

EMPTY_ROOT: Final = sha256(b"")
"""The root of the log of size 0 (RFC 6962 §2.1)."""

_NODE: Final = b"\x01"
_PAIR: Final = 2 * HASH_SIZE
_TILE_BYTES: Final = TILE_WIDTH * HASH_SIZE

_ReadTile = Callable[[int, int], bytes]


class TileMissing(CareLedgerError):
    """A tile that the size of the log promises is absent or too short."""

    code: ClassVar[str] = "log.tile-missing"
    happened: ClassVar[str] = "The stored log is shorter than its recorded size."
    to_do: ClassVar[str] = "Stop this node and restore it from a snapshot."


class NoSuchLeaf(CareLedgerError):
    """An index or a size beyond the end of the log."""

    code: ClassVar[str] = "log.no-such-leaf"
    happened: ClassVar[str] = "The log has no leaf, or no size, of that number."
    to_do: ClassVar[str] = "Ask for an index below the size of the checkpoint."


class NotIncluded(CareLedgerError):
    """An inclusion proof that does not lead from the leaf to the root."""

    code: ClassVar[str] = "log.not-included"
    happened: ClassVar[str] = "The proof does not lead from this leaf to the root."
    to_do: ClassVar[str] = "Ask the node for a new proof under a newer checkpoint."


class NotConsistent(CareLedgerError):
    """Two roots of which the older is not shown to be a prefix of the newer."""

    code: ClassVar[str] = "log.not-consistent"
    happened: ClassVar[str] = "The newer log is not shown to contain the older one."
    to_do: ClassVar[str] = "Keep both checkpoints and show them to the governors."


class TileSource(Protocol):
    """Where the hashes of a log are kept."""

    def tile(self, level: int, index: int) -> bytes:
        """Return tile `index` of `level`: 1 to 256 hashes of 32 bytes.

        It may hold more hashes than the size in question needs (the log has
        grown since) but never fewer.
        """
        ...


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 ‖ data) (RFC 6962 §2.1)."""
    return sha256(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(_NODE + left + right)


def append(
    source: TileSource, size: int, leaf_hashes: Sequence[bytes]
) -> tuple[dict[tuple[int, int], bytes], bytes]:
    """Add leaves to a log of `size` leaves.

    Args:
        source: the tiles of the log as it is; only its right edge is read.
        size: leaves before.
        leaf_hashes: `leaf_hash` of the new leaves, in order, 32 bytes each.

    Returns:
        The tiles to write, by (level, index), and the new root.

    Raises:
        TileMissing: `source` lacks a hash of the right edge.
    """
    changed: dict[tuple[int, int], bytes] = {}
    fresh, level, count = b"".join(leaf_hashes), 0, size
    while fresh:
        index, width = divmod(count, TILE_WIDTH)
        flat = _hashes(source.tile, level, index * TILE_WIDTH, width) + fresh
        for start in range(0, len(flat), _TILE_BYTES):
            tile = flat[start : start + _TILE_BYTES]
            changed[level, index + start // _TILE_BYTES] = tile
        # Only full tiles rise: the rest of `flat` stays a partial tile.
        fresh = _raise(flat[: len(flat) // _TILE_BYTES * _TILE_BYTES], TILE_HEIGHT)
        level, count = level + 1, index

    def read(level: int, index: int) -> bytes:
        return changed.get((level, index)) or source.tile(level, index)

    return changed, _span(read, 0, size + len(leaf_hashes))


def tile_width(level: int, index: int, size: int) -> int:
    """Return how many hashes a tile of a log of `size` leaves has, 1 to 256.

    Raises:
        TileMissing: such a log has no such tile.
    """
    if min(level, index) < 0:
        raise TileMissing
    left = (size >> TILE_HEIGHT * level) - index * TILE_WIDTH
    if left < 1:
        raise TileMissing
    return min(left, TILE_WIDTH)


def root(source: TileSource, size: int) -> bytes:
    """Return the root of the first `size` leaves (RFC 6962 §2.1).

    Raises:
        TileMissing: `source` holds fewer hashes than `size` needs.
    """
    return _span(source.tile, 0, size)


def prove_inclusion(source: TileSource, index: int, size: int) -> list[bytes]:
    """Return the hashes from the sibling of leaf `index` up (RFC 6962 §2.1.1).

    Raises:
        NoSuchLeaf: not 0 ≤ index < size.
        TileMissing: `source` holds fewer hashes than `size` needs.
    """
    if not 0 <= index < size:
        raise NoSuchLeaf
    read, proof = cache(source.tile), list[bytes]()
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_span(read, middle, high))
            high = middle
        else:
            proof.append(_span(read, low, middle))
            low = middle
    return proof[::-1]


def prove_consistency(source: TileSource, old: int, new: int) -> list[bytes]:
    """Return the proof that size `old` is a prefix of `new` (RFC 6962 §2.1.2).

    It is empty if `old` is 0 or equal to `new`.

    Raises:
        NoSuchLeaf: not 0 ≤ old ≤ new.
        TileMissing: `source` holds fewer hashes than `new` needs.
    """
    if not 0 <= old <= new:
        raise NoSuchLeaf
    if old == 0:
        return []
    read, proof = cache(source.tile), list[bytes]()
    low, high = 0, new
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_span(read, middle, high))
            high = middle
        else:
            proof.append(_span(read, low, middle))
            low = middle
    # The verifier knows the old root itself, so it is left out of the proof.
    if low:
        proof.append(_span(read, low, high))
    return proof[::-1]


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is number `index` of the log of `size` under `root`.

    The algorithm is that of RFC 9162 §2.1.3.2.

    Raises:
        NotIncluded: it is not, or the proof has not the one right length.
    """
    if not 0 <= index < size or _misshapen(leaf_hash, *proof):
        raise NotIncluded
    node, last, value = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise NotIncluded
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            skip = _trailing_zeros(node)
        else:
            value = node_hash(value, sibling)
            skip = 0
        node, last = node >> skip + 1, last >> skip + 1
    if last != 0 or value != root:
        raise NotIncluded


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the log `old`, `old_root` is a prefix of `new`, `new_root`.

    The algorithm is that of RFC 9162 §2.1.4.2. Every log extends the empty one.

    Raises:
        NotConsistent: it is not, or the proof has not the one right length.
    """
    if not 0 <= old <= new or _misshapen(old_root, new_root, *proof):
        raise NotConsistent
    if old in (0, new):
        expected = EMPTY_ROOT if old == 0 else new_root
        if proof or old_root != expected:
            raise NotConsistent
        return
    # A power of two is a whole subtree: its root starts the path, unsent.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if _fold_consistency(old, new, path) != (old_root, new_root):
        raise NotConsistent


def _fold_consistency(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the old and the new root that `path` leads to."""
    skip = _trailing_zeros(old)
    node, last = old - 1 >> skip, new - 1 >> skip
    if not path:
        raise NotConsistent
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise NotConsistent
        skip = 0
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            skip = _trailing_zeros(node)
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> skip + 1, last >> skip + 1
    if last != 0:
        raise NotConsistent
    return older, newer


def _misshapen(*hashes: bytes) -> bool:
    # Hashes of another length could shift the border between left and right.
    return any(len(value) != HASH_SIZE for value in hashes)


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _split(count: int) -> int:
    """Return the largest power of two below `count` (≥ 2)."""
    return 1 << (count - 1).bit_length() - 1


def _hashes(read: _ReadTile, level: int, start: int, count: int) -> bytes:
    """Return `count` hashes of `level` from number `start`, all of one tile."""
    if count == 0:
        return b""
    index, offset = divmod(start, TILE_WIDTH)
    flat = read(level, index)[offset * HASH_SIZE : (offset + count) * HASH_SIZE]
    if len(flat) != count * HASH_SIZE:
        raise TileMissing
    return flat


def _raise(flat: bytes, levels: int) -> bytes:
    """Return the hashes `levels` higher over whole subtrees of that height."""
    for _ in range(levels):
        pairs = range(0, len(flat), _PAIR)
        flat = b"".join([sha256(_NODE + flat[at : at + _PAIR]) for at in pairs])
    return flat


@lru_cache(maxsize=128)
def _peak(flat: bytes, levels: int) -> bytes:
    # The peaks of the right edge are asked for at each block and seldom change.
    return _raise(flat, levels)


def _span(read: _ReadTile, low: int, high: int) -> bytes:
    """Return the root over leaves low … high − 1; low is where a split put it."""
    value = b""
    for height, start in _subtrees(low, high):
        level, levels = divmod(height, TILE_HEIGHT)
        first = start >> TILE_HEIGHT * level
        peak = _peak(_hashes(read, level, first, 1 << levels), levels)
        value = node_hash(peak, value) if value else peak
    return value or EMPTY_ROOT


def _subtrees(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield (height, first leaf) of the whole subtrees, rightmost first."""
    count = high - low
    while count:
        height = _trailing_zeros(count)
        count -= 1 << height
        yield height, low + count
