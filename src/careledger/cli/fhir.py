"""`careledger fhir …`: judge files before anybody imports them; needs no home."""

from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.commands import command
from careledger.cli.fhir_faults import (
    fault_facts,
    fault_lines,
    listener_of,
    note_lines,
)
from careledger.cli.parsing import counted
from careledger.cli.problems import NotValid
from careledger.cli.session import Session
from careledger.fhir.import_report import ImportReport
from careledger.fhir.judging import judge_sources
from careledger.fhir.sources import file_source

FilesArgument = Annotated[
    list[Path],
    typer.Argument(help="Bundle, NDJSON or one resource; several at once."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "validate")
    def validate(
        session: Session,
        file: FilesArgument,
        keep_going: Annotated[  # noqa: FBT002 (an option of the command line)
            bool, typer.Option("--keep-going", help="Read on after a faulty file.")
        ] = False,
    ) -> None:
        """Judge FHIR R4 files: every fault of every resource, with its path."""
        sources = [file_source(one) for one in dict.fromkeys(file)]
        with session.out.progress("fhir") as step:
            report = judge_sources(sources, listener_of(step), keep_going=keep_going)
        facts, lines = _facts(report), _lines(report)
        if report.faults:
            session.out.fail(NotValid(), facts, *lines)
            raise typer.Exit(1)
        session.out.answer({"valid": True, **facts}, *lines)


def _facts(report: ImportReport) -> dict[str, object]:
    return {
        "resources": _count(report),
        "findings": fault_facts(report.faults),
        "notes": fault_facts(report.notes),
        "sensitive": len(report.sensitive),
    }


def _lines(report: ImportReport) -> list[str]:
    faulty = len({(one.source, one.number) for one in report.faults})
    count = _count(report)
    judged = f"{counted(count, 'resource')} judged"
    verb = "is" if faulty == 1 else "are"
    return [
        *fault_lines(report.faults),
        *note_lines(report.notes),
        # A file, or an entry, that could not be read is no resource, but faulty.
        f"{judged}; {counted(faulty, 'place')} {verb} faulty."
        if faulty
        else f"{judged}, all valid.",
    ]


def _count(report: ImportReport) -> int:
    return report.found + sum(report.reference.values())
