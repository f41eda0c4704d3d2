"""Whose bundles the demonstration plays with: the bundled patients, or one's own.

A file of hospitals or practitioners only is told by its content, never by its name.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from careledger import demo_data
from careledger.cli.demo.problems import NoBundles
from careledger.client.problems import CannotRead
from careledger.errors import CareLedgerError
from careledger.fhir.files import fhir_files, read_pieces
from careledger.fhir.reference_store import REFERENCE_TYPES
from careledger.fhir.sources import Source, bytes_source, file_source

_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class Bundles:
    """What is to be imported.

    Attributes:
        reference: hospitals and practitioners, for the reference store.
        patients: one bundle each.
    """

    reference: tuple[Source, ...]
    patients: tuple[Source, ...]


class _Kind(msgspec.Struct):
    kind: str = msgspec.field(default="", name="resourceType")


def bundled(most: int | None = None) -> Bundles:
    """Return the bundled patients, at most so many."""
    found = islice(demo_data.patients(), most)
    return Bundles(
        (
            bytes_source("hospitals", demo_data.hospitals()),
            bytes_source("practitioners", demo_data.practitioners()),
        ),
        tuple(
            bytes_source(f"patient {number}", content)
            for number, content in enumerate(found, start=1)
        ),
    )


def own_bundles(folder: Path, most: int | None = None) -> Bundles:
    """Return the bundles in a directory, at most so many patients' ones.

    Nothing is held in memory: each file is read when its turn comes.

    Raises:
        CannotRead: no directory, or none of this user's.
        NoBundles: no patient's bundle is in it.
        NotABundle, WrongBundleType, WrongEncoding: `detail` names the file.
    """
    try:
        files = [one for one in fhir_files(folder) if one.suffix == _SUFFIX]
    except OSError:
        raise CannotRead(str(folder)) from None
    sources = [file_source(one) for one in files]
    public = [one for one in sources if _is_reference(one)]
    patients = [one for one in sources if one not in public]
    if not patients:
        raise NoBundles(str(folder))
    return Bundles(tuple(public), tuple(patients[:most]))


def slices(source: Source) -> Iterator[bytes]:
    """Yield the exact bytes of each resource of a bundle, in order."""
    with closing(source.open()) as stream:
        for piece in read_pieces(stream, lines=source.lines):
            yield piece.raw


def _is_reference(source: Source) -> bool:
    try:
        return all(_kind(raw) in REFERENCE_TYPES for raw in slices(source))
    except CareLedgerError as error:
        raise type(error)(source.name) from None


def _kind(raw: bytes) -> str:
    """Return the type of a resource; empty: the import will say what is wrong."""
    try:
        return msgspec.json.decode(raw, type=_Kind).kind
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
