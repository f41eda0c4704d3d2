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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from careledger import offline
from careledger.client.problems import HalfWritten
from careledger.client.trust import parse_trust
from careledger.fhir.export_entries import check_entries, check_unreadable, read_missing
from careledger.fhir.export_extra import (
    check_nothing_more,
    files_of_export,
    files_of_record,
)
from careledger.fhir.export_history import check_history, check_none_missing
from careledger.fhir.export_list import ListedRecord, folder_name, read_list
from careledger.fhir.export_problems import (
    EntriesMissing,
    ExportDamaged,
    OtherKeys,
    RecordsMissing,
)
from careledger.fhir.export_reading import EntryLine, EventLine, read_file, read_lines
from careledger.fhir.exporting import ENTRIES, HISTORY, HISTORY_PROOF
from careledger.primitives.hashing import sha256
from careledger.primitives.notes import VerifierKey

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
        beyond_home: ids, hexadecimal, of records that the home which was asked does
            not know: its keystore may be an older one.
        missing: ids, hexadecimal, of entries that no vault had; none in a good folder.
    """

    records: int
    resources: int
    events: int
    erased: int
    unreadable: int
    beyond_home: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def check_export(
    folder: Path, log_key: VerifierKey, known: Collection[bytes] | None = None
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
        EntriesMissing: all of it is good, and it names entries that it lacks.
    """
    listed, belong = read_list(folder), files_of_export(folder)
    _check_keys(folder, log_key)
    found = []
    for one in listed:
        checked, files = _check_record(folder / one.folder, one, log_key)
        found.append(checked)
        belong |= files
    check_nothing_more(folder, belong)
    beyond_home = _compare(listed, known)
    # Said last, and never called good: who takes an entry out could list it so.
    if gone := [each for one in found for each in one.missing]:
        raise EntriesMissing(", ".join(gone))
    return replace(_sum(found), beyond_home=beyond_home)


def _compare(
    listed: list[ListedRecord], known: Collection[bytes] | None
) -> tuple[str, ...]:
    """Return the records that the home does not know, where it was asked.

    Raises:
        RecordsMissing: the export lacks records of `known`.
    """
    if known is None:
        return ()
    here, home = {one.record for one in listed}, {one.hex() for one in known}
    if missing := home - here:
        raise RecordsMissing(", ".join(sorted(missing)))
    return tuple(sorted(here - home))


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
    about = read_lines(record / ENTRIES, EntryLine)
    history = read_lines(record / HISTORY, EventLine)
    record_id = check_history(record, history, log_key)
    if (record_id.hex(), _proof_hash(record)) != (listed.record, listed.history_proof):
        raise ExportDamaged(record.name)
    check_entries(record, about, (record_id, log_key))
    bad = check_unreadable(record, len(about), (record_id, log_key))
    gone = read_missing(record)
    erased = check_none_missing(record, [*about, *bad, *gone], history)
    own_files = [one.own_file for one in about]
    files = files_of_record(record, own_files, len(bad), len(gone))
    ids = tuple(one.entry for one in gone)
    checked = Checked(1, len(about), len(history), erased, len(bad), missing=ids)
    return checked, files


def _proof_hash(record: Path) -> str:
    return sha256(read_file(record / HISTORY_PROOF)).hex()


def _check_keys(folder: Path, log_key: VerifierKey) -> None:
    """Tell keys of another network from a folder that was changed.

    Raises:
        OtherKeys: the first proof holds by the folder's own key, not by this one.
    """
    first, own = folder / folder_name(1) / HISTORY_PROOF, folder / "network.keys"
    if not own.is_file() or _holds(first, str(log_key)):
        return
    with suppress(HalfWritten):
        keys = parse_trust(read_file(own), own.name).log
        if any(_holds(first, key) for key in keys):
            raise OtherKeys


def _holds(proof: Path, log_key: str) -> bool:
    try:
        offline.verify(read_file(proof), [[log_key], [], []], int(time.time()))
    except (offline.ProofRefused, ExportDamaged):
        return False
    return True
