"""The three questions of an observer, as pairs to be judged.

handles        are these two handles one person?
records        do these two records belong to one patient?
organisations  does this handle belong to that organisation's people?
custodians     is this record kept by that organisation?
"""

import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tools.observer import attack, profile
from tools.observer.attack import Row, Worth
from tools.observer.houses import COLUMNS, compare_house, house_profiles
from tools.observer.observation import Observation
from tools.observer.pairs import FEATURES, GROUPS, Crowd
from tools.observer.profile import Profile
from tools.observer.truth import Truth

_MOST_TRUE: Final = 3_000
_FALSE_PER_TRUE: Final = 3
_LEAST_FALSE: Final = 3_000


@dataclass(frozen=True, slots=True)
class Question:
    """Pairs with the truth, and what their features are called.

    Attributes:
        known: pairs of the persons that the attacker learns from.
        asked: pairs of other persons.
        groups: kind of evidence → columns of the features.
    """

    known: Sequence[Row]
    asked: Sequence[Row]
    groups: Mapping[str, tuple[int, ...]]


def judge(question: Question) -> dict[str, dict[str, Worth]]:
    """Return kind of evidence → method → what the guess is worth."""
    found: dict[str, dict[str, Worth]] = {}
    every = tuple(range(len(question.asked[0].features)))
    for name, columns in {**question.groups, "all": every}.items():
        known = attack.pick(question.known, columns)
        asked = attack.pick(question.asked, columns)
        found[name] = {
            "rule": attack.worth(asked, attack.by_rule(asked)),
            "learnt": attack.worth(asked, attack.by_learning(known, asked)),
        }
    return found


def handles(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which handles are one person's."""
    people = {handle: one.person for handle, one in truth.seats.items()}
    return _pairs(profile.of_handles(seen), people, rng)


def records(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which records are one patient's."""
    people = {record: one.person for record, one in truth.charts.items()}
    return _pairs(profile.of_records(seen), people, rng)


def organisations(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which organisation's people a handle belongs to."""
    belongs = {handle: (one.person, one.house) for handle, one in truth.seats.items()}
    return _with_houses(seen, truth, profile.of_handles(seen), belongs, rng)


def custodians(
    seen: Observation, truth: Truth, rng: random.Random, *, first: bool
) -> Question:
    """Ask which hospital keeps a record: first records, or all the others."""
    belongs = {
        record: (one.person, one.house)
        for record, one in truth.charts.items()
        if one.first == first
    }
    return _with_houses(seen, truth, profile.of_records(seen), belongs, rng)


def _pairs(
    profiles: Mapping[bytes, Profile], people: Mapping[bytes, str], rng: random.Random
) -> Question:
    crowd = Crowd(profiles.values())
    groups = {
        name: tuple(FEATURES.index(one) for one in columns)
        for name, columns in GROUPS.items()
    }

    def rows(some: Sequence[str]) -> list[Row]:
        chosen = [one for one in profiles if people.get(one) in some]
        return [
            Row(
                crowd.compare(profiles[one], profiles[other]),
                people[one] == people[other],
                (people[one], people[other]),
            )
            for one, other in _some_pairs(chosen, people, rng)
        ]

    known, asked = _halves(people.values(), rng)
    return Question(rows(known), rows(asked), groups)


def _some_pairs(
    chosen: Sequence[bytes], people: Mapping[bytes, str], rng: random.Random
) -> Iterator[tuple[bytes, bytes]]:
    """Yield true pairs (all, or many) and some false ones, in random order of two."""
    by_person: dict[str, list[bytes]] = defaultdict(list)
    for one in chosen:
        by_person[people[one]].append(one)
    true = [
        pair for own in by_person.values() for pair in itertools.combinations(own, 2)
    ]
    true = rng.sample(true, min(len(true), _MOST_TRUE))
    yield from true
    wanted = max(_LEAST_FALSE, _FALSE_PER_TRUE * len(true))
    for _ in range(wanted):
        one, other = rng.sample(chosen, 2)
        if people[one] != people[other]:
            yield one, other


def _with_houses(
    seen: Observation,
    truth: Truth,
    profiles: Mapping[bytes, Profile],
    belongs: Mapping[bytes, tuple[str, int]],
    rng: random.Random,
) -> Question:
    houses = house_profiles(seen, truth.houses)
    known, asked = _halves((person for person, _ in belongs.values()), rng)

    def rows(some: Sequence[str]) -> list[Row]:
        return [
            Row(
                compare_house(profiles[one], houses[house]),
                number == belongs[one][1],
                (belongs[one][0], belongs[one][0]),
            )
            for one in belongs
            if one in profiles and belongs[one][0] in some
            for number, house in enumerate(truth.houses)
        ]

    return Question(rows(known), rows(asked), COLUMNS)


def _halves(
    people: Iterable[str], rng: random.Random
) -> tuple[frozenset[str], frozenset[str]]:
    every = sorted(set(people))
    rng.shuffle(every)
    half = len(every) // 2
    return frozenset(every[:half]), frozenset(every[half:])
