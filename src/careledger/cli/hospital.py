"""`careledger hospital …`: admit patients, vouch for practitioners."""

from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.commands import command
from careledger.cli.house.rooms import open_hospital
from careledger.cli.output import table
from careledger.cli.parsing import check_free, parse_key
from careledger.cli.people import line_to
from careledger.cli.session import Session
from careledger.cli.travelling import (
    read_request,
    read_witness_request,
    write_paper,
)
from careledger.client.hospital import Hospital

PaperArgument = Annotated[Path, typer.Argument(help="Where to write the paper.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "admit")
    def admit(
        session: Session,
        patient: Annotated[str, typer.Argument(help="The patient's key.")],
        file: PaperArgument,
    ) -> None:
        """Admit a patient whose identity you have checked; the paper is good 1 hour."""
        key = parse_key(patient)
        check_free(file)
        write_paper(file, _open(session).admit_patient(key))
        facts = {"patient": key, "file": str(file)}
        session.out.answer(facts, "Give the paper to the patient.", *table(facts))

    @command(app, "vouch")
    def vouch(
        session: Session,
        request: Annotated[Path, typer.Argument(help="The practitioner's request.")],
        file: PaperArgument,
    ) -> None:
        """Vouch for a practitioner of this hospital; the paper is good 1 hour."""
        asked = read_request(request)
        check_free(file)
        write_paper(file, _open(session).register_member(asked.member, asked.card))
        facts = {
            "practitioner": asked.member,
            "name": asked.card.name,
            "file": str(file),
        }
        session.out.answer(facts, "Give the paper to the practitioner.", *table(facts))

    @command(app, "witness")
    def witness(
        session: Session,
        request: Annotated[Path, typer.Argument(help="The patient's request.")],
        file: PaperArgument,
    ) -> None:
        """Witness a recovery: check the person, and that the record is theirs."""
        asked = read_witness_request(request)
        check_free(file)
        write_paper(file, _open(session).witness(asked))
        facts = {"record": asked.record, "file": str(file)}
        text = "Give the paper to the patient: it is good for 1 hour."
        session.out.answer(facts, text, *table(facts))


def _open(session: Session) -> Hospital:
    """Return the hospital's session, through its own serving node."""
    home = session.home()
    return open_hospital(home, session.unlock(home), line_to(home, home.path))
