"""Large blobs as files of one folder, each named by its hash in hexadecimal.

One folder, not a tree of them: the file systems we run on index names, and there
is one directory to sync. A name is 64 characters of 0-9 and a-f.
"""

import os
from pathlib import Path

from careledger.durable import sync_path
from careledger.vault.blobs import Staged
from careledger.vault.disk import disk_errors, make_folder


class Files:
    """A `BlobStore` on a file system. `put` wants files of the same file system."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, made if it is not there."""
        self._folder = folder
        make_folder(folder)

    def put(self, staged: Staged) -> None:
        """Keep a blob: its file gets its name. The bytes were synced before."""
        with disk_errors():
            # A crash before this line leaves the blob as it was.
            os.replace(staged.path, self._folder / staged.blob.hex())  # noqa: PTH105
            sync_path(self._folder)
        # COMMIT POINT above: the name survives power loss.

    def read(self, blob: bytes, start: int, size: int) -> bytes:
        """Return what is there of a range."""
        with disk_errors():
            try:
                with (self._folder / blob.hex()).open("rb", buffering=0) as file:
                    file.seek(start)
                    return file.read(size)
            except FileNotFoundError:
                return b""

    def remove(self, blob: bytes) -> None:
        """Forget a blob, if it is there."""
        with disk_errors():
            (self._folder / blob.hex()).unlink(missing_ok=True)
            sync_path(self._folder)
