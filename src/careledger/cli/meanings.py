"""What an error of the machine means: a file, a disk, or a fault of our own.

What can be foreseen has its code where it happens. This is for the rest: any file
may be gone, closed, read-only, or have a directory in its place.
"""

import errno
import os
import shutil
from pathlib import Path
from typing import Final

import apsw

from careledger.cli.machine_problems import DiskFull
from careledger.cli.problems import Fault
from careledger.client.files import unreadable, unwritable
from careledger.client.problems import CannotWrite
from careledger.errors import CareLedgerError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ROOM: Final = 64 * 1024
"""Free bytes that are too few for SQLite to open a ledger."""

_CLOSED: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_NOT_A_FILE: Final = frozenset({errno.ENOENT, errno.EISDIR, errno.ENOTDIR})


def meaning(error: Exception, home: Path) -> CareLedgerError:
    """Return what an exception that nobody caught says.

    Args:
        error: the exception.
        home: named where the error names no file: SQLite does not tell which.
    """
    if is_disk_full(error, home):
        return DiskFull(_named(error) or str(home))
    match error:
        case apsw.CantOpenError():
            return unreadable(home, PermissionError(errno.EACCES, ""))
        case apsw.ReadOnlyError():
            return CannotWrite(str(home))
        case OSError():
            return _of_a_file(error, home)
        case _:
            return Fault(type(error).__name__)


def is_disk_full(error: BaseException | None, place: Path) -> bool:
    """Tell whether an error comes of a full disk.

    Args:
        error: what was raised, if anything was.
        place: on the disk that may be full.
    """
    match error:
        case OSError():
            return error.errno in _FULL
        case apsw.IOError():  # beside its file SQLite says only that it failed
            return shutil.disk_usage(place).free < _NO_ROOM
        case _:
            return isinstance(error, apsw.FullError)


def _named(error: Exception) -> str:
    """Return the file that an error names, or nothing: some name a descriptor."""
    name = getattr(error, "filename", None)
    return os.fspath(name) if isinstance(name, str | os.PathLike) else ""


def _of_a_file(error: OSError, home: Path) -> CareLedgerError:
    named = _named(error)
    path = Path(named) if named else home
    if named and error.errno in _NOT_A_FILE:
        return unreadable(path, error)
    if error.errno in _CLOSED:
        hidden = path.exists() and not os.access(str(path), os.R_OK)
        return unreadable(path, error) if hidden else unwritable(path, error)
    return Fault(errno.errorcode.get(error.errno or 0, type(error).__name__))
