"""`careledger registrar …`: note whom it has checked."""

from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.commands import command
from careledger.cli.house.enrolled import enrol, enrolled
from careledger.cli.output import table
from careledger.cli.session import Session
from careledger.cli.travelling import read_request


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "endorse")
    def endorse(
        session: Session,
        request: Annotated[Path, typer.Argument(help="The practitioner's request.")],
    ) -> None:
        """Have a checked practitioner's handles endorsed from now on, by the node."""
        home = session.home()
        session.unlock(home)
        asked = read_request(request)
        enrol(home.path, asked.member)
        facts = {
            "practitioner": asked.member,
            "name": asked.card.name,
            "enrolled": len(enrolled(home.path)),
        }
        session.out.answer(
            facts, f"{asked.card.name} is enrolled as a practitioner.", *table(facts)
        )
