"""The truth beside an observation: the attacker is judged by it, and never sees it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tools.observer.observation import Observation, events_of, read_file
from tools.observer.world import World


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is behind a handle: a person, and the number of the organisation."""

    person: str
    house: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Whose a record is, who keeps it, and whether its owner waited for it."""

    person: str
    house: int
    first: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that is to be guessed.

    Attributes:
        seats: handle → who is behind it, of practitioners and insurers.
        charts: record → its truth.
        owners: record → its owner handle.
        patients: a patient's public key → person.
        houses: ids of the organisations, by number.
    """

    seats: Mapping[bytes, Seat]
    charts: Mapping[bytes, Chart]
    owners: Mapping[bytes, bytes]
    patients: Mapping[bytes, str]
    houses: tuple[bytes, ...]


def look_back(world: World) -> tuple[Observation, Truth]:
    """Close a world; return what a validator has of it, and the truth."""
    network = world.network
    events = events_of(network.engine.query, world.transport.envelopes)
    houses = tuple(one.organisation for one in network.hospitals)
    truth = Truth(
        dict(_seats(world)),
        dict(_charts(world)),
        dict(_owners(world)),
        {
            one.session.store.member.signing.public: f"patient {number}"
            for number, one in enumerate(world.patients)
        },
        (*houses, network.insurer_office.organisation),
    )
    network.close()
    state, public = read_file(world.folder / "ledger.db")
    return Observation(events, state, public), truth


def _seats(world: World) -> Iterator[tuple[bytes, Seat]]:
    for number, doctor in enumerate(world.doctors):
        store = doctor.session.store
        for used in store.kept.used:
            if used.record:
                seat = Seat(f"doctor {number}", doctor.house)
                yield store.keys(used.index).signing.public, seat


def _charts(world: World) -> Iterator[tuple[bytes, Chart]]:
    for number, sick in enumerate(world.patients):
        for record, house in sick.records.items():
            yield record, Chart(f"patient {number}", house, record == sick.first)


def _owners(world: World) -> Iterator[tuple[bytes, bytes]]:
    for sick in world.patients:
        for record in sick.records:
            yield record, sick.session.part(record).handle
