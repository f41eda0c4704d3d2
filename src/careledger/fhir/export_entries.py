"""The entries of an exported record are, byte for byte, what the ledger committed to.

A blob opens with the one key that was committed, and holds the resource that stands
in the folder. An entry that is said to open for nobody must not open.
"""

from pathlib import Path

from careledger.fhir.export_problems import ExportDamaged
from careledger.fhir.export_reading import (
    EntryLine,
    SealedLine,
    proven,
    read_file,
    read_lines,
)
from careledger.fhir.exporting import (
    MISSING,
    RESOURCES,
    UNREADABLE,
    blob_path,
    exact_path,
    one_line,
    proof_path,
)
from careledger.node.state_keys import Entry, entry_key
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.hashing import sha256
from careledger.primitives.notes import VerifierKey
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.problems import Tampered


def check_entries(
    record: Path, about: list[EntryLine], proven_by: tuple[bytes, VerifierKey]
) -> None:
    """Check that every resource of a record is the one that the ledger committed to.

    Args:
        record: its folder.
        about: the lines of `entries.ndjson`.
        proven_by: the record's id, and the key that signs the log's checkpoints.

    Raises:
        ExportDamaged: one is not, or is missing.
    """
    contents = _contents(record, about)
    for number, (one, content) in enumerate(zip(about, contents, strict=True), start=1):
        _check_entry(one, _committed(record, number, one, proven_by), content)


def check_unreadable(
    record: Path, readable: int, proven_by: tuple[bytes, VerifierKey]
) -> list[SealedLine]:
    """Return the entries that do not open; their proofs follow the others'.

    Raises:
        ExportDamaged: one is not as the ledger has it, or opens.
    """
    path = record / UNREADABLE
    bad = read_lines(path, SealedLine) if path.exists() else []
    for number, one in enumerate(bad, start=readable + 1):
        committed = _committed(record, number, one, proven_by)
        if sha256(committed.blob) != committed.blob_hash or _opens(one, committed):
            raise ExportDamaged(UNREADABLE)
    return bad


def read_missing(record: Path) -> list[SealedLine]:
    """Return the entries that the export says no vault had; nothing proves that.

    Raises:
        ExportDamaged: a line is not of this kind.
    """
    path = record / MISSING
    return read_lines(path, SealedLine) if path.exists() else []


def _contents(record: Path, about: list[EntryLine]) -> list[bytes]:
    """Return the exact bytes of all resources of a record."""
    exported = read_file(record / RESOURCES).split(b"\n")[:-1]
    if len(exported) != len(about):
        raise ExportDamaged(RESOURCES)
    contents = []
    for number, (line, one) in enumerate(zip(exported, about, strict=True), start=1):
        # The place follows from the number: no path in the folder is believed.
        exact = read_file(exact_path(record, number)) if one.own_file else line
        if sha256(exact).hex() != one.sha256 or one_line(exact) != line:
            raise ExportDamaged(f"{RESOURCES}, line {number}")
        contents.append(exact)
    return contents


def _committed(
    record: Path, number: int, one: SealedLine, proven_by: tuple[bytes, VerifierKey]
) -> SealedEntry:
    """Return a sealed entry with hash and commitment as the ledger has them."""
    record_id, log_key = proven_by
    path = proof_path(record, number)
    key, value = proven(path, log_key)
    try:
        entry_id, fact = bytes.fromhex(one.entry), decode(value, Entry)
    except (NotCanonical, ValueError):
        raise ExportDamaged(path.name) from None
    if key != entry_key(record_id, entry_id):
        raise ExportDamaged(path.name)
    blob = read_file(blob_path(record, number))
    return SealedEntry(entry_id, blob, fact.blob, fact.key_commitment)


def _check_entry(one: EntryLine, committed: SealedEntry, content: bytes) -> None:
    """Check that the resource is the one that the ledger committed to."""
    try:
        same = open_entry(bytes.fromhex(one.key), committed) == content
    except (Tampered, ValueError):
        same = False
    if not same:
        raise ExportDamaged(RESOURCES)


def _opens(one: SealedLine, committed: SealedEntry) -> bool:
    try:
        open_entry(bytes.fromhex(one.key), committed)
    except Tampered:
        return False
    except ValueError:
        raise ExportDamaged(UNREADABLE) from None
    return True
