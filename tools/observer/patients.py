"""Patients' lives: joining, further records, evenings with their own records."""

import json
from typing import Final

from careledger.client.patient import Joining, full_access
from careledger.client.writing import NewResource
from careledger.local import START
from tools.observer import people
from tools.observer.people import DAY
from tools.observer.world import INSURER, Sick, World

_INSURED: Final = 0.6
_ONE_MORE: Final = 0.45
_WITH_PLAN: Final = 0.3
_REVOKING: Final = 0.1
_LOOKING: Final = 0.7
_WRITING: Final = 0.3
_ROTATION: Final = (20, 40)
"""Days between two rotations of a record, each at a random time of its own."""


def begin(world: World) -> None:
    """Plan everybody's registration, in opening hours of the first four fifths."""
    for _ in range(world.scale.patients):
        day = START // DAY + 1 + int(world.rng.random() * world.scale.days * 0.8)
        world.plan(people.at_the_desk(world.rng, day), _join)


def _join(world: World) -> None:
    """Register at a hospital; the first record opens while the patient waits."""
    house = world.rng.randrange(INSURER)
    insured = world.rng.random() < _INSURED
    insurer = world.doctor_of(INSURER) if insured else None
    name = people.draw_names(world.rng, 1)[0]
    personal = {"resourceType": "Patient", "name": [{"text": name}]}
    joining = Joining(
        world.network.hospitals[house],
        world.network.registrar,
        "primary care",
        json.dumps(personal).encode(),
        world.doctor_of(house).listing,
        insurer.listing if insurer else None,
    )
    sick = Sick(world.network.patient())
    kits: list[bytes] = []
    if not world.attempt(lambda: kits.append(sick.session.register(joining).record)):
        return
    sick.first = kits[0]
    sick.records[sick.first] = house
    world.patients.append(sick)
    _plan_life(world, sick, house)


def _plan_life(world: World, sick: Sick, house: int) -> None:
    now = world.now()
    for task in sick.session.store.kept.tasks:
        world.plan(task.due, _open_policy, sick, house)
    while world.rng.random() < _ONE_MORE:
        wish = now + people.spread(world.rng, world.scale.days / 4)
        world.plan(wish + int(world.rng.random() * DAY), _open_context, sick)
    if world.rng.random() < _WITH_PLAN:
        world.plan(people.at_home(world.rng, now + DAY), _set_plan, sick, house)
    world.plan(people.at_home(world.rng, now + DAY), _evening, sick)
    _plan_record(world, sick, sick.first)


def _plan_record(world: World, sick: Sick, record: bytes) -> None:
    world.plan(_next_rotation(world), _rotate, sick, record)
    if world.rng.random() < _REVOKING:
        leave = world.now() + people.spread(world.rng, world.scale.days / 3)
        world.plan(people.at_home(world.rng, leave), _revoke, sick, record)


def _open_policy(world: World, sick: Sick, house: int) -> None:
    """Open the insurer's record at the random time that the client drew."""
    listed = [one.listing for one in world.doctors]
    hospital, registrar = world.network.hospitals[house], world.network.registrar
    opened: list[bytes] = []
    world.attempt(
        lambda: opened.extend(sick.session.catch_up(hospital, registrar, listed))
    )
    sick.records |= dict.fromkeys(opened, house)


def _open_context(world: World, sick: Sick) -> None:
    """Open a record for another care context, at the own hospital or elsewhere."""
    home = sick.records[sick.first]
    house = home if world.rng.random() < 1 / 2 else world.rng.randrange(INSURER)
    offers = [(world.doctor_of(house).listing, full_access())]
    hospital, registrar = world.network.hospitals[house], world.network.registrar
    opened: list[bytes] = []
    if world.attempt(
        lambda: opened.append(
            sick.session.open_record(hospital, registrar, "context", offers)
        )
    ):
        sick.records[opened[0]] = house
        _plan_record(world, sick, opened[0])
    if not sick.session.store.kept.tokens:
        quiet = world.now() + int(world.rng.uniform(1, 7) * DAY)
        world.plan(quiet, _stock_up, sick)


def _stock_up(world: World, sick: Sick) -> None:
    """Get tokens again, at a moment that has to do with no record."""
    world.attempt(lambda: sick.session.stock_up(world.network.registrar))


def _set_plan(world: World, sick: Sick, house: int) -> None:
    """Prepare for an emergency: two agents of the own hospital, one of another."""
    other = (house + 1 + world.rng.randrange(2)) % INSURER
    agents = [world.network.hospitals[one].new_agent() for one in (house, house, other)]
    world.attempt(lambda: sick.session.set_plan(sick.first, agents))


def _evening(world: World, sick: Sick) -> None:
    """Look at the own records, one after the other."""
    for record in sick.records:
        if world.rng.random() < _LOOKING:
            _look(world, sick, record)
            world.pause(2)
    later = world.now() + people.spread(world.rng, 15)
    world.plan(people.at_home(world.rng, later), _evening, sick)


def _look(world: World, sick: Sick, record: bytes) -> None:
    some = [one.entry.entry for one in sick.session.list_entries(record)[-3:]]
    if some:
        world.attempt(lambda: sick.session.read(record, some))
    if world.rng.random() < _WRITING:
        note = resource(world, "Composition", "how I feel today")
        world.attempt(lambda: sick.session.append(record, note))


def _rotate(world: World, sick: Sick, record: bytes) -> None:
    world.attempt(lambda: sick.session.rotate(record))
    world.plan(_next_rotation(world), _rotate, sick, record)


def _next_rotation(world: World) -> int:
    return world.now() + int(world.rng.uniform(*_ROTATION) * DAY)


def _revoke(world: World, sick: Sick, record: bytes) -> None:
    seats = sick.session.who_has_access(record)
    live = [one.line.handle for one in seats[1:] if not one.line.ended]
    if live:
        handle = world.rng.choice(live)
        world.attempt(lambda: sick.session.revoke(record, handle))


def resource(world: World, kind: str, label: str) -> NewResource:
    """Return a resource of a random size."""
    text = "·" * world.rng.randrange(40, 4_000)
    body = {"resourceType": kind, "text": {"div": text}, "value": world.rng.random()}
    return NewResource(json.dumps(body).encode(), label)
