"""`careledger hospital …`: admit patients, vouch for practitioners."""

from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.commands import command
from careledger.cli.house.rooms import open_hospital
from careledger.cli.output import table
from careledger.cli.parsing import check_free, parse_key
from careledger.cli.people import line_to, node_of
from careledger.cli.post import sort_for
from careledger.cli.session import Session
from careledger.cli.travelling import (
    Shares,
    read_request,
    read_witness_request,
    write_agent,
    write_paper,
    write_shares,
)
from careledger.client.hospital import Hospital

PaperArgument = Annotated[Path, typer.Argument(help="Where to write the paper.")]


KeysArgument = Annotated[Path, typer.Argument(help="Where to write the keys.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_people(app)
    _add_emergencies(app)
    _add_post(app)


def _add_people(app: typer.Typer) -> None:
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


def _add_emergencies(app: typer.Typer) -> None:
    @command(app, "new-agent")
    def new_agent(session: Session, file: KeysArgument) -> None:
        """Make fresh keys of this hospital's emergency agent, for one record."""
        check_free(file)
        keys = _open(session).new_agent()
        write_agent(file, keys)
        facts = {"agent": keys.key, "file": str(file)}
        session.out.answer(facts, "Give the file to the patient.", *table(facts))

    @command(app, "release")
    def release(session: Session, file: KeysArgument) -> None:
        """Release this hospital's shares to those who broke a glass, as proven."""
        check_free(file)
        found = tuple(_open(session).release_shares())
        write_shares(file, Shares(found))
        facts = {
            "records": list(dict.fromkeys(one.record for one in found)),
            "shares": len(found),
            "file": str(file),
        }
        session.out.answer(facts, "Each opens for its addressee only.", *table(facts))


def _add_post(app: typer.Typer) -> None:
    @command(app, "sort-post")
    def sort(session: Session) -> None:
        """Sort the invitations for this hospital's people, where it runs no node."""
        sort_for(session, "hospital")


def _open(session: Session) -> Hospital:
    """Return the hospital's session, through the node that serves it."""
    home = session.home()
    offices, line = session.unlock(home), line_to(home, node_of(home))
    return open_hospital(home, offices, line, "hospital")
