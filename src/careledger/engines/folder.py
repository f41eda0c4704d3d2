"""A folder on disk: the names in it, and where what belongs to a ledger lies."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive power loss."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def beside(ledger: Path, suffix: str) -> Path:
    """Return the path of a side file, which all names of one ledger share.

    It is beside the ledger's file itself; where a link leads to no folder, beside it.
    """
    real = ledger.resolve()
    place = real if real.parent.is_dir() else ledger
    return place.with_name(place.name + suffix)
