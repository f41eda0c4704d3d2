"""Check an exported folder offline: nothing changed, nothing missing.

It needs the folder and the key of the network's log, and no node. It shows that
each resource is, byte for byte, what the ledger committed to (its blob opens with
the one key that was committed); that the history is complete, for the ledger's
own counter and running hash say so under a signed checkpoint; and that no entry
of that history is left out but those that their owner had erased.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec

from careledger import offline
from careledger.errors import CareLedgerError
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


class ExportDamaged(CareLedgerError):
    """A folder that is not what was exported; `detail` names the file."""

    code: ClassVar[str] = "fhir.export-damaged"
    happened: ClassVar[str] = "The exported folder was changed, or is not complete."
    to_do: ClassVar[str] = "Use another copy, or export again."


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


def check_export(folder: Path, log_key: VerifierKey) -> Checked:
    """Check a folder that `export_patient` wrote.

    Args:
        folder: the whole of it.
        log_key: signs the log's checkpoints; from the network's genesis file, not
            from the folder.

    Raises:
        ExportDamaged: anything at all is wrong.
    """
    count = 0
    resources = events = erased = unreadable = 0
    while (record := folder / f"record-{count + 1}").is_dir():
        count += 1
        about = _lines(record / ENTRIES, _About)
        history = _lines(record / HISTORY, _Event)
        record_id = _check_history(record, history, log_key)
        contents = _contents(record, about)
        for number, one in enumerate(about, start=1):
            committed = _committed(record, number, one, (record_id, log_key))
            _check_entry(one, committed, contents[number - 1])
        bad = _unreadable(record, len(about), (record_id, log_key))
        erased += _check_none_missing(record, [*about, *bad], history)
        unreadable += len(bad)
        resources, events = resources + len(about), events + len(history)
    if not count:
        raise ExportDamaged(folder.name)
    return Checked(count, resources, events, erased, unreadable)


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
