"""`careledger practitioner …`: accept, read, write, refer."""

from typing import Annotated, Final

import typer

from careledger.cli import importing, members, record_commands
from careledger.cli.commands import command
from careledger.cli.output import table
from careledger.cli.own_records import RecordArgument, find_record
from careledger.cli.record_commands import find_entries
from careledger.cli.session import Session
from careledger.client.directory import find_person, open_directory
from careledger.client.practitioner import Practitioner
from careledger.client.rotating import circle_of
from careledger.ledger.actions.referral import AllEpochs, Offer, OnlyEntries, Scope

_DAY: Final = 86_400_000


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    members.add_to(app, Practitioner)
    record_commands.add_to(app, sit)
    importing.add_to(app, sit)
    _add_referring(app)


def sit(session: Session) -> Practitioner:
    """Return the session of a practitioner's home, after asking for the passphrase."""
    return members.sit(session, Practitioner)[0]


def _add_referring(app: typer.Typer) -> None:
    @command(app, "refer")
    def refer(  # noqa: PLR0913, PLR0917 (options of a command line)
        session: Session,
        record: RecordArgument,
        name: Annotated[str, typer.Argument(help="As in the directory.")],
        entry: Annotated[
            list[str] | None, typer.Option(help="Only this entry; may be repeated.")
        ] = None,
        days: Annotated[int, typer.Option(min=1, max=3650, help="How long.")] = 30,
        write: Annotated[  # noqa: FBT002
            bool, typer.Option("--write", help="May add entries.")
        ] = False,
        note: Annotated[str, typer.Option(help="For the colleague; sealed.")] = "",
    ) -> None:
        """Refer the patient to a colleague: a few keys, never more than you have."""
        who = sit(session)
        found = find_record(session, who, record)
        to = find_person(open_directory(who.line), name)
        scope: Scope = AllEpochs()
        if entry:
            scope = OnlyEntries(tuple(find_entries(who, found, entry)))
        until = who.line.transport.time() + days * _DAY
        rights = ("read", "write") if write else ("read",)
        offer = Offer("practitioner", rights, scope, until, 0)  # type: ignore[arg-type]
        facts = {"referred_to": name, "invitation": who.refer(found, to, offer, note)}
        session.out.answer(facts, f"{name} is invited.", *table(facts))

    @command(app, "rewrap")
    def rewrap(session: Session, record: RecordArgument) -> None:
        """Give the owner of a record the keys again, after a recovery by witness."""
        who = sit(session)
        found = find_record(session, who, record)
        owner = circle_of(who.part(found)).holders[0]
        who.rewrap(found, owner.handle)
        facts = {"record": found, "owner": owner.handle}
        session.out.answer(facts, "The owner has the keys of this record.")
