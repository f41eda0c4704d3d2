"""`careledger patient import` and `practitioner import`: files into a record."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.attending import attend
from careledger.cli.commands import command
from careledger.cli.fhir import FilesArgument
from careledger.cli.fhir_faults import (
    fault_facts,
    fault_lines,
    listener_of,
    note_lines,
)
from careledger.cli.output import table
from careledger.cli.own_records import Actor, find_record
from careledger.cli.problems import WhichRecord
from careledger.cli.session import Session
from careledger.fhir.import_problems import NothingStored
from careledger.fhir.import_report import ImportReport
from careledger.fhir.importing import Choices, import_sources
from careledger.fhir.reference_files import ReferenceFiles
from careledger.fhir.sources import file_source

_REFERENCE = "reference"


def add_to(app: typer.Typer, sit: Callable[[Session], Actor]) -> None:
    """Add the command; `sit` opens the session of whose home it is."""

    @command(app, "import")
    def import_files(
        session: Session,
        file: FilesArgument,
        record: Annotated[
            str, typer.Option(help="The record; needed if there are several.")
        ] = "",
        into: Annotated[
            str,
            typer.Option(
                metavar="RECORD",
                help="Where resources with a sensitive security label go.",
            ),
        ] = "",
        keep_going: Annotated[  # noqa: FBT002 (an option of the command line)
            bool,
            typer.Option("--keep-going", help="Store what is good, list the rest."),
        ] = False,
    ) -> None:
        """Import FHIR files, each resource byte for byte; all of it or nothing.

        Run it again after an interruption: nothing is stored twice.
        """
        actor = sit(session)
        target = _record(session, actor, record)
        apart = find_record(session, actor, into) if into else b""
        with session.out.progress("import") as step:
            choices = Choices(keep_going, apart, listener_of(step))
            report = _import(session, actor, target, file, choices)
        session.out.answer(_facts(target, report), *_lines(report))


def _import(
    session: Session, actor: Actor, record: bytes, paths: list[Path], choices: Choices
) -> ImportReport:
    files = ReferenceFiles(session.path / _REFERENCE, actor.store.seed)
    store = files.load()
    sources = [file_source(one) for one in dict.fromkeys(paths)]
    try:
        report = import_sources(actor, record, sources, store, choices)
    except NothingStored as error:
        facts, lines = _facts(record, error.report), _lines(error.report)
        session.out.fail(error, facts, *lines)
        raise typer.Exit(1) from None
    files.save(store)
    return report


def _record(session: Session, actor: Actor, text: str) -> bytes:
    """Return the record that is meant; without a text, the only one there is.

    Raises:
        WhichRecord: there are several, or none.
        NotInThisHome, LabelGiven, WhichOne, PartEnded, NotVouchedFor: as for
            `find_record`.
    """
    if text:
        return find_record(session, actor, text)
    used = actor.store.kept.used
    match [*dict.fromkeys(one.record for one in used if one.record)]:
        case [record]:
            attend(session, actor, record)
            return record
        case _:
            raise WhichRecord


def _facts(record: bytes, report: ImportReport) -> dict[str, object]:
    return {
        "record": record,
        "found": report.found,
        "stored": report.stored,
        "already": report.already,
        "erased_before": report.erased_before,
        "reference": report.reference,
        "reference_already": report.reference_already,
        "bytes": report.received,
        "sealed_bytes": report.sealed,
        "transactions": report.transactions,
        "entries": report.entries,
        "faults": fault_facts(report.faults),
        "notes": fault_facts(report.notes),
        "sensitive": [
            {"file": one.source, "number": one.number, "type": one.type}
            for one in report.sensitive
        ],
    }


def _lines(report: ImportReport) -> list[str]:
    counts = {
        "resources found": report.found,
        "stored now": report.stored,
        "stored before": report.already,
        "erased by the owner before": report.erased_before,
        "faulty": len({(one.source, one.number) for one in report.faults}),
        "sensitive": len(report.sensitive),
        "of hospitals and practitioners, kept apart": sum(report.reference.values()),
    }
    return [
        *fault_lines(report.faults),
        *(f"{one.source}, {one.number}: sensitive" for one in report.sensitive),
        *note_lines(report.notes),
        *table({name: count for name, count in counts.items() if count}),
    ]
