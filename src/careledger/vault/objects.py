"""Large blobs in an object store: S3 and what speaks like it, by `obstore`.

Configured by a URL such as `s3://bucket/prefix`; credentials come from where that
library looks for them. A blob is one object, named by its hash; it appears whole
or not at all. Needs `careledger[s3]`.
"""

from importlib import import_module
from typing import Any, Final

from careledger.vault.blobs import Staged
from careledger.vault.problems import NoObjectStore, VaultUnwell

_PART: Final = 8 * 1024 * 1024
_PARTS_AT_ONCE: Final = 4


class Objects:
    """A `BlobStore` in a bucket."""

    def __init__(self, url: str, **options: Any) -> None:
        """Use the bucket and prefix of `url`.

        Args:
            url: `s3://…`, or whatever else the library knows.
            options: of the library's store, such as `endpoint`.

        Raises:
            NoObjectStore: the library is not installed.
            VaultUnwell: it does not take the URL or an option.
        """
        try:
            library = import_module("obstore.store")
            errors = import_module("obstore.exceptions")
        except ImportError:
            raise NoObjectStore from None
        self._failed = (errors.BaseError, OSError)
        try:
            self._store = library.from_url(url, **options)
        except (*self._failed, ValueError):
            raise VaultUnwell from None

    def put(self, staged: Staged) -> None:
        """Keep a blob. The store answers when it is durable (S3: on all its disks)."""
        try:
            self._store.put(
                staged.blob.hex(),
                staged.path,
                chunk_size=_PART,
                max_concurrency=_PARTS_AT_ONCE,
            )
        except self._failed:
            raise VaultUnwell from None

    def read(self, blob: bytes, start: int, size: int) -> bytes:
        """Return what is there of a range."""
        try:
            found = self._store.get_range(blob.hex(), start=start, length=size)
        except FileNotFoundError:
            return b""
        except self._failed:
            self._check_beyond(blob, start)
            return b""
        return bytes(found)

    def _check_beyond(self, blob: bytes, start: int) -> None:
        """Check that a range failed because the object ends before it.

        Raises:
            VaultUnwell: it failed for another reason.
        """
        try:
            size = self._store.head(blob.hex())["size"]
        except self._failed:
            raise VaultUnwell from None
        if start < size:
            raise VaultUnwell

    def remove(self, blob: bytes) -> None:
        """Forget a blob, if it is there."""
        try:
            self._store.delete(blob.hex())
        except FileNotFoundError:
            return
        except self._failed:
            raise VaultUnwell from None
