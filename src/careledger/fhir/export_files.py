"""Writing an export: names that say nothing, files for their owner only.

Files are called after what they are and numbered; no name of a person, a record
or a file that was imported is in any of them.
"""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec

from careledger.client.files import make_directory
from careledger.client.problems import CannotWrite
from careledger.client.shown import shown_json
from careledger.durable import sync_path
from careledger.errors import CareLedgerError

_UNFINISHED: Final = ".unfinished"
_MARK: Final = "UNFINISHED-EXPORT"
_AT_ONCE: Final = 32
"""Files that are synced at the same time."""


class FolderNotEmpty(CareLedgerError):
    """A folder in which something is already."""

    code: ClassVar[str] = "fhir.folder-not-empty"
    happened: ClassVar[str] = "There is something in the folder for the export."
    to_do: ClassVar[str] = "Name a new folder; nothing was changed."


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Fill a folder that is there whole in the end, or not at all.

    It is filled beside its place, under a name that says so; what an export that
    was killed has left there is removed by the next one.

    Raises:
        FolderNotEmpty: there is something in it.
        CannotWrite: it cannot be made, or the disk is full; nothing is left of it.
    """
    path = path.absolute()
    _check_free(path)
    beside = path.parent / (path.name + _UNFINISHED)
    _clear(beside)
    make_directory(beside)
    try:
        put_file(beside / _MARK, b"")
        yield beside
        _put_in_place(beside, path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check_free(path: Path) -> None:
    try:
        if os.path.lexists(path) and any(path.iterdir()):
            raise FolderNotEmpty
    except OSError:
        raise CannotWrite(str(path)) from None


def _clear(beside: Path) -> None:
    """Remove what an export has left; nothing else.

    Raises:
        FolderNotEmpty: no export was here; `detail` names it.
    """
    if not os.path.lexists(beside):
        return
    if not (beside / _MARK).is_file():
        raise FolderNotEmpty(str(beside))
    shutil.rmtree(beside, ignore_errors=True)


def _put_in_place(beside: Path, path: Path) -> None:
    try:
        (beside / _MARK).unlink()
        _sync_everything(beside)
        # COMMIT POINT. Before it, a crash leaves a folder that says it is unfinished.
        beside.rename(path)
        sync_path(path.parent)
    except OSError:
        raise CannotWrite(str(path)) from None


def _sync_everything(folder: Path) -> None:
    """Make all files survive power loss: thousands of small ones, many at a time."""
    paths = sorted(folder.rglob("*"))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # A disk syncs what many ask for together in about the time of one.
        list(pool.map(sync_path, [one for one in paths if one.is_file()]))
    for directory in [*(one for one in paths if one.is_dir()), folder]:
        sync_path(directory)


def put_file(path: Path, content: bytes) -> None:
    """Write one file of an export, readable by its owner only.

    It survives power loss when the whole folder is in its place, not before.

    Raises:
        CannotWrite: the disk says no.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(content)
    except OSError:
        raise CannotWrite(str(path)) from None


def write_lines(path: Path, lines: list[bytes]) -> None:
    """Write NDJSON.

    Raises:
        CannotWrite: the disk says no.
    """
    put_file(path, b"".join(line + b"\n" for line in lines))


def json_line(value: Any) -> bytes:
    """Return a value as one line of JSON; bytes become hexadecimal."""
    return shown_json(msgspec.json.encode(_plain(value)).decode()).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
