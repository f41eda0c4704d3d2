"""`careledger patient …`: records given back by guardians or by a witness.

recover-by-guardians → (72 h) → finish-recovery
recover-by-witness → hospital witness → submit-recovery → (7 days) → finish-recovery
confirm-recovery → hospital witness → submit-recovery: nobody can stop it
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from careledger.cli.commands import command
from careledger.cli.house.reach import Counters
from careledger.cli.output import table
from careledger.cli.own_records import RecordArgument, find_record
from careledger.cli.parsing import check_free, moment, parse_key
from careledger.cli.patient import sit
from careledger.cli.people import (
    begin_store,
    host_at,
    line_to,
    make_person,
    sit_down,
    store_of,
)
from careledger.cli.recovery import NodeOption, SharesOption, arrive, ask_shares
from careledger.cli.session import Session
from careledger.cli.travelling import read_paper, write_witness_request
from careledger.client.config import PersonSettings
from careledger.client.home import NewHome
from careledger.client.patient import Patient
from careledger.client.recovering import guarded
from careledger.client.returning import Returning
from careledger.client.witnessing import WitnessRequest

FileArgument = Annotated[Path, typer.Argument(help="Where to write the request.")]
WholeId = Annotated[str, typer.Argument(help="The record: its whole id.")]

_STATES: Final = {
    "waiting": "comes at",
    "stopped": "was stopped by the owner of the old keys: let the hospital confirm it",
    "to-take-over": "is here: finish-recovery",
    "yours": "is yours again",
    "keys-missing": "is yours; ask a practitioner in it to run: practitioner rewrap",
    "asked-by-another": "somebody else asked for it; the hospital can confirm you",
}

_NO_LABEL: Final = (
    "What you called a record did not come back: its label is sealed for your old words"
    " and your guardians' shares alone, and neither was given, or it had none. It is"
    " listed as `recovered`: see what it is with patient entries RECORD. If you still"
    " have the words, patient recover in another home shows what it was called."
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_guardians(app)
    _add_witness(app)
    _add_ending(app)


def _add_guardians(app: typer.Typer) -> None:
    @command(app, "recover-by-guardians")
    def by_guardians(
        session: Session, node: NodeOption, shares_fd: SharesOption = None
    ) -> None:
        """Make a new home and ask for your records with two guardians' shares."""
        arrival = arrive(session, node)
        secret = ask_shares(shares_fd)
        found = guarded(arrival.line, secret)
        host = host_at(session, node)

        def fill(new: NewHome) -> None:
            following = found[-1].number + 1
            begin_store(new.path, new.offices).guard_with(secret, following)

        made = make_person(arrival.new, host, PersonSettings(), fill)
        store = store_of(made.path, made.offices)
        _report(session, Patient(line_to(host, host.path), store).finish_recovery())


def _add_witness(app: typer.Typer) -> None:
    @command(app, "recover-by-witness")
    def by_witness(
        session: Session,
        record: WholeId,
        file: FileArgument,
        node: NodeOption,
    ) -> None:
        """Make a new home, and a request to the hospital that knows you."""
        wanted = parse_key(record)
        check_free(file)
        arrival = arrive(session, node)
        made = make_person(arrival.new, host_at(session, node), PersonSettings())
        store = store_of(made.path, made.offices)
        request = Patient(arrival.line, store).ask_witness(wanted)
        _hand_over(session, file, request)

    @command(app, "confirm-recovery")
    def confirm(session: Session, record: WholeId, file: FileArgument) -> None:
        """Request that the hospital confirm a recovery by guardians, in person."""
        wanted = parse_key(record)
        check_free(file)
        _hand_over(session, file, sit(session).ask_confirmation(wanted))

    @command(app, "submit-recovery")
    def submit(
        session: Session,
        file: Annotated[Path, typer.Argument(help="The hospital's paper.")],
    ) -> None:
        """Submit the paper on which the hospital has signed as witness."""
        paper = read_paper(file)
        patient = sit(session)
        record = patient.submit_witnessed(paper)
        state, due = patient.standing(record)
        _report(session, [Returning(record, state, due)])


def _add_ending(app: typer.Typer) -> None:
    @command(app, "join-again")
    def join_again(
        session: Session,
        file: Annotated[
            Path | None, typer.Argument(help="The hospital's paper.")
        ] = None,
    ) -> None:
        """Be admitted with your new key, so that you can open further records.

        Without a paper it shows the key that the hospital is to admit.
        """
        paper = None if file is None else read_paper(file)
        desk = sit_down(session)
        key = desk.store.member.signing.public
        if paper is not None:
            counters = Counters(Path(desk.home.config.node), paper)
            Patient(desk.line, desk.store).be_admitted(counters)
        facts = {"patient": key, "admitted": paper is not None}
        text = "You are admitted." if paper else "Let the hospital admit this key."
        session.out.answer(facts, text, *table(facts))

    @command(app, "finish-recovery")
    def finish(
        session: Session,
        again: Annotated[  # noqa: FBT002
            bool, typer.Option("--again", help="Ask again for what was stopped.")
        ] = False,
    ) -> None:
        """Take over what has come, and say how the rest stands."""
        _report(session, sit(session).finish_recovery(again=again))

    @command(app, "veto")
    def veto(session: Session, record: RecordArgument) -> None:
        """Stop a recovery of your record that you did not ask for."""
        patient = sit(session)
        found = find_record(session, patient, record)
        patient.veto(found)
        session.out.answer({"record": found}, "Stopped: the record stays yours.")


def _hand_over(session: Session, file: Path, request: WitnessRequest) -> None:
    write_witness_request(file, request)
    facts = {"record": request.record, "file": str(file)}
    session.out.answer(
        facts, "Take the file to the hospital, in person.", *table(facts)
    )


def _report(session: Session, found: list[Returning]) -> None:
    facts = [
        {"record": o.record, "state": o.state, "due": o.due, "label": o.label}
        for o in found
    ]
    lines = [
        f"{one.record.hex()}  {_STATES[one.state]}"
        + (f" {moment(one.due)}" if one.due else "")
        + (f": {one.label}" if one.label else "")
        for one in found
    ]
    if any(one.state == "yours" and not one.label for one in found):
        session.out.note(_NO_LABEL)
    session.out.answer({"records": facts}, *lines)
