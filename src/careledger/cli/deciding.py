"""`careledger patient …`: further records, and what others may pass on."""

from enum import StrEnum
from typing import Annotated, Final

import typer

from careledger.cli.beginnings import find_by_beginning
from careledger.cli.commands import command
from careledger.cli.output import NOTHING_WAITS, table
from careledger.cli.own_records import RecordArgument, find_record
from careledger.cli.parsing import moment
from careledger.cli.patient import sit
from careledger.cli.people import sit_down
from careledger.cli.record_problems import NoInvitation
from careledger.cli.session import Session
from careledger.client.directory import find_person, open_directory
from careledger.client.opening import Policy
from careledger.client.patient import Patient, full_access
from careledger.ledger.actions.records import ReferralPolicy


class Referrals(StrEnum):
    """What the owner says to referrals by others."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


_POLICIES: Final[dict[Referrals, ReferralPolicy]] = {
    Referrals.ALLOW: "allow",
    Referrals.ASK: "ask",
    Referrals.DENY: "deny",
}

InvitationArgument = Annotated[
    str, typer.Argument(help="The invitation's key, or the beginning of it.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_opening(app)
    _add_referrals(app)


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


def _add_referrals(app: typer.Typer) -> None:
    @command(app, "set-policy")
    def set_policy(
        session: Session,
        record: RecordArgument,
        referrals: Annotated[Referrals, typer.Argument(help="Referrals by others.")],
        depth: Annotated[
            int, typer.Option(min=0, max=4, help="How often they may be passed on.")
        ] = 1,
    ) -> None:
        """Say whether practitioners may refer you on: yes, ask me, no."""
        patient = sit(session)
        found = find_record(session, patient, record)
        patient.set_policy(found, Policy(_POLICIES[referrals], depth))
        facts = {"record": found, "referrals": referrals.value, "depth": depth}
        session.out.answer(facts, "From now on:", *table(facts))

    @command(app, "waiting")
    def waiting(session: Session, record: RecordArgument) -> None:
        """List the open invitations of a record, and which wait for your word."""
        patient = sit(session)
        found = patient.waiting(find_record(session, patient, record))
        facts = [
            {
                "invitation": one.invitation,
                "time": one.made,
                "invited_by": one.inviter,
                "role": one.offer.role,
                "to_approve": one.to_approve,
            }
            for one in found
        ]
        lines = [
            f"{one.invitation.hex()}  {moment(one.made)}  {one.offer.role},"
            f" from seat {one.inviter}"
            + ("  waits for your word" if one.to_approve else "")
            for one in found
        ]
        session.out.answer({"invitations": facts}, *(lines or [NOTHING_WAITS]))

    @command(app, "approve")
    def approve(
        session: Session, record: RecordArgument, invitation: InvitationArgument
    ) -> None:
        """Agree to a referral, or to a minor's proxy, that waits for your word."""
        patient = sit(session)
        found = find_record(session, patient, record)
        key = _invitation(patient, found, invitation)
        patient.approve(found, key)
        session.out.answer({"invitation": key}, "Approved.")

    @command(app, "withdraw")
    def withdraw(
        session: Session, record: RecordArgument, invitation: InvitationArgument
    ) -> None:
        """Take back an invitation that nobody has taken up."""
        patient = sit(session)
        found = find_record(session, patient, record)
        key = _invitation(patient, found, invitation)
        patient.withdraw(found, key)
        session.out.answer({"invitation": key}, "Withdrawn.")


def _invitation(patient: Patient, record: bytes, text: str) -> bytes:
    """Return the one open invitation whose key begins so.

    Raises:
        NoInvitation: none does.
        WhichOne: no beginning, or more than one invitation begins so.
    """
    keys = [one.invitation for one in patient.waiting(record)]
    return find_by_beginning(keys, text, NoInvitation)
