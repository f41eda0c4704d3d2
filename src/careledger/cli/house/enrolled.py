"""Whom a hospital's registrar has checked: a file that its counter reads anew."""

from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from careledger.client.files import read_sealed_file, write_sealed_file
from careledger.client.problems import HalfWritten
from careledger.ledger.actions.base import Hash
from careledger.primitives.encoding import NotCanonical, decode, encode

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
    try:
        return decode(read_sealed_file(path, _MARKER), _People)
    except NotCanonical:
        raise HalfWritten(str(path)) from None


def enrol(home: Path, member: bytes) -> None:
    """Note that a practitioner was checked; this survives power loss."""
    people = tuple(dict.fromkeys((*enrolled(home), member)))
    write_sealed_file(home / _FILE, _MARKER, encode(people))
