"""Breaking the glass, between the homes of everybody who takes part.

beforehand  hospital new-agent (three files) → patient emergency-plan
two people  stand-by (the second) → break-glass (the first) → co-sign (the second)
hospitals   release
both        open-emergency, then read
afterwards  auditor accesses → auditor review; the patient: who-looked, history
"""

from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.commands import command
from careledger.cli.output import table
from careledger.cli.own_records import RecordArgument, find_record
from careledger.cli.parsing import check_free, parse_key
from careledger.cli.patient import sit as sit_patient
from careledger.cli.people_problems import NobodyReviews
from careledger.cli.practitioner import sit
from careledger.cli.session import Session
from careledger.cli.travelling import (
    read_agent,
    read_colleague,
    read_paper,
    read_shares,
    write_colleague,
    write_paper,
)
from careledger.client.directory import organisations
from careledger.client.emergencies import emergency_paper

WholeId = Annotated[
    str, typer.Argument(help="The record: its whole id, from the patient's card.")
]


def add_for_patients(app: typer.Typer) -> None:
    """Add what a patient prepares."""

    @command(app, "emergency-plan")
    def plan(
        session: Session,
        record: RecordArgument,
        file: Annotated[
            list[Path] | None,
            typer.Argument(help="Keys of three agents, of two hospitals or more."),
        ] = None,
        end: Annotated[  # noqa: FBT002
            bool, typer.Option("--end", help="End the plan: nobody can break in.")
        ] = False,
    ) -> None:
        """Let two doctors open a record in an emergency, with two hospitals' help."""
        if bool(file) == end:
            raise typer.BadParameter("three files, or --end")
        agents = [read_agent(one) for one in file or ()]
        patient = sit_patient(session)
        found = find_record(session, patient, record)
        patient.set_plan(found, agents)
        facts = {"record": found, "agents": len(agents)}
        text = "The plan is set." if agents else "There is no plan any more."
        session.out.answer(facts, text, *table(facts))


def add_for_practitioners(app: typer.Typer) -> None:
    """Add what the two people do."""
    _add_breaking(app)
    _add_opening(app)


def _add_breaking(app: typer.Typer) -> None:
    @command(app, "stand-by")
    def stand_by(
        session: Session,
        file: Annotated[Path, typer.Argument(help="A file for your colleague.")],
    ) -> None:
        """Stand by as the second person of an emergency."""
        check_free(file)
        colleague = sit(session).stand_by()
        write_colleague(file, colleague)
        facts = {"handle": colleague.handle, "file": str(file)}
        session.out.answer(facts, "Give the file to your colleague.", *table(facts))

    @command(app, "break-glass")
    def break_glass(
        session: Session,
        record: WholeId,
        colleague: Annotated[Path, typer.Argument(help="Your colleague's file.")],
        file: Annotated[Path, typer.Argument(help="Where to write the paper.")],
        reason: Annotated[str, typer.Option(help="Why; for the auditor, sealed.")],
    ) -> None:
        """Draw up the paper that opens a record in an emergency, and sign first."""
        wanted, second = parse_key(record), read_colleague(colleague)
        check_free(file)
        who = sit(session)
        auditors = organisations(who.line, "auditor")
        if not auditors:
            raise NobodyReviews
        two = (who.stand_by(), second)
        paper = emergency_paper(who.line, wanted, two, auditors[0].mailbox, reason)
        write_paper(file, who.break_glass(paper))
        facts = {
            "record": wanted,
            "with": second.card.name,
            "auditor": auditors[0].name.decode(errors="replace"),
            "file": str(file),
        }
        text = "Your colleague signs and submits it, within 1 hour."
        session.out.answer(facts, text, *table(facts))

    @command(app, "co-sign")
    def co_sign(
        session: Session,
        file: Annotated[Path, typer.Argument(help="Your colleague's paper.")],
    ) -> None:
        """Sign as the second person: the glass is broken, and the patient sees it."""
        paper = read_paper(file)
        facts = {"access": sit(session).co_sign(paper)}
        text = "The glass is broken, for 24 hours. An auditor will ask you both why."
        session.out.answer(facts, text, *table(facts))


def _add_opening(app: typer.Typer) -> None:
    @command(app, "open-emergency")
    def open_emergency(
        session: Session,
        record: WholeId,
        file: Annotated[list[Path], typer.Argument(help="Shares, of two agents.")],
    ) -> None:
        """Take a record's keys from the shares that two agents released."""
        wanted = parse_key(record)
        released = [share for one in file for share in read_shares(one).released]
        who = sit(session)
        who.open_emergency(wanted, released)
        listed = who.list_entries(wanted)
        facts = {"record": wanted, "entries": len(listed)}
        session.out.answer(facts, "Now: practitioner entries, read.", *table(facts))
