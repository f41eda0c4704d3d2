"""`careledger practitioner …`: accept, read, write, refer."""

from pathlib import Path
from typing import Annotated, Final

import typer

from careledger.cli import importing, record_commands
from careledger.cli.commands import command
from careledger.cli.output import table
from careledger.cli.parsing import check_free
from careledger.cli.people import Desk, begin_person, sit_down, store_of
from careledger.cli.record_commands import (
    RecordArgument,
    find_entries,
    find_record,
)
from careledger.cli.session import Session
from careledger.cli.travelling import (
    PractitionerRequest,
    read_paper,
    write_request,
)
from careledger.client.cards import Identity
from careledger.client.config import PersonSettings
from careledger.client.directory import find_person, open_directory
from careledger.client.home import find_home
from careledger.client.office import public_card
from careledger.client.practitioner import Practitioner
from careledger.ledger.actions.referral import AllEpochs, Offer, OnlyEntries, Scope
from careledger.node.answers import OfferAnswer
from careledger.node.problems import NothingHere
from careledger.node.questions import MyOffer
from careledger.primitives.signing import SigningKey
from careledger.sealing.invitations import Invitation

_DAY: Final = 86_400_000


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_joining(app)
    _add_invitations(app)
    record_commands.add_to(app, lambda session: _sit(session)[0])
    importing.add_to(app, lambda session: _sit(session)[0])
    _add_referring(app)


def _sit(session: Session) -> tuple[Practitioner, Desk]:
    desk = sit_down(session)
    person = desk.home.config.person
    member = desk.store.member.signing.public
    me = Identity(person.name, member, person.organisation)
    return Practitioner(desk.line, desk.store, me), desk


def _add_joining(app: typer.Typer) -> None:
    @command(app, "new")
    def new(
        session: Session,
        file: Annotated[Path, typer.Argument(help="Where to write the request.")],
        node: Annotated[Path, typer.Option(help="The home of the hospital's node.")],
        name: Annotated[str, typer.Option(help="Your name, for the directory.")],
        specialty: Annotated[str, typer.Option(help="In words.")] = "",
        licence: Annotated[str, typer.Option(help="Number, and who gave it.")] = "",
    ) -> None:
        """Make a practitioner's home, and the request to the hospital."""
        check_free(file)
        house = find_home(node).config.organisation.name
        made = begin_person(
            session, node, PersonSettings(name=name, organisation=house)
        )
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
        file: Annotated[Path, typer.Argument(help="The hospital's paper.")],
    ) -> None:
        """Sign the hospital's paper: you join the directory, with endorsed handles."""
        paper = read_paper(file)
        who, desk = _sit(session)
        who.join(paper)
        who.fill_pool(desk.counters)
        _report_pool(session, who, "You are in the directory.")

    @command(app, "fill-pool")
    def fill_pool(session: Session) -> None:
        """Have fresh handles endorsed, and waiting ones again: at least weekly."""
        who, desk = _sit(session)
        who.fill_pool(desk.counters)
        _report_pool(session, who, "The registrar has endorsed your handles.")


def _add_invitations(app: typer.Typer) -> None:
    @command(app, "inbox")
    def inbox(session: Session) -> None:
        """List the open invitations that came through the hospital's post."""
        who, desk = _sit(session)
        found = _open_invitations(who, desk)
        facts = [
            {
                "record": one.record,
                "from": one.card.name if one.card else "",
                "note": one.note,
            }
            for one in found
        ]
        lines = [
            f"{one.record.hex()}  from {one.card.name if one.card else 'the patient'}"
            f"  {one.note}"
            for one in found
        ]
        session.out.answer({"invitations": facts}, *lines)

    @command(app, "accept")
    def accept(
        session: Session,
        record: RecordArgument,
        label: Annotated[str, typer.Option(help="What you call the record.")] = "",
    ) -> None:
        """Take part in a record with a fresh handle."""
        who, desk = _sit(session)
        for one in _open_invitations(who, desk):
            if one.record.hex().startswith(record.lower()):
                facts = {"record": who.accept(one, label)}
                session.out.answer(facts, "Accepted.", *table(facts))
                return
        raise NothingHere


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
        who, _ = _sit(session)
        found = find_record(who.store, record)
        to = find_person(open_directory(who.line), name)
        scope: Scope = AllEpochs()
        if entry:
            scope = OnlyEntries(tuple(find_entries(who, found, entry)))
        until = who.line.transport.time() + days * _DAY
        rights = ("read", "write") if write else ("read",)
        offer = Offer("practitioner", rights, scope, until, 0)  # type: ignore[arg-type]
        facts = {"referred_to": name, "invitation": who.refer(found, to, offer, note)}
        session.out.answer(facts, f"{name} is invited.", *table(facts))

    @command(app, "leave")
    def leave(session: Session, record: RecordArgument) -> None:
        """End your own part in a record, and all that you passed on."""
        who, _ = _sit(session)
        found = find_record(who.store, record)
        who.leave(found)
        session.out.answer({"record": found}, "You have left this record.")


def _open_invitations(who: Practitioner, desk: Desk) -> list[Invitation]:
    """Return the invitations that can still be taken."""
    return [one for one in who.inbox(desk.counters) if _is_open(who, one)]


def _is_open(who: Practitioner, invitation: Invitation) -> bool:
    try:
        who.line.ask(SigningKey(invitation.invitation_seed), MyOffer(), OfferAnswer)
    except NothingHere:
        return False
    return True


def _report_pool(session: Session, who: Practitioner, text: str) -> None:
    facts = {"practitioner": who.me.member, "handles": len(who.store.kept.pool)}
    session.out.answer(facts, text, *table(facts))
