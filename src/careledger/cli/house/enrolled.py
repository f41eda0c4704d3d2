"""Whom a hospital's registrar has checked: a file that its counter reads anew."""

from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from careledger.client.files import read_message, write_message
from careledger.ledger.actions.base import Hash

_FILE: Final = "enrolled"
_MARKER: Final = b"careledger/enrolled/v1\n"
_People = Annotated[tuple[Hash, ...], Meta(max_length=100_000)]


def enrolled(home: Path) -> tuple[bytes, ...]:
    """Return the keys of the practitioners that were checked.

    Raises:
        HalfWritten: the file is cut or changed.
    """
    path = home / _FILE
    if not path.exists():
        return ()
    return read_message(path, _MARKER, _People)


def enrol(home: Path, member: bytes) -> None:
    """Note that a practitioner was checked; this survives power loss."""
    people = tuple(dict.fromkeys((*enrolled(home), member)))
    write_message(home / _FILE, _MARKER, people)
