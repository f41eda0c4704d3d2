"""The list of the records of an export, so that a whole one cannot be lost unseen.

    {"folder":"record-1","record":"…","history_proof":"…"}

A line names a folder, the record in it, and the SHA-256 of the proof of its history:
folders cannot change places, nor come from two exports. The list itself is not
signed: who makes a shorter one has another, smaller export. Whether its owner has
more records only the owner's home can tell.
"""

from pathlib import Path
from typing import Final

import msgspec

from careledger.fhir.export_files import json_line, write_lines
from careledger.fhir.export_problems import ExportDamaged, NoExport
from careledger.primitives.hashing import sha256

RECORDS: Final = "records.ndjson"


class ListedRecord(msgspec.Struct, frozen=True):
    """A line of the list.

    Attributes:
        folder: its name.
        record: id, hexadecimal.
        history_proof: SHA-256 of the file, hexadecimal.
    """

    folder: str
    record: str
    history_proof: str


def write_list(folder: Path, records: list[tuple[bytes, bytes]]) -> None:
    """Write the list; `records` has the id and the history's proof of each.

    Raises:
        CannotWrite: the disk says no.
    """
    lines = [
        ListedRecord(folder_name(number), record.hex(), sha256(proof).hex())
        for number, (record, proof) in enumerate(records, start=1)
    ]
    write_lines(
        folder / RECORDS, [json_line(msgspec.structs.asdict(one)) for one in lines]
    )


def read_list(folder: Path) -> list[ListedRecord]:
    """Return the list of an export, in the order of its folders.

    Raises:
        NoExport: there is neither a list nor a record.
        ExportDamaged: it is not there, empty, or not as an export writes it.
    """
    if not folder.is_dir() or not _looks_exported(folder):
        raise NoExport(str(folder))
    try:
        raw = (folder / RECORDS).read_bytes().splitlines()
        listed = [msgspec.json.decode(line, type=ListedRecord) for line in raw]
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        raise ExportDamaged(RECORDS) from None
    # No path in the folder is believed: the names follow from the numbers.
    names = [folder_name(number + 1) for number in range(len(listed))]
    if not listed or [one.folder for one in listed] != names:
        raise ExportDamaged(RECORDS)
    if len({one.record for one in listed}) != len(listed):
        raise ExportDamaged(RECORDS)
    return listed


def folder_name(number: int) -> str:
    """Return the name of the folder of a record, counted from 1."""
    return f"record-{number}"


def _looks_exported(folder: Path) -> bool:
    return (folder / RECORDS).exists() or any(folder.glob("record-*"))
