"""What a home sees to whenever it uses a record: its endorsement, others' keys.

An endorsement is renewed when the record is used, not at a time of its own, and
whoever missed keys gets them from the next full holder who comes by.
"""

from typing import Final

from careledger.cli.house.reach import Counters
from careledger.cli.output import Output
from careledger.cli.parsing import counted, moment
from careledger.cli.people import node_of
from careledger.cli.record_problems import PartEnded
from careledger.cli.session import Session
from careledger.client.participant import Participant
from careledger.client.practitioner import Practitioner
from careledger.client.renewal_problems import NotVouchedFor
from careledger.client.renewing import is_due
from careledger.client.session_problems import KeyMissing, WrapDoesNotOpen
from careledger.ledger.actions.referral import OnlyEntries
from careledger.ledger.refusals.base import Refusal, Void
from careledger.node.answers import SeatAnswer
from careledger.node.problems import NothingHere
from careledger.sealing.problems import NotHeld

_ASLEEP: Final = (
    "The keys of this record changed while your part slept: what was added since opens"
    " once the owner or a participant with full access has used the record."
)

_REPORTED: Final = (
    "The keys that were wrapped for you do not open; that is now said on the ledger."
    " The owner's next command, or one of a participant with full access, gives them"
    " again."
)

_MENDED: Final = (
    "The newest keys of this record did not lead back to all that was written before:"
    " new ones were made that do. If it happens again, revoke whoever does it (patient"
    " history shows which seat starts keys)."
)


def attend(session: Session, actor: Participant, record: bytes) -> None:
    """Renew the own endorsement if that is due; see to the keys, one's own and others'.

    Raises:
        PartEnded: the handle in the record takes no part, or not yet.
        NotVouchedFor: it sleeps, and the registrar does not vouch any more.
    """
    try:
        seat = actor.part(record).seat()
    except NothingHere:
        seat = _woken(session, actor, record)
    else:
        now = actor.line.transport.time()
        if isinstance(actor, Practitioner) and is_due(seat, now):
            _renew_early(session, actor, seat)
    if seat.holds:
        _see_to_own_keys(session.out, actor, record)
    if seat.behind:
        _give_missed(session.out, actor, record)


def _woken(session: Session, actor: Participant, record: bytes) -> SeatAnswer:
    """Return the seat of a part that slept, after renewing its endorsement.

    Raises:
        PartEnded: it does not sleep: it has ended, or has not begun.
        NotVouchedFor: the registrar does not vouch any more.
    """
    if not isinstance(actor, Practitioner):
        raise PartEnded
    try:
        _renew(session, actor, record)
    except NothingHere:
        raise PartEnded from None
    seat = actor.part(record).seat()
    if not seat.holds and not isinstance(seat.scope, OnlyEntries):
        session.out.note(_ASLEEP)
    return seat


def _renew_early(session: Session, who: Practitioner, seat: SeatAnswer) -> None:
    """Renew what still is good; if that fails, it is used until it lapses."""
    try:
        _renew(session, who, seat.record)
    except NotVouchedFor:
        _warn(
            session.out, "the registrar no longer vouches for you in this role.", seat
        )
    except (Refusal, Void) as error:
        _warn(session.out, f"your endorsement was not renewed: {error}", seat)


def _warn(out: Output, why: str, seat: SeatAnswer) -> None:
    until = moment(seat.lapses)
    out.note(f"WARNING: {why} Your part in this record sleeps from {until}.")


def _renew(session: Session, who: Practitioner, record: bytes) -> None:
    until = who.renew(record, Counters(node_of(session.home())))
    session.out.note(f"Your endorsement was renewed: it lapses on {moment(until)}.")


def _see_to_own_keys(out: Output, actor: Participant, record: bytes) -> None:
    """Mend or report own keys that are not good; no failure stops the own work."""
    try:
        if actor.mend_past(record):
            out.note(_MENDED)
        elif actor.report_unopened(record):
            out.note(_REPORTED)
    except (KeyMissing, NothingHere, Refusal, Void) as error:
        out.note(f"Keys that are not good were not mended or reported: {error}")


def _give_missed(out: Output, actor: Participant, record: bytes) -> None:
    """Give others the keys that they missed; that it fails stops nobody's own work."""
    try:
        given = actor.give_missed(record)
    except (KeyMissing, NotHeld, Refusal, Void, WrapDoesNotOpen) as error:
        out.note(f"A participant misses keys that could not be given: {error}")
    else:
        if given:
            out.note(
                f"Gave {counted(len(given), 'participant')} the keys that were missing."
            )
