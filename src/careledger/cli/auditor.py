"""`careledger auditor …`: review what was opened in emergencies."""

from typing import Annotated

import typer

from careledger.cli.beginnings import find_by_beginning
from careledger.cli.commands import command
from careledger.cli.house.rooms import open_office
from careledger.cli.output import table
from careledger.cli.parsing import moment
from careledger.cli.people import line_to, node_of
from careledger.cli.session import Session
from careledger.client.auditor import Auditor
from careledger.ledger.refusals.emergency import NoSuchAccess


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "accesses")
    def accesses(session: Session) -> None:
        """List the emergency accesses disclosed to you: who, when, why, verdict."""
        found = _open(session).accesses()
        facts = [
            {
                "access": line.access,
                "time": line.time,
                "status": line.status,
                "record": line.record,
                "people": [
                    {"name": card.name, "organisation": card.organisation}
                    for card in disclosed.cards
                ],
                "reason": disclosed.reason,
            }
            for line, disclosed in found
        ]
        lines = [
            f"{line.access.hex()}  {moment(line.time)}  {line.status}  "
            + " and ".join(card.name for card in disclosed.cards)
            + f"  “{disclosed.reason}”"
            for line, disclosed in found
        ]
        session.out.answer(
            {"accesses": facts},
            *(lines or ["No emergency access was disclosed to you."]),
        )

    @command(app, "review")
    def review(
        session: Session,
        access: Annotated[str, typer.Argument(help="Its id, or the beginning of it.")],
        justified: Annotated[
            bool, typer.Option("--justified/--not-justified", help="Your verdict.")
        ],
    ) -> None:
        """Judge an access; not justified, both people can break no glass again."""
        auditor = _open(session)
        listed = [line.access for line, _ in auditor.accesses()]
        found = find_by_beginning(listed, access, NoSuchAccess)
        auditor.review(found, justified=justified)
        verdict = "justified" if justified else "not-justified"
        facts = {"access": found, "verdict": verdict}
        session.out.answer(facts, f"The access is {verdict}.", *table(facts))


def _open(session: Session) -> Auditor:
    """Return the auditor's session, through the node that serves it."""
    home = session.home()
    offices = session.unlock(home)
    office = open_office(home, offices, line_to(home, node_of(home)), "auditor")
    return Auditor(office.line, office.organisation, office.name, office.keys)
