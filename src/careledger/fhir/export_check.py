"""Check an exported folder offline: nothing changed, nothing missing.

It needs the folder and the key of the network's log, and no node. It shows that
each resource is, byte for byte, what the ledger committed to (its blob opens with
the one key that was committed); that the history is complete, for the ledger's
own counter and running hash say so under a signed checkpoint; and that no entry
of that history is left out but those that their owner had erased. Every record
that the export's list names is there, and nothing that does not belong there.
"""

import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from careledger import offline
from careledger.client.problems import HalfWritten
from careledger.client.trust import parse_trust
from careledger.fhir.export_extra import (
    check_nothing_more,
    files_of_export,
    files_of_record,
)
from careledger.fhir.export_list import ListedRecord, folder_name, read_list
from careledger.fhir.export_problems import ExportDamaged, OtherKeys, RecordsMissing
from careledger.fhir.exporting import (
    ENTRIES,
    HISTORY,
    HISTORY_PROOF,
    RESOURCES,
    UNREADABLE,
    blob_path,
    exact_path,
    one_line,
    proof_path,
)
from careledger.ledger.actions.records import Append, Erase
from careledger.ledger.envelopes import Core
from careledger.ledger.history import NotComplete, check_complete
from careledger.node.state_keys import Entry, Trail, entry_key, trail_key
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.hashing import sha256
from careledger.primitives.notes import VerifierKey
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.problems import Tampered

NOT_COVERED: Final = (
    "summary.html",
    "summary.pdf",
    "disclosures.csv",
    "disclosures.pdf",
    "README.txt",
    "verify.py",
    "network.keys",
    "record-N/reader.html",
    "type, size, added, author and corrects in record-N/entries.ndjson",
    "time, verdict and actions in record-N/history.ndjson",
)
"""What a check proves nothing about: for people to read, or a node's word."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a good folder holds.

    Attributes:
        records: care contexts.
        resources: of all of them.
        events: of all of them.
        erased: entries in the history whose owner had them erased.
        unreadable: entries said to open for nobody; that the key in the folder
            is theirs can be seen where the ledger's commitment is to it.
    """

    records: int
    resources: int
    events: int
    erased: int
    unreadable: int


class _Sealed(msgspec.Struct):
    """A line of `unreadable.ndjson`, as far as it is checked."""

    entry: str
    key: str


class _About(_Sealed):
    """A line of `entries.ndjson`, as far as it is checked."""

    sha256: str
    own_file: bool


class _Event(msgspec.Struct):
    """A line of `history.ndjson`, as far as it is checked."""

    transaction: str
    verdict: str
    core: str


def check_export(
    folder: Path, log_key: VerifierKey, known: Collection[bytes] = ()
) -> Checked:
    """Check a folder that `export_patient` wrote.

    Args:
        folder: the whole of it.
        log_key: signs the log's checkpoints; from the network's genesis file, not
            from the folder.
        known: ids of the records that its owner's home has, where that is asked.

    Raises:
        NoExport: there is none in this place.
        OtherKeys: its proofs are signed, with the key that lies in the folder.
        ExportDamaged: a file or a record is changed or missing.
        NotOfTheExport: something lies in it that no export wrote there.
        RecordsMissing: it lacks records of `known`.
    """
    listed, belong = read_list(folder), files_of_export(folder)
    _check_keys(folder, log_key)
    found = []
    for one in listed:
        checked, files = _check_record(folder / one.folder, one, log_key)
        found.append(checked)
        belong |= files
    check_nothing_more(folder, belong)
    if missing := {one.hex() for one in known} - {one.record for one in listed}:
        raise RecordsMissing(", ".join(sorted(missing)))
    return _sum(found)


def _sum(found: list[Checked]) -> Checked:
    return Checked(
        sum(one.records for one in found),
        sum(one.resources for one in found),
        sum(one.events for one in found),
        sum(one.erased for one in found),
        sum(one.unreadable for one in found),
    )


def _check_record(
    record: Path, listed: ListedRecord, log_key: VerifierKey
) -> tuple[Checked, set[Path]]:
    """Check one record; return what it holds, and the files that belong to it."""
    if not record.is_dir():
        raise ExportDamaged(record.name)
    about = _lines(record / ENTRIES, _About)
    history = _lines(record / HISTORY, _Event)
    record_id = _check_history(record, history, log_key)
    if (record_id.hex(), _proof_hash(record)) != (listed.record, listed.history_proof):
        raise ExportDamaged(record.name)
    contents = _contents(record, about)
    for number, one in enumerate(about, start=1):
        committed = _committed(record, number, one, (record_id, log_key))
        _check_entry(one, committed, contents[number - 1])
    bad = _unreadable(record, len(about), (record_id, log_key))
    erased = _check_none_missing(record, [*about, *bad], history)
    files = files_of_record(record, [one.own_file for one in about], len(bad))
    return Checked(1, len(about), len(history), erased, len(bad)), files


def _proof_hash(record: Path) -> str:
    return sha256(_read(record / HISTORY_PROOF)).hex()


def _check_keys(folder: Path, log_key: VerifierKey) -> None:
    """Tell keys of another network from a folder that was changed.

    Raises:
        OtherKeys: the first proof holds by the folder's own key, not by this one.
    """
    first, own = folder / folder_name(1) / HISTORY_PROOF, folder / "network.keys"
    if not own.is_file() or _holds(first, str(log_key)):
        return
    with suppress(HalfWritten):
        keys = parse_trust(_read(own), own.name).log
        if any(_holds(first, key) for key in keys):
            raise OtherKeys


def _holds(proof: Path, log_key: str) -> bool:
    try:
        offline.verify(_read(proof), [[log_key], [], []], int(time.time()))
    except (offline.ProofRefused, ExportDamaged):
        return False
    return True


def _contents(record: Path, about: list[_About]) -> list[bytes]:
    """Return the exact bytes of all resources of a record."""
    lines = _read(record / RESOURCES).split(b"\n")[:-1]
    if len(lines) != len(about):
        raise ExportDamaged(RESOURCES)
    contents = []
    for number, (line, one) in enumerate(zip(lines, about, strict=True), start=1):
        # The place follows from the number: no path in the folder is believed.
        exact = _read(exact_path(record, number)) if one.own_file else line
        if sha256(exact).hex() != one.sha256 or one_line(exact) != line:
            raise ExportDamaged(f"{RESOURCES}, line {number}")
        contents.append(exact)
    return contents


def _check_history(record: Path, history: list[_Event], log_key: VerifierKey) -> bytes:
    """Check that the history is complete; return the record's id."""
    key, value = _proven(record / HISTORY_PROOF, log_key)
    record_id = key[1:]
    try:
        if trail_key(record_id) != key:
            raise ExportDamaged(HISTORY_PROOF)
        ids = [bytes.fromhex(one.transaction) for one in history]
        check_complete(ids, decode(value, Trail).history)
    except (NotComplete, NotCanonical, ValueError):
        raise ExportDamaged(HISTORY) from None
    return record_id


def _committed(
    record: Path, number: int, one: _Sealed, proven_by: tuple[bytes, VerifierKey]
) -> SealedEntry:
    """Return a sealed entry with hash and commitment as the ledger has them."""
    record_id, log_key = proven_by
    path = proof_path(record, number)
    key, value = _proven(path, log_key)
    try:
        entry_id, fact = bytes.fromhex(one.entry), decode(value, Entry)
    except (NotCanonical, ValueError):
        raise ExportDamaged(path.name) from None
    if key != entry_key(record_id, entry_id):
        raise ExportDamaged(path.name)
    blob = _read(blob_path(record, number))
    return SealedEntry(entry_id, blob, fact.blob, fact.key_commitment)


def _check_entry(one: _About, committed: SealedEntry, content: bytes) -> None:
    """Check that the resource is the one that the ledger committed to."""
    try:
        same = open_entry(bytes.fromhex(one.key), committed) == content
    except (Tampered, ValueError):
        same = False
    if not same:
        raise ExportDamaged(RESOURCES)


def _unreadable(
    record: Path, readable: int, proven_by: tuple[bytes, VerifierKey]
) -> list[_Sealed]:
    """Return the entries that do not open; their proofs follow the others'.

    Raises:
        ExportDamaged: one is not as the ledger has it, or opens.
    """
    path = record / UNREADABLE
    bad = _lines(path, _Sealed) if path.exists() else []
    for number, one in enumerate(bad, start=readable + 1):
        committed = _committed(record, number, one, proven_by)
        if sha256(committed.blob) != committed.blob_hash or _opens(one, committed):
            raise ExportDamaged(UNREADABLE)
    return bad


def _opens(one: _Sealed, committed: SealedEntry) -> bool:
    try:
        open_entry(bytes.fromhex(one.key), committed)
    except Tampered:
        return False
    except ValueError:
        raise ExportDamaged(UNREADABLE) from None
    return True


def _check_none_missing(
    record: Path, about: list[_Sealed], history: list[_Event]
) -> int:
    """Check that every entry of the history is here or erased; count the latter."""
    added: set[str] = set()
    erased: set[str] = set()
    everything = False
    for action in _actions(history):
        match action:
            case Append():
                added |= {each.entry.hex() for each in action.entries}
            case Erase():
                erased |= {each.hex() for each in action.entries}
                everything = everything or not action.entries
    here = {one.entry for one in about}
    missing = added - here
    if len(here) != len(about) or here - added or (missing - erased and not everything):
        raise ExportDamaged(str(record.name + "/" + ENTRIES))
    return len(missing)


def _actions(history: list[_Event]) -> list[Any]:
    """Return the actions of all events that were not refused."""
    actions: list[Any] = []
    for one in history:
        try:
            core = bytes.fromhex(one.core)
            content = decode(core, Core)
        except (NotCanonical, ValueError):
            raise ExportDamaged(HISTORY) from None
        if sha256(core).hex() != one.transaction:
            raise ExportDamaged(HISTORY)
        actions += content.actions if one.verdict == "ok" else ()
    return actions


def _proven(path: Path, log_key: VerifierKey) -> tuple[bytes, bytes]:
    """Return the state key and the value that a proof file proves."""
    trust: list[list[str]] = [[str(log_key)], [], []]
    try:
        fact = offline.verify(_read(path), trust, int(time.time()))
        return bytes.fromhex(fact["key"]), bytes.fromhex(fact["value"] or "")
    except (offline.ProofRefused, KeyError):
        raise ExportDamaged(path.name) from None


def _lines(path: Path, kind: type[Any]) -> list[Any]:
    try:
        return [
            msgspec.json.decode(line, type=kind) for line in _read(path).splitlines()
        ]
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ExportDamaged(path.name) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ExportDamaged(path.name) from None
