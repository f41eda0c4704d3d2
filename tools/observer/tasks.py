"""The questions of an observer, as pairs to be judged.

handles        are these two handles one person's?
records        do these two records belong to one patient?
organisations  does this handle belong to that organisation's people?
custodians     is this record kept by that hospital?

What fields, sizes and counts tell beyond the time is judged against false pairs
that lie as far apart in time as the true ones; times against any false pairs.
"""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tools.observer import attack, profile
from tools.observer.attack import Row, Worth
from tools.observer.houses import COLUMNS, NAMES, compare_house, house_profiles
from tools.observer.observation import Observation
from tools.observer.pairs import FEATURES, GROUPS, Crowd
from tools.observer.profile import Profile
from tools.observer.truth import Truth

_MOST_TRUE: Final = 2_000
_LEAST_FALSE: Final = 2_000
_CLOSE: Final = 10
"""A false pair in time is one of this many that begin nearest to the true one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Pairs of some people.

    Attributes:
        any: true pairs, and any false ones.
        close: true pairs, and false ones as far apart in time.
    """

    any: Sequence[Row]
    close: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Question:
    """Pairs with the truth, and what their features are called.

    Attributes:
        known: those that the attacker learns from.
        asked: those of other persons.
        groups: kind of evidence → columns of the features.
        names: of the features.
    """

    known: Rows
    asked: Rows
    groups: Mapping[str, tuple[int, ...]]
    names: tuple[str, ...]


HOSPITALS: Final = (0, 1, 2)
"""Numbers of the organisations that keep records; 3 is the insurer."""


def judge(question: Question) -> dict[str, dict[str, Worth]]:
    """Return kind of evidence → method → what the guess is worth."""
    found: dict[str, dict[str, Worth]] = {}
    every = tuple(range(len(question.names)))
    for name, columns in {**question.groups, "all": every}.items():
        timed = name in {"times", "all"}
        known, asked = (
            attack.pick(rows.any if timed else rows.close, columns)
            for rows in (question.known, question.asked)
        )
        found[name] = {
            "rule": attack.worth(asked, attack.by_rule(asked)),
            "learnt": attack.worth(asked, attack.by_learning(known, asked)),
        }
    return found


def single(question: Question) -> dict[str, Worth]:
    """Return what each feature of the times is worth alone."""
    return {
        question.names[column]: attack.worth(
            question.asked.any, [row.features[column] for row in question.asked.any]
        )
        for column in question.groups["times"]
    }


def handles(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which handles are one person's."""
    people = {handle: one.person for handle, one in truth.seats.items()}
    return pairs(profile.of_handles(seen), people, seen.records(), rng)


def records(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which records are one patient's."""
    people = {record: one.person for record, one in truth.charts.items()}
    return pairs(profile.of_records(seen), people, {}, rng)


def organisations(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which organisation's people a handle belongs to."""
    belongs = {handle: (one.person, one.house) for handle, one in truth.seats.items()}
    return with_houses(seen, truth, profile.of_handles(seen), belongs, rng)


def first_custodians(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which hospital keeps a record that opened while its patient waited."""
    return _custodians(seen, truth, rng, first=True)


def later_custodians(seen: Observation, truth: Truth, rng: random.Random) -> Question:
    """Ask which hospital keeps a record that opened at a random time."""
    return _custodians(seen, truth, rng, first=False)


def _custodians(
    seen: Observation, truth: Truth, rng: random.Random, *, first: bool
) -> Question:
    belongs = {
        record: (one.person, one.house)
        for record, one in truth.charts.items()
        if one.first == first
    }
    profiles = profile.of_records(seen)
    return with_houses(seen, truth, profiles, belongs, rng, HOSPITALS)


def pairs(
    profiles: Mapping[bytes, Profile],
    people: Mapping[bytes, str],
    places: Mapping[bytes, bytes],
    rng: random.Random,
) -> Question:
    """Return a question about pairs of subjects.

    Args:
        profiles: subject → what is known.
        people: subject → the truth.
        places: subject → record; what two handles of one record share is the
            record's, so such pairs are left out.
        rng: draws halves and pairs.
    """
    known, asked = halves(people.values(), rng)
    draw = Draw(profiles, people, places, rng)
    return Question(draw.rows(known), draw.rows(asked), *COMPARED)


COMPARED: Final = (
    {
        name: tuple(FEATURES.index(one) for one in columns)
        for name, columns in GROUPS.items()
    },
    FEATURES,
)
"""Groups and names of the features of a pair."""


@dataclass(frozen=True, slots=True)
class How:
    """What an attacker with knowledge of its own asks, and adds to each pair."""

    asks: Callable[[bytes, bytes], bool] = lambda _, __: True
    adds: Callable[[bytes, bytes], tuple[float, ...]] = lambda _, __: ()


class Draw:
    """Draws pairs of subjects and compares them."""

    def __init__(
        self,
        profiles: Mapping[bytes, Profile],
        people: Mapping[bytes, str],
        places: Mapping[bytes, bytes],
        rng: random.Random,
        how: How | None = None,
    ) -> None:
        self._profiles, self._people, self._places = profiles, people, places
        self._rng, self._how = rng, how or How()
        self._crowd = Crowd(profiles.values())

    def rows(self, some: Collection[str]) -> Rows:
        """Return compared pairs of these people, true and false ones."""
        chosen = [one for one in self._profiles if self._people.get(one) in some]
        true = self._true(chosen)
        rows = [self._row(*pair) for pair in true]
        return Rows(
            [*rows, *(self._row(*pair) for pair in self._any(len(true), chosen))],
            [*rows, *(self._row(*pair) for pair in self._close(true, chosen))],
        )

    def _row(self, one: bytes, other: bytes) -> Row:
        features = self._crowd.compare(self._profiles[one], self._profiles[other])
        people = (self._people[one], self._people[other])
        added = self._how.adds(one, other)
        return Row((*features, *added), people[0] == people[1], people)

    def _true(self, chosen: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        own: dict[str, list[bytes]] = defaultdict(list)
        for one in chosen:
            own[self._people[one]].append(one)
        every = itertools.chain.from_iterable(
            itertools.permutations(mine, 2) for mine in own.values()
        )
        true = [pair for pair in every if self._asks(*pair)]
        true = list({frozenset(pair): pair for pair in true}.values())
        return self._rng.sample(true, min(len(true), _MOST_TRUE))

    def _any(self, true: int, chosen: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        for _ in range(max(_LEAST_FALSE, 2 * true)):
            one, other = self._rng.sample(chosen, 2)
            if self._differ(one, other):
                yield one, other

    def _close(
        self, true: Sequence[tuple[bytes, bytes]], chosen: Sequence[bytes]
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield, for each true pair, false ones that begin when its second does."""
        start = {one: self._profiles[one].times[0] for one in chosen}
        for one, other in true:
            fit = [third for third in chosen if self._differ(one, third)]
            fit.sort(key=lambda third, when=start[other]: abs(start[third] - when))  # type: ignore[misc]
            near = fit[:_CLOSE]
            for third in self._rng.sample(near, min(2, len(near))):
                yield one, third

    def _differ(self, one: bytes, other: bytes) -> bool:
        return self._people[one] != self._people[other] and self._asks(one, other)

    def _asks(self, one: bytes, other: bytes) -> bool:
        apart = self._places.get(one, one) != self._places.get(other, other)
        return apart and self._how.asks(one, other)


def with_houses(
    seen: Observation,
    truth: Truth,
    profiles: Mapping[bytes, Profile],
    belongs: Mapping[bytes, tuple[str, int]],
    rng: random.Random,
    houses: Sequence[int] = (0, 1, 2, 3),
) -> Question:
    """Return a question about subjects and organisations.

    Args:
        seen: what a validator stores.
        truth: which organisations there are.
        profiles: subject → what is known.
        belongs: subject → person, number of the organisation: the truth.
        rng: draws halves.
        houses: numbers of the organisations that come into question.
    """
    found = house_profiles(seen, truth.houses)
    known, asked = halves((person for person, _ in belongs.values()), rng)

    def rows(some: Collection[str]) -> Rows:
        made = [
            Row(
                compare_house(profiles[one], found[truth.houses[number]]),
                number == house,
                (person, person),
            )
            for one, (person, house) in belongs.items()
            if one in profiles and person in some
            for number in houses
        ]
        return Rows(made, made)

    return Question(rows(known), rows(asked), COLUMNS, NAMES)


def halves(
    people: Iterable[str], rng: random.Random
) -> tuple[frozenset[str], frozenset[str]]:
    """Return two random halves of some people."""
    every = sorted(set(people))
    rng.shuffle(every)
    half = len(every) // 2
    return frozenset(every[:half]), frozenset(every[half:])
