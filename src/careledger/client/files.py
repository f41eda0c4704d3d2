"""Files as a home keeps them: whole or not at all, and for one user.

A file is written beside its place, synced, moved there, and its directory is
synced: after a crash it is the old one or the new one. What travels between
homes also carries a hash of itself, so that a cut copy is recognised.
"""

import contextlib
import errno
import fcntl
import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

from careledger.client.problems import CannotRead, CannotWrite, HalfWritten, TooOpen
from careledger.durable import sync_path
from careledger.primitives.encoding import NotCanonical, decode, encode
from careledger.primitives.hashing import HASH_SIZE, sha256
from careledger.sealing.chance import random_bytes

T = TypeVar("T")

_NOT_YOURS: Final = (
    "You may not read it: check the permissions of it and of the directories above."
)

_MAX_SIZE: Final = 16 * 1024 * 1024
"""Bytes of the largest file that is read whole."""

_NAME_SIZE: Final = 8
"""Random bytes in the name of a file that is being written."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
"""Everything that a mode may grant to the group and to others."""


def read_file(path: Path, most: int = _MAX_SIZE) -> bytes:
    """Return the content of a file of at most `most` bytes.

    Raises:
        CannotRead: not there, not ours, or larger than any such file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(content) > most:
        raise CannotRead(f"{path}: too large")
    return content


def unreadable(path: Path, error: OSError) -> CannotRead:
    """Return that a file cannot be read, and what helps in this very case."""
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return CannotRead(
                str(path), "Nothing is at this path: check how it is spelt."
            )
        case IsADirectoryError():
            return CannotRead(
                str(path), "A directory is at this path, where a file should be."
            )
        case PermissionError():
            return CannotRead(str(path), _NOT_YOURS)
        case _:
            return CannotRead(str(path))


def check_private(path: Path) -> None:
    """Check that a file, or a directory, is for its owner only.

    Where a system has no such permissions, there is nothing to check.

    Raises:
        CannotRead: it is not there.
        TooOpen: others may read or change it; says how to close it.
    """
    if os.name != "posix":
        return
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if found.st_mode & _OTHERS:
        mode = "700" if stat.S_ISDIR(found.st_mode) else "600"
        close = f"Run: chmod {mode} {shlex.quote(str(path))}"
        raise TooOpen(str(path), f"{close} – then ask who may have copied it.")


def write_file(path: Path, content: bytes) -> None:
    """Put a file in its place, readable by its owner only.

    When this returns, the file survives power loss.

    Raises:
        CannotWrite: no such directory, not ours, or the disk is full.
    """
    # Nobody can have put a link or a file of theirs under a name drawn just now.
    beside = path.with_name(f".{path.name}.{random_bytes(_NAME_SIZE).hex()}.new")
    try:
        _write_synced(beside, content)
        # COMMIT POINT. Before it, a crash leaves the old file and a stray one.
        beside.replace(path)
        sync_path(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> CannotWrite:
    """Return that a file cannot be written, and what helps in this very case."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            advice = "The disk is full: make room on it, then run the same again."
        case errno.EROFS:
            advice = "The disk is read-only: make it writable, or use another place."
        case errno.ENOENT | errno.ENOTDIR:
            advice = "The directory that it should be in is not there: make it first."
        case _:
            advice = ""
    return CannotWrite(str(path), advice)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let other commands that change a file of this folder wait until this one has.

    Raises:
        CannotRead: no such folder, or not ours.
    """
    try:
        held = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise unreadable(folder, error) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def make_directory(path: Path) -> None:
    """Make a directory that only its owner can enter, if it is not there.

    Raises:
        CannotWrite: something else is there, or the parent is not ours.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        # A parent that we may enter and not list cannot be synced by us.
        with contextlib.suppress(PermissionError):
            sync_path(path.parent)
    except OSError as error:
        raise CannotWrite(str(path)) from error


def read_sealed_file(path: Path, marker: bytes) -> bytes:
    """Return the content of a file that `write_sealed_file` wrote.

    Raises:
        CannotRead: as for `read_file`.
        HalfWritten: cut, changed, or of another kind.
    """
    whole = read_file(path)
    body, checksum = whole[:-HASH_SIZE], whole[-HASH_SIZE:]
    if not body.startswith(marker) or sha256(body) != checksum:
        raise HalfWritten(str(path))
    return body[len(marker) :]


def read_private_sealed_file(path: Path, marker: bytes) -> bytes:
    """Return the content of a sealed file with keys.

    Raises:
        CannotRead, HalfWritten: as for `read_sealed_file`.
        TooOpen: as for `check_private`.
    """
    check_private(path)
    return read_sealed_file(path, marker)


def write_sealed_file(path: Path, marker: bytes, content: bytes) -> None:
    """Write `content` between a marker that names its kind and a SHA-256.

    Raises:
        CannotWrite: as for `write_file`.
    """
    body = marker + content
    write_file(path, body + sha256(body))


def read_message(path: Path, marker: bytes, kind: type[T]) -> T:
    """Return what `write_message` put into a file.

    Raises:
        CannotRead: as for `read_file`.
        HalfWritten: cut, changed, of another kind, or not canonical.
    """
    try:
        return decode(read_sealed_file(path, marker), kind)
    except NotCanonical:
        raise HalfWritten(str(path)) from None


def write_message(path: Path, marker: bytes, message: object) -> None:
    """Write the encoding of `message` as `write_sealed_file` does.

    Raises:
        CannotWrite: as for `write_file`.
    """
    write_sealed_file(path, marker, encode(message))


def _write_synced(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
