"""Commands that every member of an organisation has: join, accept, leave."""

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from careledger.cli import renewing
from careledger.cli.commands import command
from careledger.cli.inboxes import newest_for, show_inbox, still_open
from careledger.cli.output import table
from careledger.cli.own_records import RecordArgument, check_no_part, find_record
from careledger.cli.parsing import check_free
from careledger.cli.people import Desk, begin_person, sit_down, store_of
from careledger.cli.session import Session
from careledger.cli.travelling import (
    PractitionerRequest,
    read_paper,
    write_request,
)
from careledger.client.cards import Identity
from careledger.client.config import PersonSettings
from careledger.client.directory import check_name
from careledger.client.home import find_home
from careledger.client.office import public_card
from careledger.client.practitioner import Practitioner

P = TypeVar("P", bound=Practitioner)


def add_to(app: typer.Typer, kind: type[Practitioner]) -> None:
    """Add the commands for one kind of member."""
    _add_joining(app, kind)
    _add_invitations(app, kind)
    _add_leaving(app, kind)
    renewing.add_to(app, lambda session: sit(session, kind))


def sit(session: Session, kind: type[P]) -> tuple[P, Desk]:
    """Return a member's session and desk, after asking for the passphrase."""
    desk = sit_down(session)
    person = desk.home.config.person
    member = desk.store.member.signing.public
    me = Identity(person.name, member, person.organisation)
    return kind(desk.line, desk.store, me), desk


def _add_joining(app: typer.Typer, kind: type[Practitioner]) -> None:
    @command(app, "new")
    def new(  # noqa: PLR0913, PLR0917 (options of a command line)
        session: Session,
        file: Annotated[Path, typer.Argument(help="Where to write the request.")],
        node: Annotated[Path, typer.Option(help="The home of the hospital's node.")],
        name: Annotated[str, typer.Option(help="Your name, for the directory.")],
        specialty: Annotated[str, typer.Option(help="In words.")] = "",
        licence: Annotated[str, typer.Option(help="Number, and who gave it.")] = "",
        organisation: Annotated[
            Path | None,
            typer.Option(help="The home of your organisation, if it is another."),
        ] = None,
    ) -> None:
        """Make your home, and the request to the organisation that vouches for you."""
        check_name(name, specialty, licence)
        check_free(file)
        elsewhere = "" if organisation is None else str(organisation.resolve())
        house = find_home(organisation or node).config.organisation.name
        about = PersonSettings(name=name, organisation=house, post=elsewhere)
        made = begin_person(session, node, about)
        store = store_of(made.path, made.offices)
        key = store.member.signing.public
        card = public_card(store, name, specialty, licence)
        write_request(file, PractitionerRequest(key, card))
        facts = {"practitioner": key, "home": str(made.path), "file": str(file)}
        session.out.answer(
            facts, f"Give the file to {house}: it vouches for you.", *table(facts)
        )

    @command(app, "join")
    def join(
        session: Session,
        file: Annotated[Path, typer.Argument(help="The organisation's paper.")],
    ) -> None:
        """Sign your organisation's paper: you join, with endorsed handles."""
        paper = read_paper(file)
        who, desk = sit(session, kind)
        who.join(paper)
        who.fill_pool(desk.counters)
        _report_pool(session, who, "You are in the directory.")

    @command(app, "fill-pool")
    def fill_pool(
        session: Session,
        emergency: Annotated[  # noqa: FBT002
            bool, typer.Option("--emergency", help="Handles to break a glass with.")
        ] = False,
    ) -> None:
        """Have fresh handles endorsed, and waiting ones again: at least weekly."""
        who, desk = sit(session, kind)
        if emergency:
            who.fill_pool(desk.counters, "emergency")
        else:
            who.fill_pool(desk.counters)
        _report_pool(session, who, "The registrar has endorsed your handles.")


def _add_invitations(app: typer.Typer, kind: type[Practitioner]) -> None:
    @command(app, "inbox")
    def inbox(session: Session) -> None:
        """List the open invitations that came through your organisation's post."""
        who, desk = sit(session, kind)
        waiting = still_open(who.line, who.inbox(desk.post))
        show_inbox(session.out, waiting, "the patient")

    @command(app, "accept")
    def accept(
        session: Session,
        record: RecordArgument,
        label: Annotated[str, typer.Option(help="What you call the record.")] = "",
    ) -> None:
        """Take part in a record with a fresh handle."""
        who, desk = sit(session, kind)
        waiting = still_open(who.line, who.inbox(desk.post))
        invitation = newest_for(waiting, record)
        check_no_part(who, invitation.record)
        facts = {"record": who.accept(invitation, label)}
        session.out.answer(facts, "Accepted.", *table(facts))


def _add_leaving(app: typer.Typer, kind: type[Practitioner]) -> None:
    @command(app, "leave")
    def leave(session: Session, record: RecordArgument) -> None:
        """End your own part in a record, and all that you passed on."""
        who, _ = sit(session, kind)
        found = find_record(session, who, record)
        who.leave(found)
        session.out.answer({"record": found}, "You have left this record.")


def _report_pool(session: Session, who: Practitioner, text: str) -> None:
    facts = {"practitioner": who.me.member, "handles": len(who.store.kept.pool)}
    session.out.answer(facts, text, *table(facts))
