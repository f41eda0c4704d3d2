"""`careledger patient …`: further records, each a care context of its own."""

from typing import Annotated

import typer

from careledger.cli.commands import command
from careledger.cli.output import table
from careledger.cli.parsing import moment
from careledger.cli.people import sit_down
from careledger.cli.session import Session
from careledger.client.directory import find_person, open_directory
from careledger.client.patient import Patient, full_access


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_opening(app)


def _add_opening(app: typer.Typer) -> None:
    @command(app, "open")
    def open_record(
        session: Session,
        label: Annotated[str, typer.Argument(help="What you call it, for you alone.")],
        insurer: Annotated[
            str, typer.Option(help="Whom to invite for a policy, as in the directory.")
        ] = "",
        unhurried: Annotated[  # noqa: FBT002
            bool,
            typer.Option("--unhurried", help="At a random time within 24 hours."),
        ] = False,
    ) -> None:
        """Open a further record: one care context each, or one policy.

        At once, its time can be joined with your visit; unhurried, it opens when you
        run catch-up after a random time.
        """
        desk = sit_down(session)
        patient = Patient(desk.line, desk.store)
        invitee = find_person(open_directory(desk.line), insurer) if insurer else None
        if unhurried:
            due = patient.plan_record(label, invitee)
            session.out.answer({"due": due}, f"Run catch-up after {moment(due)}.")
            return
        offers = [(invitee, full_access("insurer", depth=0))] if invitee else []
        office = desk.counters
        record = patient.open_record(office, office, label, offers)
        facts = {"record": record, "label": label, "invited": insurer}
        session.out.answer(facts, "The record is open.", *table(facts))

    @command(app, "catch-up")
    def catch_up(session: Session) -> None:
        """Open the records whose random time has come."""
        desk = sit_down(session)
        patient = Patient(desk.line, desk.store)
        people = open_directory(desk.line)
        found = patient.catch_up(desk.counters, desk.counters, people)
        waiting = [one.due for one in desk.store.kept.tasks]
        facts = {"records": found, "waiting": waiting}
        text = f"{len(found)} opened, {len(waiting)} still to come."
        session.out.answer(facts, text, *(one.hex() for one in found))
