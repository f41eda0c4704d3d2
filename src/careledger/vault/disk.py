"""Failures of the disk, in the vault's words; and folders that survive power loss.

Nothing else of a failure is told: an `OSError` names paths, SQLite's its tables.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from careledger.durable import sync_path
from careledger.vault.problems import VaultFull, VaultUnwell

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the disk says into what the vault says.

    Raises:
        VaultFull: no room, or none left for this user.
        VaultUnwell: anything else that a disk or SQLite can fail with.
    """
    try:
        yield
    except apsw.FullError:
        raise VaultFull from None
    except apsw.Error:
        raise VaultUnwell from None
    except OSError as error:
        raise (VaultFull if error.errno in _FULL else VaultUnwell) from None


def make_folder(folder: Path) -> None:
    """Make a folder for this user alone, if it is not there, and its name durable."""
    with disk_errors():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_path(folder.parent)
