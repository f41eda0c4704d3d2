"""A network in simulated time, its people, and an agenda of what will happen.

Everything is done by real client sessions on a real ledger. Schedule and names
follow the seed; keys and seals are random, as they are in life, so the figures of
two runs differ a little.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from careledger.client.directory import Listing
from careledger.client.patient import Patient
from careledger.client.practitioner import Practitioner
from careledger.errors import CareLedgerError
from careledger.local import START, LocalNetwork, SimulatedClock
from tools.observer import people
from tools.observer.people import DAY, MINUTE, Shift
from tools.observer.wire import Unhurried

INSURER: Final = 3
"""The insurer's number; the hospitals have 0, 1 and 2."""

_INSURERS: Final = 2
_REASONS: Final = ("follow-up", "first visit", "second opinion, asked by a colleague")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is simulated."""

    patients: int = 300
    practitioners: int = 30
    days: int = 90
    seed: int = 1


@dataclass(eq=False, slots=True)
class Doctor:
    """A practitioner, or one of the insurer's people.

    Attributes:
        session: the real client.
        house: number of the organisation.
        shift: working hours.
        listing: entry in the directory.
        habits: reasons for reading, the own favourite first.
        endorsed: record → when the handle in it was last endorsed.
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


class World:
    """What lives.

    Attributes:
        folder: of the network.
        scale: how much of it.
        rng: draws everything that the schedule leaves open.
        network: real but for time and the wire.
        transport: what everybody submits through.
        doctors: practitioners of all hospitals, then the insurer's people.
        patients: those who have joined.
        failed: what the ledger or a client refused, by code.
        done: acts that went through.
    """

    def __init__(self, folder: Path, scale: Scale) -> None:
        self.folder, self.scale = folder, scale
        self.rng = random.Random(scale.seed)
        self._clock = SimulatedClock()
        seed = scale.seed.to_bytes(32, "big")
        self.network = LocalNetwork.create(folder, seed, self._clock)
        inner = self.network.transport
        self.transport = Unhurried(inner, self._clock, self.rng)
        for office in (*self.network.hospitals, self.network.registrar):
            office.line.transport = self.transport
        self.network.transport = self.transport  # type: ignore[assignment]
        self.failed: Counter[str] = Counter()
        self.done = 0
        self.patients: list[Sick] = []
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self.doctors = self._hire()

    def plan(self, time: int, act: Callable[..., None], *args: object) -> None:
        """Put an act on the agenda."""
        self._number += 1
        heapq.heappush(self._agenda, (time, self._number, lambda: act(self, *args)))

    def live(self) -> None:
        """Let everything on the agenda happen, in order of time."""
        end = START + self.scale.days * DAY
        while self._agenda and self._agenda[0][0] < end:
            due, _, act = heapq.heappop(self._agenda)
            self._clock.now = max(self._clock.now, due)
            act()

    def attempt(self, act: Callable[[], object]) -> bool:
        """Do something that may be refused; tell whether it was done."""
        try:
            act()
        except CareLedgerError as error:
            self.failed[error.code] += 1
            return False
        self.done += 1
        return True

    def now(self) -> int:
        """Return the ledger's time, milliseconds."""
        return self.transport.time()

    def pause(self, minutes: float) -> None:
        """Let about so many minutes pass."""
        length = self.rng.expovariate(1 / minutes) * MINUTE
        self._clock.now = self.now() + int(length)

    def doctor_of(self, house: int) -> Doctor:
        """Return somebody of an organisation."""
        return self.rng.choice([one for one in self.doctors if one.house == house])

    def _hire(self) -> list[Doctor]:
        count = self.scale.practitioners
        names = people.draw_names(self.rng, count + _INSURERS)
        hired = []
        for number, name in enumerate(names):
            house = number % INSURER if number < count else INSURER
            session: Practitioner = (
                self.network.insurer(name)
                if house == INSURER
                else self.network.practitioner(name, house)
            )
            listing, shift = self.network.listing(session), people.draw_shift(self.rng)
            habits = tuple(self.rng.sample(_REASONS, len(_REASONS)))
            hired.append(Doctor(session, house, shift, listing, habits))
        return hired
