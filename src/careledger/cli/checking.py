"""Judging FHIR files before anything is sent: what is sealed stays for ever."""

from collections.abc import Sequence
from pathlib import Path

import typer

from careledger.cli.fhir_faults import fault_facts, fault_lines
from careledger.cli.people_problems import NotAPatient
from careledger.cli.problems import NotValid
from careledger.cli.session import Session
from careledger.client.files import read_file
from careledger.fhir.import_report import Fault
from careledger.fhir.validate import Examined, examine


def read_resources(session: Session, paths: Sequence[Path]) -> list[bytes]:
    """Return the exact bytes of files that each hold one valid resource.

    Raises:
        CannotRead: a file is not there.
        typer.Exit: a resource is not valid FHIR R4; every fault was said.
    """
    judged = {path: examine(read_file(path)) for path in paths}
    faults = [fault for path, one in judged.items() for fault in _faults(path, one)]
    if faults:
        facts = {"findings": fault_facts(faults)}
        session.out.fail(NotValid(), facts, *fault_lines(faults))
        raise typer.Exit(1)
    return [judged[path].raw for path in paths]


def read_patient(session: Session, path: Path) -> bytes:
    """Return the exact bytes of a file that holds a valid FHIR Patient.

    Raises:
        NotAPatient: it is a valid resource of another type.
        CannotRead, typer.Exit: see `read_resources`.
    """
    [content] = read_resources(session, [path])
    if examine(content).type != "Patient":
        raise NotAPatient
    return content


def _faults(path: Path, one: Examined) -> list[Fault]:
    return [
        Fault(path.name, 0, each.path, each.code, each.message) for each in one.findings
    ]
