"""Real client sessions live through simulated days on a real ledger.

Registration, first records while the patient waits, other records at random times
within 24 hours, visits in working hours, morning rounds, referrals, revocations,
rotations, renewals. Schedule and names follow the seed; keys and seals are random,
as they are in life, so figures of two runs differ a little.
"""

import heapq
import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from careledger.client.directory import Listing
from careledger.client.insurer import Insurer
from careledger.client.patient import Joining, Patient, full_access
from careledger.client.practitioner import Practitioner
from careledger.client.transport import Transport
from careledger.client.writing import NewResource
from careledger.errors import CareLedgerError
from careledger.ledger.actions.referral import AllEpochs, Offer, OnlyEntries
from careledger.local import START, LocalNetwork, SimulatedClock
from careledger.node.answers import Directory, FeedPage, Receipt
from careledger.node.questions import Asked
from careledger.primitives.notes import VerifierKey
from tools.observer import people
from tools.observer.people import DAY, MINUTE, Shift

_REASONS: Final = ("follow-up", "first visit", "second opinion, asked by a colleague")
_FRESH: Final = 20 * DAY
_POOL: Final = 10


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is simulated."""

    patients: int = 300
    practitioners: int = 30
    days: int = 90
    seed: int = 1


@dataclass(eq=False, slots=True)
class Doctor:
    """A practitioner, or the insurer's member of staff.

    Attributes:
        session: the real client.
        house: number of the organisation; 3 is the insurer.
        shift: working hours.
        habits: reasons for reading, the own favourite first.
        endorsed: record → when its handle was last endorsed, or nearly.
    """

    session: Practitioner
    house: int
    shift: Shift
    listing: Listing
    habits: tuple[str, ...]
    endorsed: dict[bytes, int] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Sick:
    """A patient.

    Attributes:
        session: the real client.
        records: record → number of the hospital that keeps it.
        first: the record that was opened while the patient waited.
    """

    session: Patient
    records: dict[bytes, int] = field(default_factory=dict)
    first: bytes = b""


class Unhurried:
    """The network's transport, with the delays of a real one; it keeps envelopes."""

    def __init__(
        self, inner: Transport, clock: SimulatedClock, rng: random.Random
    ) -> None:
        self.chain_id, self.log_key = inner.chain_id, inner.log_key
        self.envelopes: list[bytes] = []
        self._inner, self._clock, self._rng = inner, clock, rng

    chain_id: bytes
    log_key: VerifierKey

    def time(self) -> int:
        """Return the ledger's time, milliseconds."""
        return self._inner.time()

    def submit(self, envelope: bytes) -> Receipt:
        """Hand in an envelope after the moments that a person and a line take."""
        self._clock.now = self.time() + int(300 + self._rng.expovariate(1 / 2_000))
        self.envelopes.append(envelope)
        return self._inner.submit(envelope)

    def ask(self, asked: Asked) -> bytes:
        """Return the encoded answer to a signed question."""
        return self._inner.ask(asked)

    def directory(self) -> Directory:
        """Return everybody who is publicly listed."""
        return self._inner.directory()

    def feed(self, after: int) -> FeedPage:
        """Return invitations behind a log position."""
        return self._inner.feed(after)


class World:
    """A network, its people, and what will happen.

    Attributes:
        network: real but for time and the wire.
        transport: what everybody submits through.
        doctors: practitioners of all hospitals, then the insurer's people.
        patients: those who have joined.
        failed: what the ledger or a client refused, by code.
        done: acts that went through.
    """

    def __init__(self, folder: Path, scale: Scale) -> None:
        self.folder, self.scale, self.rng = folder, scale, random.Random(scale.seed)
        self.network = LocalNetwork.create(folder, scale.seed.to_bytes(32, "big"))
        clock = self.network.clock
        if not isinstance(clock, SimulatedClock):
            raise TypeError
        self._clock = clock
        self.transport = Unhurried(self.network.transport, clock, self.rng)
        for office in (*self.network.hospitals, self.network.registrar):
            office.line.transport = self.transport
        self.network.transport = self.transport  # type: ignore[assignment]
        self.failed: Counter[str] = Counter()
        self.done = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self.patients: list[Sick] = []
        self.end = START + scale.days * DAY
        self.doctors = self._hire()

    def live(self) -> None:
        """Let everything happen, in order of time."""
        for doctor in self.doctors:
            self._at(people.next_start(doctor.shift, START), self._morning, doctor)
        for _ in range(self.scale.patients):
            day = START // DAY + 1 + int(self.rng.random() * self.scale.days * 0.8)
            self._at(people.at_the_desk(self.rng, day), self._join)
        while self._agenda and self._agenda[0][0] < self.end:
            due, _, act = heapq.heappop(self._agenda)
            self._clock.now = max(self._clock.now, due)
            act()

    def _at(self, time: int, act: Callable[..., None], *args: object) -> None:
        self._number += 1
        heapq.heappush(self._agenda, (time, self._number, lambda: act(*args)))

    def _try(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except CareLedgerError as error:
            self.failed[error.code] += 1
            return False
        self.done += 1
        return True

    def _hire(self) -> list[Doctor]:
        names = people.draw_names(self.rng, self.scale.practitioners + 2)
        hired = []
        for number, name in enumerate(names):
            if number < self.scale.practitioners:
                house, session = number % 3, self.network.practitioner(name, number % 3)
            else:
                house, session = 3, self.network.insurer(name)
            habits = tuple(self.rng.sample(_REASONS, 3))
            shift = people.draw_shift(self.rng)
            listing = self.network.listing(session)
            hired.append(Doctor(session, house, shift, listing, habits))
        return hired

    # A patient's life.

    def _join(self) -> None:
        house = self.rng.randrange(3)
        doctor = self._doctor_of(house)
        insured = self.rng.random() < 0.6
        insurer = self.rng.choice(self.doctors[-2:]) if insured else None
        name = people.draw_names(self.rng, 1)[0]
        personal = {"resourceType": "Patient", "name": [{"text": name}]}
        joining = Joining(
            self.network.hospitals[house],
            self.network.registrar,
            "primary care",
            json.dumps(personal).encode(),
            doctor.listing,
            insurer.listing if insurer else None,
        )
        sick = Sick(self.network.patient())
        if not self._try(lambda: sick.session.register(joining)):
            return
        sick.first = sick.session.store.kept.used[0].record
        sick.records[sick.first] = house
        self.patients.append(sick)
        for task in sick.session.store.kept.tasks:
            self._at(task.due, self._open_policy, sick, house)
        self._plan_life(sick, sick.first)
        now = self.transport.time()
        self._at(people.at_home(self.rng, now + DAY), self._evening, sick)
        if self.rng.random() < 0.3:
            plan = people.at_home(self.rng, now + DAY)
            self._at(plan, self._set_plan, sick, house)
        while self.rng.random() < 0.45:
            wish = now + people.spread(self.rng, self.scale.days / 4)
            self._at(wish + int(self.rng.random() * DAY), self._open_context, sick)

    def _open_policy(self, sick: Sick, house: int) -> None:
        listed = [one.listing for one in self.doctors]
        before = set(sick.session.store.kept.used)
        hospital = self.network.hospitals[house]
        registrar = self.network.registrar
        self._try(lambda: sick.session.catch_up(hospital, registrar, listed))
        for used in sick.session.store.kept.used:
            if used not in before and used.record not in sick.records and used.record:
                sick.records[used.record] = house

    def _open_context(self, sick: Sick) -> None:
        home = sick.records[sick.first]
        house = home if self.rng.random() < 0.5 else self.rng.randrange(3)
        doctor = self._doctor_of(house)
        hospital, registrar = self.network.hospitals[house], self.network.registrar
        offers = [(doctor.listing, full_access())]
        opened: list[bytes] = []
        if self._try(
            lambda: opened.append(
                sick.session.open_record(hospital, registrar, "context", offers)
            )
        ):
            sick.records[opened[0]] = house
            self._plan_life(sick, opened[0])

    def _plan_life(self, sick: Sick, record: bytes) -> None:
        now = self.transport.time()
        rotate = now + int((20 + self.rng.random() * 20) * DAY)
        self._at(rotate, self._rotate, sick, record)
        if self.rng.random() < 0.1:
            leave = now + people.spread(self.rng, self.scale.days / 3)
            self._at(people.at_home(self.rng, leave), self._revoke, sick, record)

    def _rotate(self, sick: Sick, record: bytes) -> None:
        self._try(lambda: sick.session.rotate(record))
        again = self.transport.time() + int((20 + self.rng.random() * 20) * DAY)
        self._at(again, self._rotate, sick, record)

    def _set_plan(self, sick: Sick, house: int) -> None:
        """Prepare for an emergency: two agents of the own hospital, one of another."""
        houses = (house, house, (house + 1 + self.rng.randrange(2)) % 3)
        agents = [self.network.hospitals[one].new_agent() for one in houses]
        self._try(lambda: sick.session.set_plan(sick.first, agents))

    def _evening(self, sick: Sick) -> None:
        """Look at the own records, one after the other."""
        for record in sick.records:
            if self.rng.random() < 0.7:
                self._look(sick, record)
                self._pause(2)
        later = self.transport.time() + people.spread(self.rng, 15)
        self._at(people.at_home(self.rng, later), self._evening, sick)

    def _look(self, sick: Sick, record: bytes) -> None:
        listed = sick.session.list_entries(record)  # the owner's own: always there
        if listed:
            some = [one.entry.entry for one in listed[-3:]]
            self._try(lambda: sick.session.read(record, some))
        if self.rng.random() < 0.3:
            note = _resource("Composition", "how I feel today", self.rng)
            self._try(lambda: sick.session.append(record, note))

    def _revoke(self, sick: Sick, record: bytes) -> None:
        seats = sick.session.who_has_access(record)
        live = [one.line.handle for one in seats[1:] if not one.line.ended]
        if live:
            handle = self.rng.choice(live)
            self._try(lambda: sick.session.revoke(record, handle))

    # A practitioner's day.

    def _morning(self, doctor: Doctor) -> None:
        """Fill the pool, take new patients, look through some charts in a row."""
        session, now = doctor.session, self.transport.time()
        count = max(0, _POOL - len(session.store.kept.pool))
        role = (
            "practitioner" if doctor.house < len(self.network.hospitals) else "insurer"
        )
        self._try(lambda: session.fill_pool(self.network.registrar, role, count))
        for invitation in session.inbox(self.network.office_of(session)):
            self._pause(2)
            taken: list[bytes] = []
            label = "patient"
            if self._try(
                lambda i=invitation: taken.append(session.accept(i, label))  # type: ignore[misc]
            ):
                doctor.endorsed[taken[0]] = self.transport.time()
                self._plan_visit(doctor, taken[0])
        charts = list(doctor.endorsed)
        for record in self.rng.sample(charts, min(len(charts), self.rng.randrange(4))):
            self._pause(4)
            self._read(doctor, record)
        self._at(people.next_start(doctor.shift, now), self._morning, doctor)

    def _plan_visit(self, doctor: Doctor, record: bytes) -> None:
        after = self.transport.time() + people.spread(self.rng, 12)
        time = people.within_shift(self.rng, doctor.shift, after)
        self._at(time, self._visit, doctor, record)

    def _visit(self, doctor: Doctor, record: bytes) -> None:
        if record not in doctor.endorsed or not self._read(doctor, record):
            return  # the participation has ended
        self._pause(8)
        count = self.rng.randint(1, 3)
        notes = [_resource("Observation", "reading", self.rng) for _ in range(count)]
        self._try(lambda: doctor.session.append(record, *notes))
        if self.rng.random() < 0.1 and doctor.house < len(self.network.hospitals):
            self._refer(doctor, record)
        self._plan_visit(doctor, record)

    def _read(self, doctor: Doctor, record: bytes) -> bool:
        session, now = doctor.session, self.transport.time()
        if now > doctor.endorsed[record] + _FRESH:
            if not self._try(lambda: session.renew(record, self.network.registrar)):
                del doctor.endorsed[record]
                return False
            doctor.endorsed[record] = now
        reason = people.words(self.rng, doctor.habits)
        found: list[bytes] = []
        with suppress(CareLedgerError):
            found = [one.entry.entry for one in session.list_entries(record)]
        some = found[-self.rng.randint(1, 4) :]
        if not found:
            return record in doctor.endorsed
        return self._try(lambda: session.read(record, some, reason)) or self._missed(
            doctor, record
        )

    def _missed(self, doctor: Doctor, record: bytes) -> bool:
        """Have the owner wrap again what a dormant handle missed."""
        owner = next(one for one in self.patients if record in one.records)
        handle = doctor.session.part(record).handle
        if self._try(lambda: owner.session.rewrap(record, handle)):
            return True
        doctor.endorsed.pop(record, None)
        return False

    def _refer(self, doctor: Doctor, record: bytes) -> None:
        colleague = self.rng.choice(self.doctors[: self.scale.practitioners])
        if colleague is not doctor:
            self._try(lambda: self._send(doctor, record, colleague))

    def _send(self, doctor: Doctor, record: bytes, colleague: Doctor) -> None:
        found = [one.entry.entry for one in doctor.session.list_entries(record)]
        until = (self.transport.time() // DAY + self.rng.choice((14, 30, 90))) * DAY
        narrow = Offer(
            "practitioner", ("read",), OnlyEntries(tuple(found[-2:])), until, 0
        )
        wide = Offer("practitioner", ("read", "write"), AllEpochs(), until, 0)
        offer = self.rng.choice((narrow, wide))
        doctor.session.refer(record, colleague.listing, offer, "please have a look")

    def _doctor_of(self, house: int) -> Doctor:
        own = [one for one in self.doctors if one.house == house]
        return self.rng.choice(own)

    def _pause(self, minutes: float) -> None:
        self._clock.now = self.transport.time() + int(
            self.rng.expovariate(1 / minutes) * MINUTE
        )


def _resource(kind: str, label: str, rng: random.Random) -> NewResource:
    text = "·" * rng.randrange(40, 4_000)
    body = {"resourceType": kind, "text": {"div": text}, "value": rng.random()}
    return NewResource(json.dumps(body).encode(), label)


__all__ = ["Doctor", "Insurer", "Scale", "Sick", "World"]
