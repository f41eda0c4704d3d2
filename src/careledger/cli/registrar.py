"""`careledger registrar …`: note whom it has checked."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from careledger.cli.beginnings import find_by_beginning
from careledger.cli.commands import command
from careledger.cli.house.enrolled import Checked, dismiss, enrol, enrolled
from careledger.cli.output import table
from careledger.cli.passphrase import ask_lines
from careledger.cli.people_problems import NotEnrolled
from careledger.cli.session import Session
from careledger.cli.travelling import read_request
from careledger.client.offices import Offices
from careledger.client.registrar import emergency_tag
from careledger.ledger.actions.registry import HandleRole


class Role(StrEnum):
    """What a person may act as."""

    PRACTITIONER = "practitioner"
    EMERGENCY = "emergency"
    INSURER = "insurer"


_ROLES: Final[dict[Role, HandleRole]] = {
    Role.PRACTITIONER: "practitioner",
    Role.EMERGENCY: "emergency",
    Role.INSURER: "insurer",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_endorsing(app)
    _add_dismissing(app)


def _add_endorsing(app: typer.Typer) -> None:
    @command(app, "endorse")
    def endorse(
        session: Session,
        request: Annotated[Path, typer.Argument(help="The person's request.")],
        role: Annotated[
            list[Role] | None,
            typer.Option(help="What the person may act as; default: practitioner."),
        ] = None,
        number_fd: Annotated[
            int | None,
            typer.Option(
                metavar="NUMBER",
                help="Read the personal number from this file descriptor.",
            ),
        ] = None,
        replace: Annotated[  # noqa: FBT002
            bool, typer.Option("--replace", help="The number of before was wrong.")
        ] = False,
    ) -> None:
        """Have a checked person's handles endorsed from now on, by the node.

        For the role `emergency` the personal number is asked for, as it was checked;
        only a keyed hash of it is kept, by which one person cannot pose as two. Another
        number for the same person needs `--replace`.
        """
        home = session.home()
        offices = session.unlock(home)
        asked = read_request(request)
        roles = tuple(_ROLES[one] for one in role or (Role.PRACTITIONER,))
        tag = _tag(offices, number_fd) if Role.EMERGENCY in (role or ()) else b""
        enrol(home.path, Checked(asked.member, roles, tag), replace=replace)
        facts = {
            "practitioner": asked.member,
            "name": asked.card.name,
            "roles": roles,
            "enrolled": len(_vouched_for(home.path)),
        }
        text = f"{asked.card.name} is enrolled as {' and '.join(roles)}."
        session.out.answer(facts, text, *table(facts))


def _add_dismissing(app: typer.Typer) -> None:
    @command(app, "dismiss")
    def let_go(
        session: Session,
        member: Annotated[
            str, typer.Argument(help="The member id, or the beginning of it.")
        ],
    ) -> None:
        """Have a person's handles endorsed no longer: for who has left.

        What was endorsed before lapses by itself, within 30 days.
        """
        home = session.home()
        session.unlock(home)
        found = find_by_beginning(_vouched_for(home.path), member, NotEnrolled)
        dismiss(home.path, found)
        facts = {"practitioner": found, "enrolled": len(_vouched_for(home.path))}
        text = "Endorsed no longer; parts in records sleep within 30 days."
        session.out.answer(facts, text, *table(facts))


def _vouched_for(home: Path) -> list[bytes]:
    return [one.member for one in enrolled(home) if one.roles]


def _tag(offices: Offices, number_fd: int | None) -> bytes:
    """Return the emergency tag of the personal number that somebody types.

    Spaces, hyphens and case do not matter: one person has one tag.
    """
    [said, *_] = ask_lines(["Personal number, as checked"], number_fd)
    number = "".join(filter(str.isalnum, said)).upper()
    return emergency_tag(offices.tags(), number.encode())
