"""A folder on disk: the names in it."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive power loss."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
