"""The same questions, asked by hospital A, which knows its own patients and staff.

It knows which custodian handles are its own, hence which records it keeps; which
patient each of these belongs to; and which handles are its staff's. It learns from
what it knows, and asks about the rest.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from tools.observer import profile
from tools.observer.observation import Observation
from tools.observer.profile import Profile
from tools.observer.tasks import COMPARED, Draw, How, Question, halves, with_houses
from tools.observer.truth import Truth

A: Final = 0
"""The number of the hospital that attacks."""


def handles(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which of the others' handles are one person's; learn from the own staff."""
    people = {handle: one.person for handle, one in truth.seats.items()}
    draw = Draw(profile.of_handles(seen), people, seen.records(), rng)
    own = frozenset(one.person for one in truth.seats.values() if one.house == A)
    rest = frozenset(people.values()) - own
    return Question(draw.rows(own), draw.rows(rest), *COMPARED)


def records(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which records elsewhere belong to a patient of whom A keeps a record."""
    people = {record: one.person for record, one in truth.charts.items()}
    kept = {record for record, one in truth.charts.items() if one.house == A}
    names = {person: key for key, person in truth.patients.items()}
    profiles = _with_names(profile.of_records(seen), kept, people, names)
    staff = _staff(seen, truth)
    how = How(
        asks=lambda one, other: one in kept and other not in kept,
        adds=lambda one, other: (_shared(staff, one, other),),
    )
    draw = Draw(profiles, people, {}, rng, how)
    known, asked = halves((people[one] for one in kept), rng)
    groups, features = COMPARED
    added = {**groups, "own staff": (len(features),)}
    return Question(draw.rows(known), draw.rows(asked), added, (*features, "own staff"))


def organisations(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which of the other organisations a handle belongs to."""
    belongs = {
        handle: (one.person, one.house)
        for handle, one in truth.seats.items()
        if one.house != A
    }
    return with_houses(
        seen, truth, profile.of_handles(seen), belongs, rng, houses=(1, 2, 3)
    )


def custodians(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which of the other hospitals keeps a record that opened at a random time."""
    belongs = {
        record: (one.person, one.house)
        for record, one in truth.charts.items()
        if one.house != A and not one.first
    }
    return with_houses(
        seen, truth, profile.of_records(seen), belongs, rng, houses=(1, 2)
    )


def _with_names(
    profiles: Mapping[bytes, Profile],
    kept: Collection[bytes],
    people: Mapping[bytes, str],
    names: Mapping[str, bytes],
) -> dict[bytes, Profile]:
    """Return the profiles, those of A's own records with their patient's name."""
    return {
        record: replace(one, tokens=(frozenset({names[people[record]]}),) * 2)
        if record in kept
        else one
        for record, one in profiles.items()
    }


def _staff(seen: Observation, truth: Truth) -> dict[bytes, frozenset[str]]:
    """Return record → which of A's staff take part."""
    records = seen.records()
    found: dict[bytes, set[str]] = defaultdict(set)
    for handle, one in truth.seats.items():
        if one.house == A:
            found[records[handle]].add(one.person)
    return {record: frozenset(people) for record, people in found.items()}


def _shared(staff: Mapping[bytes, frozenset[str]], one: bytes, other: bytes) -> float:
    """Return how surprising it is that the same of A's staff are in two records."""
    both = staff.get(one, frozenset()) & staff.get(other, frozenset())
    seats = Counter(person for people in staff.values() for person in people)
    return sum(math.log2(len(staff) / seats[person]) for person in both)
