"""Where large blobs arrive: a file without a name that anybody would look for.

A blob gets its name only when all its bytes are on disk and hashed, so that a cut
upload, a full disk or a crash leaves no part of a blob. Memory is constant:
hashing goes on while a second thread writes, a few blocks ahead at most.
"""

import fcntl
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import Final

from careledger.primitives.hashing import RunningHash, sha256
from careledger.vault.blobs import BLOCK, SMALL, Staged, in_blocks, staged_whole
from careledger.vault.disk import disk_errors, make_folder
from careledger.vault.problems import OverQuota

_AHEAD: Final = 16
"""Blocks that may wait for the disk."""

_SYNC_EVERY: Final = 32
"""Blocks after which the disk is told to write, so that the last sync is short."""

_USERS: Final = "users"


class Staging:
    """A folder of arriving blobs, shared by the processes that have the vault open."""

    def __init__(self, folder: Path) -> None:
        """Open the folder; clear what a crash left in it."""
        self._folder = folder
        make_folder(folder)
        with disk_errors():
            self._users = os.open(folder / _USERS, os.O_RDWR | os.O_CREAT, 0o600)
            self._enter()

    def _enter(self) -> None:
        """Join the users. Only who finds nobody else here may clear."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            for path in self._folder.iterdir():
                if path.name != _USERS:
                    path.unlink()
        fcntl.flock(self._users, fcntl.LOCK_SH)

    @contextmanager
    def receive(self, pieces: Iterable[bytes], limit: int) -> Iterator[Staged]:
        """Take a blob in; whatever nobody has moved is gone afterwards.

        Args:
            pieces: the blob, in parts of any size. What they raise goes through.
            limit: bytes that it may have.

        Raises:
            OverQuota: it has more.
            VaultFull: no room.
            VaultUnwell: the disk failed.
        """
        blocks = _limited(in_blocks(pieces), limit)
        first = next(blocks, b"")
        if len(first) <= SMALL:
            yield staged_whole(first)
            return
        path = self._folder / token_hex(16)
        try:
            yield _write(path, first, blocks)
        finally:
            with disk_errors():
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the folder."""
        os.close(self._users)


def _limited(blocks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise OverQuota
        yield block


def _write(path: Path, first: bytes, rest: Iterable[bytes]) -> Staged:
    """Write a blob's blocks to a file; return it when all is on disk."""
    digest, blocks, size = RunningHash(), bytearray(), 0
    with _writing(path) as writer:
        for block in chain([first], rest):
            writer.write(block)
            digest.update(block)
            blocks += sha256(block)
            size += len(block)
        writer.finish()
    several = bytes(blocks) if size > BLOCK else b""
    return Staged(digest.digest(), size, several, path=path)


@contextmanager
def _writing(path: Path) -> Iterator["_Writer"]:
    with disk_errors():
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with ThreadPoolExecutor(1) as pool:
            yield _Writer(file, pool)
    finally:
        os.close(file)


class _Writer:
    """Writes a file behind the back of who fills it."""

    def __init__(self, file: int, pool: ThreadPoolExecutor) -> None:
        self._file, self._pool = file, pool
        self._waiting: deque[Future[None]] = deque()
        self._count = 0

    def write(self, block: bytes) -> None:
        """Have a block written; wait only if the disk is far behind."""
        self._count += 1
        sync = self._count % _SYNC_EVERY == 0
        self._waiting.append(self._pool.submit(_append, self._file, block, sync=sync))
        if len(self._waiting) > _AHEAD:
            self._one_less()

    def finish(self) -> None:
        """Return when everything is on disk."""
        while self._waiting:
            self._one_less()
        with disk_errors():
            os.fsync(self._file)

    def _one_less(self) -> None:
        with disk_errors():
            self._waiting.popleft().result()


def _append(file: int, block: bytes, *, sync: bool) -> None:
    left = memoryview(block)
    while left:
        left = left[os.write(file, left) :]
    if sync:
        os.fsync(file)
