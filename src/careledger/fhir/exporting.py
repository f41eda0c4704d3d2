"""Export: everything a patient has, to keep and to read without CareLedger.

    export_patient(patient, folder)

    README.txt
    summary.html, summary.pdf           to read and to print
    disclosures.csv, disclosures.pdf    who looked at what, when and why
    verify.py, network.keys             check the proofs without CareLedger
    records.ndjson                      which records there are
    record-1/
      reader.html                       every resource, event and participant
      resources.ndjson                  every resource (FHIR R4), one a line
      resources/000007.json             exact bytes, where they have line breaks
      entries.ndjson                    of each line: id, hash, author, time, …
      unreadable.ndjson                 entries that their author sealed wrongly, if any
      missing.ndjson                    entries that no vault had, if any
      history.ndjson                    every event, refused ones too
      history.tlog-proof                that no event is missing
      proofs/000001.tlog-proof          of each entry, as the ledger has it
      sealed/000001.blob                what that proof names: the resource, sealed

What is in a line of `resources.ndjson` is what was received, byte for byte; only
a resource with line breaks in it also has a file of its own, for a line cannot
hold them. `export_check` checks a folder offline.
"""

from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final

from careledger.client.files import make_directory
from careledger.client.patient import Patient
from careledger.client.trust import Trust, format_trust
from careledger.client.watching import Event
from careledger.fhir.disclosures import as_csv, disclosures
from careledger.fhir.export_files import json_line, new_folder, put_file, write_lines
from careledger.fhir.export_list import folder_name, write_list
from careledger.fhir.export_problems import NothingToExport
from careledger.fhir.html_page import html_page
from careledger.fhir.import_report import Listener, silent
from careledger.fhir.pdf_pages import pdf_pages
from careledger.fhir.reader import author_names, reader_page
from careledger.fhir.summary import Table, summarise
from careledger.fhir.taking import Taken, TakenEntry, records_of, take_record
from careledger.primitives.hashing import sha256
from careledger.primitives.moments import moment
from careledger.primitives.notes import VerifierKey

RESOURCES: Final = "resources.ndjson"
ENTRIES: Final = "entries.ndjson"
UNREADABLE: Final = "unreadable.ndjson"
MISSING: Final = "missing.ndjson"
HISTORY: Final = "history.ndjson"
HISTORY_PROOF: Final = "history.tlog-proof"

_PROOFS: Final = "proofs"
_EXACT: Final = "resources"
_SEALED: Final = "sealed"

_README: Final = """\
This folder holds everything that its owner has in CareLedger.

summary.html       to read and to print; opens in any browser, without a network
summary.pdf        the same on paper
disclosures.csv    who looked at what, when and why (also as PDF)
records.ndjson     which records this export has, with the hash of each one's proof
record-N/          one care context each:
  reader.html      all of it to read: every resource, event and participant
  resources.ndjson every resource as FHIR R4, one a line
  resources/       exact bytes of those that have line breaks
  entries.ndjson   hash, author and time of each line of resources.ndjson
  unreadable.ndjson
                   if it is there: entries that open for nobody, because their
                   author sealed them wrongly; ask the author to add them again
  missing.ndjson   if it is there: entries that are not in this export, because no
                   vault had them; ask the hospital to put its vault back, or the
                   author to add them again
  history.ndjson   everything that happened; history.tlog-proof proves that
                   nothing is left out
  proofs/, sealed/ what the ledger has of each entry (C2SP tlog-proof), and the
                   sealed entry that it names; its key is in entries.ndjson

To check that nothing was changed and nothing of these records is missing:

    careledger patient check-export THIS-FOLDER --keys network.keys

Whether its owner has records beside those of records.ndjson is found only with the
owner's home: with --home instead of --keys.

It covers the resources, the proofs, and which events there were. It does not cover
the pages to read (summary, disclosures, reader.html), this text, verify.py and
network.keys, nor what entries.ndjson and history.ndjson say beside ids, hashes, keys
and cores (authors, times, verdicts): a change of these is not noticed. In doubt
believe the resources, and export again for fresh pages.

Without CareLedger, one file of Python (it needs PyNaCl) checks any of the proofs:

    python verify.py record-1/history.tlog-proof --key '{key}'

The keys in this folder are as good as the folder: compare them with a copy that you
have from elsewhere.

Nobody but you should be able to read this folder: keep it as you keep letters
from your doctor.
"""
_TITLE: Final = "Health record"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        records: care contexts.
        resources: of all of them.
        events: of all of them.
        size: bytes of the resources as received.
        unreadable: entries that open for nobody; they are listed, with proofs.
        missing: ids of entries that no vault had; they are listed, and not here.
    """

    records: int
    resources: int
    events: int
    size: int
    unreadable: int
    missing: tuple[bytes, ...] = ()


def export_patient(
    patient: Patient, folder: Path, listener: Listener = silent
) -> Exported:
    """Write everything that a patient has into a new folder, whole or not at all.

    What no vault has is named in the folder and in the answer.

    Args:
        patient: whose records these are.
        folder: not there yet, or empty.
        listener: told about progress, entry by entry.

    Raises:
        NothingToExport: the patient has no record.
        FolderNotEmpty, CannotWrite: the folder.
        Tampered, NotHeld: as for `take_record`.
        NotComplete, BadEvidence: the node leaves something out or lies.
    """
    ids = records_of(patient)
    if not ids:
        raise NothingToExport
    with new_folder(folder) as beside:
        records = [take_record(patient, record, listener) for record in ids]
        for number, one in enumerate(records, start=1):
            _write_record(beside / folder_name(number), one)
        proofs = [one.history_proof for one in records]
        write_list(beside, list(zip(ids, proofs, strict=True)))
        _write_readable(beside, records)
        _write_checking(beside, patient.line.transport.log_key)
    contents = [entry.content for one in records for entry in one.entries]
    events = sum(len(one.events) for one in records)
    size, unreadable = sum(map(len, contents)), sum(len(o.unreadable) for o in records)
    gone = tuple(each.listed.entry.entry for one in records for each in one.missing)
    return Exported(len(records), len(contents), events, size, unreadable, gone)


def _write_checking(folder: Path, log_key: VerifierKey) -> None:
    """Write what it takes to check the folder; the verifier is its own source."""
    put_file(folder / "README.txt", _README.format(key=log_key).encode())
    put_file(folder / "network.keys", format_trust(Trust((str(log_key),), (), ())))
    source = files("careledger").joinpath("offline.py").read_bytes()
    put_file(folder / "verify.py", source)


def _write_record(folder: Path, one: Taken) -> None:
    for each in (folder, folder / _EXACT, folder / _PROOFS, folder / _SEALED):
        make_directory(each)
    lines, about = [], []
    for number, entry in enumerate(one.entries, start=1):
        lines.append(one_line(entry.content))
        exact = lines[-1] != entry.content
        if exact:
            put_file(exact_path(folder, number), entry.content)
        about.append(_about(one, number, exact=exact))
    write_lines(folder / RESOURCES, lines)
    write_lines(folder / ENTRIES, about)
    for name, aside in ((UNREADABLE, one.unreadable), (MISSING, one.missing)):
        if aside:
            told = [_origin(one, entry) for entry in aside]
            write_lines(folder / name, list(map(json_line, told)))
    for number, entry in enumerate([*one.entries, *one.unreadable], start=1):
        put_file(proof_path(folder, number), entry.proof)
        put_file(blob_path(folder, number), entry.blob)
    events = zip(one.events, one.cores, strict=True)
    write_lines(folder / HISTORY, [_event(each, core) for each, core in events])
    put_file(folder / HISTORY_PROOF, one.history_proof)
    put_file(folder / "reader.html", reader_page(one))


def _write_readable(folder: Path, records: list[Taken]) -> None:
    tables = summarise(_current(records))
    looks = disclosures(records)
    note = "Everything that is in this export, in the words of who wrote it."
    put_file(folder / "summary.html", html_page(_TITLE, note, [*tables, looks]))
    put_file(folder / "summary.pdf", pdf_pages(_TITLE, note, tables))
    put_file(folder / "disclosures.csv", as_csv(looks))
    put_file(folder / "disclosures.pdf", _disclosures_pdf(looks))


def _disclosures_pdf(looks: Table) -> bytes:
    readings = replace(looks, title="Every reading, the newest first")
    return pdf_pages(looks.title, "Who looked at what, when and why.", [readings])


def _current(records: list[Taken]) -> list[bytes]:
    """Return the resources that no later entry corrects."""
    entries = [entry for one in records for entry in one.entries]
    old = {entry.listed.entry.supersedes for entry in entries}
    return [each.content for each in entries if each.listed.entry.entry not in old]


def one_line(content: bytes) -> bytes:
    """Return a resource without line breaks; JSON has none inside a text."""
    return content.replace(b"\r", b" ").replace(b"\n", b" ")


def _about(one: Taken, number: int, *, exact: bool) -> bytes:
    entry = one.entries[number - 1]
    content = {
        "line": number,
        "sha256": sha256(entry.content),
        "size": len(entry.content),
        "own_file": exact,
    }
    return json_line(content | _origin(one, entry))


def _origin(one: Taken, entry: TakenEntry) -> dict[str, object]:
    """Return what is known of an entry, also of one that does not open."""
    listed, manifest = entry.listed.entry, entry.listed.manifest
    people = author_names(one.access)
    return {
        "entry": listed.entry,
        "type": manifest.resource_type if manifest else "",
        "added": moment(listed.time),
        "author": people.get(listed.author, ""),
        "corrects": listed.supersedes,
        "key": entry.key,
    }


def _event(event: Event, core: bytes) -> bytes:
    return json_line(
        {
            "transaction": event.tx_id,
            "time": moment(event.time),
            "verdict": event.code,
            "actions": [str(each.__struct_config__.tag) for each in event.actions],
            "core": core,
        }
    )


def exact_path(folder: Path, number: int) -> Path:
    """Return where the exact bytes of a resource with line breaks lie."""
    return folder / _EXACT / f"{number:06}.json"


def proof_path(folder: Path, number: int) -> Path:
    """Return where the proof of an entry lies: it is line `number` of the others."""
    return folder / _PROOFS / f"{number:06}.tlog-proof"


def blob_path(folder: Path, number: int) -> Path:
    """Return where the sealed entry lies."""
    return folder / _SEALED / f"{number:06}.blob"
