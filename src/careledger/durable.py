"""What must outlive a power loss: one rule for ledgers, vaults and keystores."""

import os
from pathlib import Path


def sync_path(path: Path) -> None:
    """Make a file's bytes and size, or the names in a folder, survive power loss.

    A new file needs both: its own sync, and one of the folder that it is in.

    Raises:
        OSError: the disk says no.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
