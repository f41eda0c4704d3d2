"""Practitioners' days: morning rounds, visits, referrals, renewals, in their hours."""

from contextlib import suppress
from typing import Final

from careledger.errors import CareLedgerError
from careledger.ledger.actions.referral import AllEpochs, Offer, OnlyEntries
from careledger.local import START
from careledger.sealing.invitations import Invitation
from tools.observer import people
from tools.observer.patients import resource
from tools.observer.people import DAY
from tools.observer.world import INSURER, Doctor, World

_FRESH: Final = 20 * DAY
"""Up to this age an endorsement is good for certain; then it is renewed on use."""

_POOL: Final = 10
_MOST_CHARTS: Final = 3
_REFERRING: Final = 0.1


def begin(world: World) -> None:
    """Plan everybody's first morning."""
    for doctor in world.doctors:
        world.plan(people.next_start(doctor.shift, START), _morning, doctor)


def _morning(world: World, doctor: Doctor) -> None:
    """Fill the pool, take new patients, look through some charts in a row."""
    _fill_pool(world, doctor)
    for invitation in doctor.session.inbox(world.network.office_of(doctor.session)):
        world.pause(2)
        _accept(world, doctor, invitation)
    charts = list(doctor.endorsed)
    count = min(len(charts), world.rng.randint(0, _MOST_CHARTS))
    for record in world.rng.sample(charts, count):
        world.pause(4)
        _read(world, doctor, record)
    world.plan(people.next_start(doctor.shift, world.now()), _morning, doctor)


def _fill_pool(world: World, doctor: Doctor) -> None:
    session, registrar = doctor.session, world.network.registrar
    count = max(0, _POOL - len(session.store.kept.pool))
    if doctor.house == INSURER:
        world.attempt(lambda: session.fill_pool(registrar, "insurer", count))
    else:
        world.attempt(lambda: session.fill_pool(registrar, "practitioner", count))


def _accept(world: World, doctor: Doctor, invitation: Invitation) -> None:
    if world.attempt(lambda: doctor.session.accept(invitation, "patient")):
        doctor.endorsed[invitation.record] = world.now()
        _plan_visit(world, doctor, invitation.record)


def _plan_visit(world: World, doctor: Doctor, record: bytes) -> None:
    after = world.now() + people.spread(world.rng, 12)
    time = people.within_shift(world.rng, doctor.shift, after)
    world.plan(time, _visit, doctor, record)


def _visit(world: World, doctor: Doctor, record: bytes) -> None:
    """Read, see the patient, write; sometimes refer. Ends with the participation."""
    if record not in doctor.endorsed or not _read(world, doctor, record):
        return
    world.pause(8)
    count = world.rng.randint(1, 3)
    notes = [resource(world, "Observation", "reading") for _ in range(count)]
    world.attempt(lambda: doctor.session.append(record, *notes))
    if world.rng.random() < _REFERRING and doctor.house != INSURER:
        world.pause(3)
        _refer(world, doctor, record)
    _plan_visit(world, doctor, record)


def _read(world: World, doctor: Doctor, record: bytes) -> bool:
    if not _renew(world, doctor, record):
        return False
    reason = people.words(world.rng, doctor.habits)
    found: list[bytes] = []
    with suppress(CareLedgerError):
        found = [one.entry.entry for one in doctor.session.list_entries(record)]
    if not found:
        return True
    some = found[-world.rng.randint(1, 4) :]
    read = world.attempt(lambda: doctor.session.read(record, some, reason))
    return read or _wrapped_again(world, doctor, record)


def _renew(world: World, doctor: Doctor, record: bytes) -> bool:
    now, registrar = world.now(), world.network.registrar
    if now <= doctor.endorsed[record] + _FRESH:
        return True
    if world.attempt(lambda: doctor.session.renew(record, registrar)):
        doctor.endorsed[record] = now
        return True
    del doctor.endorsed[record]  # the participation has ended
    return False


def _wrapped_again(world: World, doctor: Doctor, record: bytes) -> bool:
    """Have the owner wrap what a dormant handle missed; tell whether it goes on."""
    owner = next(one for one in world.patients if record in one.records)
    handle = doctor.session.part(record).handle
    if world.attempt(lambda: owner.session.rewrap(record, handle)):
        return True
    del doctor.endorsed[record]
    return False


def _refer(world: World, doctor: Doctor, record: bytes) -> None:
    colleague = world.rng.choice([one for one in world.doctors if one.house != INSURER])
    if colleague is not doctor:
        world.attempt(lambda: _send(world, doctor, record, colleague))


def _send(world: World, doctor: Doctor, record: bytes, colleague: Doctor) -> None:
    """Refer until the end of some day: everything, or the last two entries."""
    found = [one.entry.entry for one in doctor.session.list_entries(record)]
    until = (world.now() // DAY + world.rng.choice((14, 30, 90))) * DAY
    last = OnlyEntries(tuple(found[-2:]))
    narrow = Offer("practitioner", ("read",), last, until, 0)
    wide = Offer("practitioner", ("read", "write"), AllEpochs(), until, 0)
    offer = world.rng.choice((narrow, wide))
    doctor.session.refer(record, colleague.listing, offer, "please have a look")
