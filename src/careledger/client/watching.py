"""What an owner sees: who has access, who looked, and everything that happened.

Who is behind a handle comes from the cards that were sealed to the owner; a card
that the registrar's endorsement does not back is shown as unverified. That
nothing is left out is proven against the record's counter and running hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from careledger.client.cards import Person, person_behind
from careledger.client.paging import every_page
from careledger.client.part import Part
from careledger.client.proving import prove_seats, prove_trail
from careledger.client.reading import open_purpose
from careledger.client.session_problems import BadEvidence, NotWhatWasAsked
from careledger.ledger.actions import AnyAction, named_signers
from careledger.ledger.actions.records import Read
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Core
from careledger.ledger.history import NotComplete, check_complete
from careledger.node.answers import (
    ParticipantLine,
    ParticipantsAnswer,
    Recorded,
    Waiting,
)
from careledger.node.questions import OpenInvitations, Participants, RecordHistory
from careledger.node.state_keys import Seat
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.hashing import sha256

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody who has, or had, a part in the record.

    Attributes:
        line: the seat, as proven.
        person: who is behind it; check `verified`.
        same_person_as: seats of the same verified person, the inviter's included:
            an inviter who took his own invitation shows here.
    """

    line: ParticipantLine
    person: Person
    same_person_as: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A transaction of the record.

    Attributes:
        tx_id: 32 bytes.
        time: milliseconds.
        code: `ok`, or why it was refused.
        actions: what was asked for.
        signers: by whom; actions name them by index.
        bodies: sealed attachments that are still there, by SHA-256.
    """

    tx_id: bytes
    time: int
    code: str
    actions: tuple[AnyAction, ...]
    signers: tuple[bytes, ...]
    bodies: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody read.

    Attributes:
        time: milliseconds.
        handle: of the reader.
        person: who that is; empty for somebody without a card.
        entries: ids.
        purpose: why, in their words; `None` if they said nothing readable.
    """

    time: int
    handle: bytes
    person: Person
    entries: tuple[bytes, ...]
    purpose: str | None


def who_has_access(owner: Part) -> list[Access]:
    """Return everybody in the record, and who is behind each handle.

    Raises:
        NothingHere: not the owner's handle.
        BadEvidence: the node leaves somebody out, or says it otherwise than the
            ledger.
    """
    lines = _proven_participants(owner)
    people = {line.number: person_behind(owner, line) for line in lines}
    return [
        Access(line, people[line.number], _same_person(line.number, people))
        for line in lines
    ]


def _proven_participants(owner: Part) -> list[ParticipantLine]:
    """Return every seat as proven leaves have it.

    Somebody may come between the answer and its proof: then it is asked for again.

    Raises:
        BadEvidence: somebody is left out, or is not who the ledger says.
    """
    for _ in range(_ATTEMPTS):
        lines = _participants(owner)
        if _are_proven(owner, lines):
            return lines
    raise BadEvidence


def _participants(owner: Part) -> list[ParticipantLine]:
    """Return every seat, page by page.

    Raises:
        NotWhatWasAsked: a page that does not go on where the last one ended.
    """
    lines: list[ParticipantLine] = []
    count = 1
    while len(lines) < count:
        question = Participants(len(lines) - 1)
        page = owner.line.ask(owner.keys.signing, question, ParticipantsAnswer)
        numbers = [one.number for one in page.seats]
        if not numbers or numbers != list(range(len(lines), len(lines) + len(numbers))):
            raise NotWhatWasAsked
        lines += page.seats
        count = page.count
    return lines


def waiting(owner: Part) -> list[Waiting]:
    """Return the open invitations of a record, and which of them need a word.

    Raises:
        NothingHere: not the owner's handle.
        NotWhatWasAsked: pages that are not in order, so asking might never end.
    """

    def ask(after: int) -> tuple[Waiting, ...]:
        question = OpenInvitations(after)
        return owner.line.ask(owner.keys.signing, question, tuple[Waiting, ...])

    return [one for page in every_page(ask) for one in page]


def history(owner: Part) -> list[Event]:
    """Return every transaction of the record, refused ones included, proven complete.

    Raises:
        NothingHere: not the owner's handle.
        NotComplete: the node leaves something out.
        NotWhatWasAsked: pages that are not in order.
        BadEvidence: the node's proof does not hold.
    """
    for _ in range(_ATTEMPTS):
        events = _all_events(owner)
        expected = prove_trail(owner.line, owner.keys.signing, owner.record).history
        if expected.counter == len(events):
            break
    check_complete([event.tx_id for event in events], expected)
    return events


def who_looked(owner: Part) -> list[Look]:
    """Return every reading of the record: who, when, what and why.

    Raises:
        NothingHere, NotComplete, BadEvidence: as for `history`.
    """
    behind = {one.line.handle: one.person for one in who_has_access(owner)}
    return [
        look
        for event in history(owner)
        if event.code == "ok"
        for action in event.actions
        if isinstance(action, Read)
        for look in [_look(owner, event, action, behind)]
    ]


def actor_of(event: Event) -> bytes:
    """Return the key that stands first in an event's first action."""
    return event.signers[named_signers(event.actions[0])[0][1]]


def _look(owner: Part, event: Event, action: Read, behind: dict[bytes, Person]) -> Look:
    reader = event.signers[action.reader]
    binding = owner.line.binding(owner.record, 0)
    said = [
        text
        for body in event.bodies
        if (text := open_purpose(owner.keys.opening, binding, reader, body)) is not None
    ]
    person = behind.get(reader, Person())
    purpose = said[0] if said else None
    return Look(event.time, reader, person, action.entries, purpose)


def _all_events(owner: Part) -> list[Event]:
    def ask(after: int) -> tuple[Recorded, ...]:
        question = RecordHistory(after)
        return owner.line.ask(owner.keys.signing, question, tuple[Recorded, ...])

    return [_event(one) for page in every_page(ask) for one in page]


def _event(one: Recorded) -> Event:
    try:
        leaf = decode(one.leaf, TransactionLeaf)
        core = decode(leaf.core, Core)
    except NotCanonical:
        raise NotWhatWasAsked from None
    bodies = tuple(body for body in one.bodies if sha256(body) in core.body_hashes)
    tx_id = sha256(leaf.core)
    return Event(tx_id, one.time, leaf.code, core.actions, core.signers, bodies)


def _are_proven(owner: Part, lines: Sequence[ParticipantLine]) -> bool:
    """Tell whether what the node says of those present is what proven leaves say."""
    said = {line.number: line for line in lines}
    present = [number for number, line in said.items() if not line.ended]
    line, key, record_id = owner.line, owner.keys.signing, owner.record
    record, seats = prove_seats(line, key, record_id, present)
    if not set(record.present) <= set(present) or record.seats != len(lines):
        return False
    return all(_is_proven(said[number], seat) for number, seat in seats.items())


def _is_proven(said: ParticipantLine, seat: Seat) -> bool:
    word = seat.recognition
    vouched = (b"", 0) if word is None else (word.commitment, word.lapses)
    claimed = (said.handle, said.inviter, said.role, said.scope)
    return (
        claimed == (seat.handle, seat.inviter, seat.role, seat.scope)
        and (said.commitment, said.lapses) == vouched
    )


def _same_person(number: int, people: dict[int, Person]) -> tuple[int, ...]:
    mine = people[number]
    return tuple(
        other
        for other, person in people.items()
        if other != number and mine.verified and person.verified
        if person.member == mine.member
    )


__all__ = [
    "Access",
    "Event",
    "Look",
    "NotComplete",
    "actor_of",
    "history",
    "who_has_access",
    "who_looked",
]
