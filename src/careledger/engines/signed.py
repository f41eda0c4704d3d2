"""What this node has signed about its log, kept beside the ledger.

A checkpoint binds: a node that signs two histories has lied. So the last one is
on disk before anybody sees it, and a ledger that does not contain it (an old
backup, another file) is refused. The file is there from a ledger's creation: where
it is missing, nobody knows what was signed, and nothing is signed any more.
"""

import os
from pathlib import Path
from typing import Final

import apsw

from careledger.durable import sync_path
from careledger.engines.errors import Forked, LedgerDamaged, SignedUnknown
from careledger.engines.folder import beside
from careledger.engines.log_store import StoredTiles
from careledger.ledger import log
from careledger.primitives.encoding import Message, NotCanonical, decode, encode

_SUFFIX: Final = ".signed"


class SignedHead(Message, frozen=True, tag="signed-head/v1"):
    """A size and root that this node has signed, or is held to as if it had.

    Attributes:
        size: leaves of the log.
        root: 32 bytes.
        note: the signed note as it was handed out; empty if there was none.
    """

    size: int
    root: bytes
    note: bytes


def last_signed(ledger: Path) -> SignedHead | None:
    """Return the last checkpoint that was signed here.

    `None`: nobody knows, for the side file is missing or damaged.
    """
    found = [_read(place) for place in _places(ledger) if place.exists()]
    known = [one for one in found if one is not None]
    if not found or len(known) < len(found):
        return None
    return max(known, key=lambda one: one.size)


def _read(place: Path) -> SignedHead | None:
    try:
        return decode(place.read_bytes(), SignedHead)
    except (NotCanonical, IsADirectoryError):
        return None


def begin_signed(ledger: Path) -> None:
    """Note of a new ledger that nothing is signed yet; what is noted already stays.

    Raises:
        Forked: something is signed, and a new ledger does not contain it.
        SignedUnknown: the note that is there is damaged.
    """
    if not any(place.exists() for place in _places(ledger)):
        keep_signed(ledger, SignedHead(0, log.EMPTY_ROOT, b""))
    signed = last_signed(ledger)
    if signed is None:
        raise SignedUnknown(str(_beside(ledger)))
    if signed.size:
        raise Forked(str(ledger))


def keep_signed(ledger: Path, head: SignedHead) -> None:
    """Put a checkpoint on disk. When this returns, it survives power loss.

    Raises:
        SignedUnknown: a folder is where the note belongs.
    """
    path, *older = _places(ledger)
    if any(place.is_dir() for place in (path, *older)):
        raise SignedUnknown(str(path))
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(encode(head))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_path(path.parent)
    for place in older:
        place.unlink(missing_ok=True)


def check_known(ledger: Path) -> None:
    """Check that it is known what was signed last.

    Raises:
        SignedUnknown: the side file is missing or damaged.
    """
    if last_signed(ledger) is None:
        raise SignedUnknown(str(_beside(ledger)))


def check_signed(ledger: Path, tiles: StoredTiles, size: int) -> None:
    """Check that a log of `size` leaves contains what was signed last, if known.

    Raises:
        Forked: it is shorter, or another log.
        LedgerDamaged: its tiles cannot be read.
    """
    signed = last_signed(ledger)
    if signed is None:
        return
    if signed.size > size or _root(tiles, signed.size) != signed.root:
        raise Forked(str(ledger))


def _root(tiles: StoredTiles, size: int) -> bytes:
    try:
        return log.root(tiles, size)
    except (log.TileMissing, apsw.CorruptError) as error:
        raise LedgerDamaged("tile") from error


def _beside(ledger: Path) -> Path:
    return beside(ledger, _SUFFIX)


def _places(ledger: Path) -> list[Path]:
    """Return where the note belongs, then where earlier versions had it: by a link."""
    by_name = ledger.with_name(ledger.name + _SUFFIX)
    own = _beside(ledger)
    is_same = own.parent.resolve() / own.name == by_name.parent.resolve() / by_name.name
    return [own] if is_same else [own, by_name]
