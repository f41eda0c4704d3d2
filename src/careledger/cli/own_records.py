"""Finding the one own record that somebody means, and that it is ready to be used."""

from typing import Annotated, Final

import typer

from careledger.cli.attending import attend
from careledger.cli.beginnings import find_by_beginning
from careledger.cli.record_problems import (
    LabelGiven,
    NoSuchSeat,
    OwnSeat,
    SeatEnded,
    TakesPart,
)
from careledger.cli.session import Session
from careledger.client.keystore import Keystore
from careledger.client.patient import Patient
from careledger.client.practitioner import Practitioner
from careledger.client.session_problems import NotInThisHome
from careledger.client.watching import Access
from careledger.node.problems import NothingHere

Actor = Patient | Practitioner

RecordArgument = Annotated[
    str, typer.Argument(help="The record: its id, or the beginning of it.")
]

_SHORT: Final = 8
"""Digits of an id that tell it from others of one home."""


def find_record(session: Session, actor: Actor, text: str) -> bytes:
    """Return the one own record whose id begins so, ready to be used (`attend`).

    Raises:
        NotInThisHome, LabelGiven, WhichOne: as for `named_record`.
        PartEnded: the handle in it takes no part, or not yet.
        NotVouchedFor: its endorsement has lapsed and is not renewed.
    """
    record = named_record(actor.store, text)
    attend(session, actor, record)
    return record


def taken_seat(patient: Patient, record: bytes, number: int) -> Access:
    """Return who has a seat from which the patient can revoke.

    Raises:
        NoSuchSeat: nobody, ever.
        SeatEnded: nobody any more.
        OwnSeat: the patient.
    """
    seats = {one.line.number: one for one in patient.who_has_access(record)}
    if number not in seats:
        raise NoSuchSeat
    found = seats[number]
    if not found.line.active:
        raise SeatEnded
    if found.line.handle == patient.part(record).handle:
        raise OwnSeat
    return found


def named_record(store: Keystore, text: str) -> bytes:
    """Return the one own record whose id begins so.

    Raises:
        NotInThisHome: none does.
        LabelGiven: the text is what a record is called.
        WhichOne: more than one record begins so.
    """
    own = [one for one in store.kept.used if one.record]
    try:
        return find_by_beginning((one.record for one in own), text, NotInThisHome)
    except NotInThisHome:
        if labelled := [one.record for one in own if one.label == text.strip()]:
            raise LabelGiven(labelled[-1].hex()[:_SHORT]) from None
        raise


def check_no_part(actor: Actor, record: bytes) -> None:
    """Check that this home has no part in a record that a second one would hide.

    Raises:
        TakesPart: it has.
    """
    try:
        seat = actor.part(record).seat()
    except (NotInThisHome, NothingHere):
        return  # none; or one that has ended, or sleeps
    raise TakesPart(f"seat {seat.number}")
