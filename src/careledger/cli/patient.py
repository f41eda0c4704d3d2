"""`careledger patient …`: join, see everything, decide who may see what."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from careledger.cli import exporting, importing, record_commands
from careledger.cli.checking import read_patient
from careledger.cli.commands import command
from careledger.cli.house.reach import Counters
from careledger.cli.output import table
from careledger.cli.own_records import RecordArgument, find_record, taken_seat
from careledger.cli.parsing import moment
from careledger.cli.people import Desk, begin_person, sit_down, store_of
from careledger.cli.people_problems import JoinedAlready, NotJoined
from careledger.cli.session import Session
from careledger.cli.standings import standing_of
from careledger.cli.travelling import read_paper
from careledger.client.config import PersonSettings
from careledger.client.directory import find_person, open_directory
from careledger.client.home import save_settings
from careledger.client.patient import Joining, Patient, full_access
from careledger.client.problems import CannotWrite
from careledger.client.watching import Access, Event, actor_of
from careledger.sealing.seeds import THRESHOLD

_ONE_SET: Final = (
    "Shares of two printings do not go together: give your guardians those of one."
)

NameArgument = Annotated[str, typer.Argument(help="As in the directory.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_joining(app)
    _add_kit(app)
    record_commands.add_to(app, sit)
    importing.add_to(app, sit)
    _add_sharing(app)
    _add_seeing(app)
    exporting.add_to(app, sit)


def sit(session: Session) -> Patient:
    """Return the session of a patient's home, after asking for the passphrase."""
    desk = sit_down(session)
    _note_joined(desk)
    return Patient(desk.line, desk.store)


def _note_joined(desk: Desk) -> None:
    """Write down, for hints without a passphrase, that there is a record.

    A home that nobody can write to now has a hint too many, and works.
    """
    home, joined = desk.home, any(one.record for one in desk.store.kept.used)
    if joined and not home.config.person.joined:
        person = msgspec.structs.replace(home.config.person, joined=True)
        with suppress(CannotWrite):
            config = msgspec.structs.replace(home.config, person=person)
            save_settings(home.path, config)


def _add_joining(app: typer.Typer) -> None:
    @command(app, "new")
    def new(
        session: Session,
        node: Annotated[Path, typer.Option(help="The home of the hospital's node.")],
    ) -> None:
        """Make a patient's home; show its key to the hospital that admits you."""
        made = begin_person(session, node, PersonSettings())
        key = store_of(made.path, made.offices).member.signing.public
        facts = {"patient": key, "home": str(made.path)}
        session.out.answer(
            facts, "Let the hospital admit this key, then register.", *table(facts)
        )

    @command(app, "register")
    def register(
        session: Session,
        file: Annotated[Path, typer.Argument(help="The hospital's paper.")],
        personal: Annotated[Path, typer.Option(help="A FHIR Patient in JSON.")],
        practitioner: Annotated[
            str, typer.Option(help="Whom to invite, as in the directory.")
        ] = "",
        label: Annotated[
            str, typer.Option(help="What you call the first record.")
        ] = "primary care",
    ) -> None:
        """Join: be admitted, open the first record, invite your practitioner."""
        paper, content = read_paper(file), read_patient(session, personal)
        desk = sit_down(session)
        if any(one.record for one in desk.store.kept.used):
            raise JoinedAlready
        listed = open_directory(desk.line) if practitioner else []
        invitee = find_person(listed, practitioner) if practitioner else None
        counters = Counters(Path(desk.home.config.node), paper)
        joining = Joining(counters, counters, label, content, invitee)
        kit = Patient(desk.line, desk.store).register(joining)
        _note_joined(desk)
        facts = {"record": kit.record, "label": label, "invited": practitioner}
        session.out.answer(
            facts,
            "You have joined. Write down your recovery kit: careledger patient kit.",
            *table(facts),
        )


def _add_kit(app: typer.Typer) -> None:
    @command(app, "kit")
    def kit(session: Session) -> None:
        """Show the recovery kit: secret words and shares, for paper only."""
        patient = sit(session)
        if not any(one.record for one in patient.store.kept.used):
            raise NotJoined
        found = patient.recovery_kit()
        facts = {"words": found.words, "shares": found.shares}
        lines = [*table({"words": found.words}), *_share_lines(found.shares)]
        if found.unguarded:
            lines.append("These records need the shares of your earlier kit:")
            lines += [f"  {one.hex()}" for one in found.unguarded]
        session.out.answer({**facts, "not_guarded": found.unguarded}, *lines)


def _add_sharing(app: typer.Typer) -> None:
    @command(app, "invite")
    def invite(
        session: Session,
        record: RecordArgument,
        name: NameArgument,
        note: Annotated[str, typer.Option(help="For whom you invite; sealed.")] = "",
        insurer: Annotated[  # noqa: FBT002
            bool, typer.Option("--insurer", help="Invite an insurer's member of staff.")
        ] = False,
    ) -> None:
        """Invite somebody to read, write and refer, until you revoke it."""
        patient = sit(session)
        to = find_person(open_directory(patient.line), name)
        found = find_record(session, patient, record)
        offer = full_access("insurer", depth=0) if insurer else full_access()
        invitation = patient.invite(found, to, offer, note)
        facts = {"invited": name, "invitation": invitation}
        session.out.answer(facts, f"{name} is invited.", *table(facts))

    @command(app, "revoke")
    def revoke(
        session: Session,
        record: RecordArgument,
        seat: Annotated[int, typer.Argument(help="As in who-has-access.")],
    ) -> None:
        """Lock somebody, and whom they invited, out of everything to come."""
        patient = sit(session)
        found = find_record(session, patient, record)
        access = taken_seat(patient, found, seat)
        patient.revoke(found, access.line.handle)
        facts = {"seat": seat, "name": access.person.name}
        session.out.answer(
            facts, "Revoked; what was read before may have been kept.", *table(facts)
        )


def _add_seeing(app: typer.Typer) -> None:
    @command(app, "who-has-access")
    def who_has_access(session: Session, record: RecordArgument) -> None:
        """Say who has, or had, a part in a record, by the names on their cards."""
        patient = sit(session)
        seats = patient.who_has_access(find_record(session, patient, record))
        session.out.answer({"seats": list(map(_seat, seats))}, *map(_seat_line, seats))

    @command(app, "who-looked")
    def who_looked(session: Session, record: RecordArgument) -> None:
        """Say who read what, when and why; proven complete."""
        patient = sit(session)
        looks = patient.who_looked(find_record(session, patient, record))
        facts = [
            {
                "time": one.time,
                "name": one.person.name,
                "verified": one.person.verified,
                "handle": one.handle,
                "entries": one.entries,
                "purpose": one.purpose,
            }
            for one in looks
        ]
        lines = [
            f"{moment(one.time)}  {one.person.name or 'self'}  “{one.purpose or ''}”"
            f"  {', '.join(entry.hex() for entry in one.entries)}"
            for one in looks
        ]
        session.out.answer({"looks": facts}, *(lines or ["Nobody has read anything."]))

    @command(app, "history")
    def history(session: Session, record: RecordArgument) -> None:
        """Show every transaction of a record, refused ones too; proven complete."""
        patient = sit(session)
        events = patient.history(find_record(session, patient, record))
        lines = [
            f"{moment(one.time)}  {one.code}  {', '.join(_actions(one))}"
            for one in events
        ]
        session.out.answer(
            {"events": list(map(_event, events)), "complete": True},
            *lines,
            f"{len(events)} events: complete, as proven.",
        )


def _share_lines(shares: Sequence[str]) -> list[str]:
    """Return the guardians' shares for people, each to be cut out."""
    lines = []
    for number, share in enumerate(shares, start=1):
        lines += [
            f"share {number} of {len(shares)}, any {THRESHOLD} give your records back:",
            f"  {share}",
        ]
    return [*lines, _ONE_SET]


def _seat(one: Access) -> dict[str, object]:
    return {
        "seat": one.line.number,
        "role": one.line.role,
        "name": one.person.name,
        "organisation": one.person.organisation,
        "verified": one.person.verified,
        "active": one.line.active,
        "sleeping": one.line.sleeping,
        "lapses": one.line.lapses,
        "handle": one.line.handle,
        "invited_by": one.line.inviter,
        "same_person_as": one.same_person_as,
    }


def _seat_line(one: Access) -> str:
    name = one.person.name or ("self" if one.line.role == "owner" else "nameless")
    doubt = "" if one.person.verified or one.line.role == "owner" else "  UNVERIFIED"
    others = ", ".join(map(str, one.same_person_as))
    twice = f"  same person as seat {others}" if others else ""
    state = standing_of(one.line).words
    return f"{one.line.number}  {one.line.role}  {name}  {state}{doubt}{twice}"


def _event(one: Event) -> dict[str, object]:
    return {
        "transaction": one.tx_id,
        "time": one.time,
        "code": one.code,
        "actions": _actions(one),
        "actor": actor_of(one),
    }


def _actions(one: Event) -> list[str]:
    return [str(action.__struct_config__.tag) for action in one.actions]
