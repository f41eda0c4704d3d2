"""`careledger insurer …`: the records of its policies, and no other.

The organisation's home vouches for its staff and sorts their post; each of them has
a home, with the commands that practitioners have for records.
"""

from pathlib import Path
from typing import Annotated

import typer

from careledger.cli import members, record_commands
from careledger.cli.commands import command
from careledger.cli.house.rooms import open_office
from careledger.cli.output import table
from careledger.cli.parsing import check_free
from careledger.cli.people import line_to, node_of
from careledger.cli.post import sort_for
from careledger.cli.session import Session
from careledger.cli.travelling import read_request, write_paper
from careledger.client.insurer import Insurer


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    members.add_to(app, Insurer)
    record_commands.add_to(app, lambda session: members.sit(session, Insurer)[0])
    _add_office(app)


def _add_office(app: typer.Typer) -> None:
    @command(app, "vouch")
    def vouch(
        session: Session,
        request: Annotated[Path, typer.Argument(help="The member's request.")],
        file: Annotated[Path, typer.Argument(help="Where to write the paper.")],
    ) -> None:
        """Vouch for a member of this insurer's staff; the paper is good 1 hour."""
        asked = read_request(request)
        check_free(file)
        home = session.home()
        offices = session.unlock(home)
        office = open_office(home, offices, line_to(home, node_of(home)), "insurer")
        write_paper(file, office.register_member(asked.member, asked.card, staff=True))
        facts = {"member": asked.member, "name": asked.card.name, "file": str(file)}
        session.out.answer(facts, "Give the paper to the person.", *table(facts))

    @command(app, "sort-post")
    def sort(session: Session) -> None:
        """Sort the invitations that came for this insurer's staff."""
        sort_for(session, "insurer")
