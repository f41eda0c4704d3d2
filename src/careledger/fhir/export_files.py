"""Writing an export: names that say nothing, files for their owner only.

Files are called after what they are and numbered; no name of a person, a record
or a file that was imported is in any of them.
"""

from pathlib import Path
from typing import Any, ClassVar

import msgspec

from careledger.client.files import make_directory, write_file
from careledger.errors import CareLedgerError


class FolderNotEmpty(CareLedgerError):
    """A folder in which something is already."""

    code: ClassVar[str] = "fhir.folder-not-empty"
    happened: ClassVar[str] = "There is something in the folder for the export."
    to_do: ClassVar[str] = "Name a new folder; nothing was changed."


def new_folder(path: Path) -> Path:
    """Make a folder for an export, or take an empty one.

    Raises:
        FolderNotEmpty: there is something in it.
        CannotWrite: it cannot be made.
    """
    make_directory(path)
    if any(path.iterdir()):
        raise FolderNotEmpty
    return path


def write_lines(path: Path, lines: list[bytes]) -> None:
    """Write NDJSON.

    Raises:
        CannotWrite: the disk says no.
    """
    write_file(path, b"".join(line + b"\n" for line in lines))


def json_line(value: Any) -> bytes:
    """Return a value as one line of JSON; bytes become hexadecimal."""
    return msgspec.json.encode(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
