"""Who takes part in the simulation: names of different lengths, working hours."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
MINUTE: Final = 60_000

_FIRST: Final = (
    *("Al", "Bo", "Eve", "Ida", "Noah", "Ada", "Ben"),
    *("Clara", "David", "Marta", "Hakan", "Leonie", "Philippa"),
)
_SECOND: Final = (
    *("Ek", "Ito", "Roth", "Lind", "Berg", "Abadi", "Novak", "Keller", "Moreau"),
    *("Tanaka", "Andersen", "Fitzgerald", "Papadopoulos", "Nascimento-Vieira"),
    "Grzybowska-Malinowska",
)
_STARTS: Final = (6, 7, 8, 8, 9, 13, 19)
_LENGTHS: Final = (6, 8, 8, 9)


@dataclass(frozen=True, slots=True)
class Shift:
    """When somebody works.

    Attributes:
        start: hour of the day, UTC.
        hours: length.
        weekdays: 0 is the weekday of 1970-01-01.
    """

    start: int
    hours: int
    weekdays: tuple[int, ...]


def draw_names(rng: random.Random, count: int) -> list[str]:
    """Return `count` different names."""
    every = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    return rng.sample(every, count)


def draw_shift(rng: random.Random) -> Shift:
    """Return the working hours of a practitioner: full or part time."""
    days = rng.choice((3, 4, 5, 5, 5))
    weekdays = tuple(sorted(rng.sample(range(7), days)))
    return Shift(rng.choice(_STARTS), rng.choice(_LENGTHS), weekdays)


def next_start(shift: Shift, after: int) -> int:
    """Return when the first shift begins that begins after `after` (ms)."""
    day = after // DAY
    while True:
        start = day * DAY + shift.start * HOUR
        if start > after and day % 7 in shift.weekdays:
            return start
        day += 1


def within_shift(rng: random.Random, shift: Shift, after: int) -> int:
    """Return a time in the next shift (ms)."""
    return next_start(shift, after) + int(rng.random() * shift.hours * HOUR)


def at_home(rng: random.Random, after: int) -> int:
    """Return a time in the evening of the same or the next day (ms)."""
    evening = (after // DAY) * DAY + 17 * HOUR + int(rng.random() * 5 * HOUR)
    return evening if evening > after else evening + DAY


def at_the_desk(rng: random.Random, day: int) -> int:
    """Return a time in opening hours, 8 to 17, of a day (ms)."""
    return day * DAY + 8 * HOUR + int(rng.random() * 9 * HOUR)


def spread(rng: random.Random, mean_days: float) -> int:
    """Return an exponentially distributed time (ms)."""
    return int(rng.expovariate(1 / mean_days) * DAY)


def words(rng: random.Random, choices: Sequence[str]) -> str:
    """Return one of `choices`, most often the first: people have habits."""
    return choices[0] if rng.random() < 0.8 else rng.choice(list(choices))
