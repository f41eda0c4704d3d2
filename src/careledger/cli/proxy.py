"""`careledger patient …`: acting for somebody else, who has no directory entry.

the proxy: address → the owner: appoint-proxy → the proxy: inbox, accept; then
entries, read and append work on the owner's record as on an own one.
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from careledger.cli.commands import command
from careledger.cli.house.rooms import open_hospital
from careledger.cli.inboxes import newest_for, show_inbox, still_open
from careledger.cli.output import table
from careledger.cli.own_records import RecordArgument, find_record
from careledger.cli.parsing import check_free, moment, parse_key
from careledger.cli.patient import sit
from careledger.cli.people import line_to, node_of, sit_down
from careledger.cli.session import Session
from careledger.cli.travelling import read_address, write_address
from careledger.client.directory import check_name
from careledger.client.home import find_home
from careledger.client.offices import stated_key
from careledger.client.patient import Patient

AddressArgument = Annotated[Path, typer.Argument(help="The proxy's address file.")]

_DAY: Final = 86_400_000


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_appointing(app)
    _add_accepting(app)


def add_for_witness(app: typer.Typer) -> None:
    """Add what the hospital does for a minor."""

    @command(app, "invite-for-minor")
    def invite_for_minor(
        session: Session,
        record: Annotated[str, typer.Argument(help="The record: its whole id.")],
        file: AddressArgument,
        days: Annotated[int, typer.Option(min=1, max=6575, help="Until of age.")],
    ) -> None:
        """Invite a minor's proxy, as witness; it waits 7 days or for the owner."""
        wanted, to = parse_key(record), read_address(file)
        home = session.home()
        offices, line = session.unlock(home), line_to(home, node_of(home))
        hospital = open_hospital(home, offices, line, "hospital")
        until = line.transport.time() + days * _DAY
        invitation = hospital.invite_for_minor(wanted, to, until)
        facts = {"record": wanted, "invitation": invitation, "until": until}
        text = f"Invited until {moment(until)}; a participant gives the keys."
        session.out.answer(facts, text, *table(facts))


def _add_appointing(app: typer.Typer) -> None:
    @command(app, "address")
    def address(
        session: Session,
        file: Annotated[Path, typer.Argument(help="Where to write it.")],
    ) -> None:
        """Write where invitations reach you, for somebody whose proxy you will be."""
        check_free(file)
        desk = sit_down(session)
        house = find_home(Path(desk.home.config.node)).config.keys.organisation
        key = stated_key(house, "organisation")
        write_address(file, Patient(desk.line, desk.store).address(key))
        facts = {"file": str(file)}
        session.out.answer(facts, "Give the file to the owner.", *table(facts))

    @command(app, "appoint-proxy")
    def appoint(
        session: Session,
        record: RecordArgument,
        file: AddressArgument,
        days: Annotated[
            int, typer.Option(min=0, max=36500, help="0: until you revoke it.")
        ] = 0,
        note: Annotated[str, typer.Option(help="For the proxy; sealed.")] = "",
    ) -> None:
        """Let somebody act for you in a record: read, write and refer."""
        to = read_address(file)
        patient = sit(session)
        found = find_record(session, patient, record)
        until = patient.line.transport.time() + days * _DAY if days else 0
        facts = {"invitation": patient.appoint_proxy(found, to, until, note)}
        session.out.answer(facts, "Your proxy is invited.", *table(facts))


def _add_accepting(app: typer.Typer) -> None:
    @command(app, "inbox")
    def inbox(session: Session) -> None:
        """List the open invitations to be somebody's proxy."""
        desk = sit_down(session)
        found = Patient(desk.line, desk.store).inbox(desk.post)
        waiting = still_open(desk.line, found)
        show_inbox(session.out, waiting, "the owner, or the hospital for a minor")

    @command(app, "accept")
    def accept(
        session: Session,
        record: RecordArgument,
        name: Annotated[str, typer.Option(help="Your name, for the owner's eyes.")],
        label: Annotated[str, typer.Option(help="What you call the record.")] = "",
    ) -> None:
        """Act for the owner of a record from now on."""
        check_name(name)
        desk = sit_down(session)
        patient = Patient(desk.line, desk.store)
        waiting = still_open(desk.line, patient.inbox(desk.post))
        invitation = newest_for(waiting, record)
        facts = {"record": patient.accept(invitation, name, label)}
        session.out.answer(facts, "Accepted.", *table(facts))
