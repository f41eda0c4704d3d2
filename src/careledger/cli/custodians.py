"""`careledger patient …`: who keeps a record's sealed blobs, and moving them."""

from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.beginnings import find_by_beginning
from careledger.cli.commands import command
from careledger.cli.house.reach import Counters
from careledger.cli.output import table
from careledger.cli.own_records import RecordArgument, find_record
from careledger.cli.parsing import moment
from careledger.cli.patient import sit
from careledger.cli.session import Session
from careledger.ledger.refusals.records import BadCustodians
from careledger.node.state_keys import Custodian


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_seeing(app)
    _add_moving(app)


def _add_seeing(app: typer.Typer) -> None:
    @command(app, "custodians")
    def custodians(session: Session, record: RecordArgument) -> None:
        """Say which custodian handles keep a record, and how long those on notice."""
        patient = sit(session)
        found = patient.custodians(find_record(session, patient, record))
        facts = [{"handle": one.handle, "until": one.until} for one in found]
        session.out.answer({"custodians": facts}, *map(_line, found))


def _add_moving(app: typer.Typer) -> None:
    @command(app, "set-custodians")
    def set_custodians(
        session: Session,
        record: RecordArgument,
        join: Annotated[
            list[Path] | None,
            typer.Option(help="Home of a hospital that serves; it keeps it from now."),
        ] = None,
        stay: Annotated[
            list[str] | None,
            typer.Option(help="A handle of today that stays: the beginning of it."),
        ] = None,
    ) -> None:
        """Let one to four custodians keep a record; who is not named has 30 days."""
        patient = sit(session)
        found = find_record(session, patient, record)
        kept = [one.handle for one in patient.custodians(found)]
        staying = [_handle(kept, one) for one in stay or []]
        offices = [Counters(one) for one in join or []]
        joined = patient.set_custodians(found, offices, staying)
        facts = {"joined": joined, "stay": staying}
        text = "Every blob is there; who left serves 30 days more."
        session.out.answer(facts, text, *table(facts))

    @command(app, "copy-to-custodian")
    def copy(
        session: Session,
        record: RecordArgument,
        handle: Annotated[str, typer.Argument(help="The beginning of its handle.")],
    ) -> None:
        """Bring every blob of a record to a custodian, after one that was cut off."""
        patient = sit(session)
        found = find_record(session, patient, record)
        kept = [one.handle for one in patient.custodians(found)]
        custodian = _handle(kept, handle)
        facts = {"custodian": custodian, "copied": patient.copy_blobs(found, custodian)}
        session.out.answer(facts, "Every blob is there.", *table(facts))


def _handle(kept: list[bytes], text: str) -> bytes:
    """Return the custodian handle that begins so.

    Raises:
        BadCustodians: none of the record does.
        WhichOne: no beginning, or more than one begins so.
    """
    return find_by_beginning(kept, text, BadCustodians)


def _line(one: Custodian) -> str:
    state = f"on notice until {moment(one.until)}" if one.until else "keeps it"
    return f"{one.handle.hex()}  {state}"
