"""Whatever lies in an exported folder and belongs to no export is named.

What is not checked must not lie among what is: a forged record behind a gap, or a
file beside the listed ones, would be read as if the check had covered it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from careledger.fhir.export_list import RECORDS
from careledger.fhir.export_problems import NotOfTheExport
from careledger.fhir.exporting import (
    ENTRIES,
    HISTORY,
    HISTORY_PROOF,
    MISSING,
    RESOURCES,
    UNREADABLE,
    blob_path,
    exact_path,
    proof_path,
)

_READABLE: Final = ("summary.html", "summary.pdf", "disclosures.csv", "disclosures.pdf")
_CHECKING: Final = ("README.txt", "verify.py", "network.keys")
_LISTS: Final = (RESOURCES, ENTRIES, HISTORY, HISTORY_PROOF, "reader.html")


def files_of_export(folder: Path) -> set[Path]:
    """Return what lies at the top of every export."""
    return {folder / name for name in (*_READABLE, *_CHECKING, RECORDS)}


def files_of_record(
    record: Path, own_files: list[bool], unreadable: int, missing: int
) -> set[Path]:
    """Return what belongs into the folder of a record, and it.

    Args:
        record: the folder.
        own_files: for each entry that opens, whether a file has its exact bytes.
        unreadable: how many entries do not open.
        missing: how many no vault had.
    """
    lists = {record / MISSING} if missing else set()
    return lists | set(_files_of_record(record, own_files, unreadable))


def _files_of_record(
    record: Path, own_files: list[bool], unreadable: int
) -> Iterator[Path]:
    yield from (record, *(record / name for name in _LISTS))
    yield from (
        place(record, 1).parent for place in (exact_path, proof_path, blob_path)
    )
    if unreadable:
        yield record / UNREADABLE
    for number in range(1, len(own_files) + unreadable + 1):
        yield from (proof_path(record, number), blob_path(record, number))
    for number, own in enumerate(own_files, start=1):
        if own:
            yield exact_path(record, number)


def check_nothing_more(folder: Path, belong: set[Path]) -> None:
    """Check that nothing else is in a folder.

    Raises:
        NotOfTheExport: something is, or leads out of the folder.
    """
    for path in sorted(folder.rglob("*")):
        if path not in belong or path.is_symlink():
            raise NotOfTheExport(path.relative_to(folder).as_posix())
