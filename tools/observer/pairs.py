"""What two profiles have in common: each feature is larger the more alike they are."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from tools.observer.people import DAY, HOUR, MINUTE
from tools.observer.profile import Profile

K = TypeVar("K")

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "fields": ("shared values", "ends"),
    "sizes": ("shared sizes", "size sets"),
    "times": (
        "gap",
        "near",
        "hours",
        "weekdays",
        "neighbours",
        "tokens in a minute",
        "tokens in a day",
    ),
    "counts": ("lengths", "acts"),
}
"""Kinds of evidence → features."""

FEATURES: Final = tuple(name for group in GROUPS.values() for name in group)

_NEAR: Final = 15 * MINUTE
_MOST_BITS: Final = 40.0


class Crowd:
    """Everybody's profiles: how rare a value or a size is."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._values: Counter[object] = Counter()
        self._sizes: Counter[object] = Counter()
        self._count = 0
        for one in profiles:
            self._count += 1
            self._values.update(one.values)
            self._sizes.update(one.sizes.keys())

    def compare(self, one: Profile, other: Profile) -> tuple[float, ...]:
        """Return the features of a pair, in the order of `FEATURES`."""
        return (
            self._bits(self._values, one.values & other.values),
            -_log(_nearest(one.ends, other.ends) / HOUR),
            self._bits(self._sizes, one.sizes.keys() & other.sizes.keys()),
            _alike_sets(one.sizes, other.sizes),
            -_log(_nearest(one.times, other.times) / MINUTE),
            _near(one.times, other.times),
            _cosine(_hours(one), _hours(other)),
            _cosine(_weekdays(one), _weekdays(other)),
            -_log(_nearest(one.positions, other.positions)),
            _overlap(one.tokens[0], other.tokens[0]),
            _overlap(one.tokens[1], other.tokens[1]),
            -abs(_log(len(one.times)) - _log(len(other.times))),
            _cosine(one.acts, other.acts),
        )

    def _bits(self, counts: Counter[object], shared: Iterable[object]) -> float:
        """Return how surprising it is to share these: constants count nothing."""
        bits = sum(math.log2(self._count / counts[one]) for one in shared)
        return min(bits, _MOST_BITS)


def _log(value: float) -> float:
    return math.log(1 + value)


def _nearest(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the least distance between two ascending rows; large if one is empty."""
    best = float(1 << 40)
    row = sorted(other)
    for value in one:
        at = bisect_left(row, value)
        for neighbour in row[max(0, at - 1) : at + 1]:
            best = min(best, abs(value - neighbour))
    return best


def _near(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the share of `one` that something of `other` happened close to."""
    near = sum(
        bisect_left(other, time + _NEAR) > bisect_left(other, time - _NEAR)
        for time in one
    )
    return near / len(one)


def _hours(one: Profile) -> Counter[int]:
    return Counter(time % DAY // HOUR for time in one.times)


def _weekdays(one: Profile) -> Counter[int]:
    return Counter(time // DAY % 7 for time in one.times)


def _cosine(one: Mapping[K, int], other: Mapping[K, int]) -> float:
    product = sum(count * other.get(key, 0) for key, count in one.items())
    return product / math.sqrt(_square(one) * _square(other))


def _square(one: Mapping[K, int]) -> int:
    return sum(count * count for count in one.values())


def _overlap(one: Collection[bytes], other: Collection[bytes]) -> float:
    """Return how likely two draws from two sets are the same."""
    both = sum(key in other for key in one)
    return both / max(1, len(one) * len(other))


def _alike_sets(
    one: Counter[tuple[str, int, int]], other: Counter[tuple[str, int, int]]
) -> float:
    """Return the mean overlap of the sizes at each place that both have filled."""
    mine, yours = _by_place(one), _by_place(other)
    common = mine.keys() & yours.keys()
    if not common:
        return 0.0
    shares = [
        len(mine[place] & yours[place]) / len(mine[place] | yours[place])
        for place in common
    ]
    return sum(shares) / len(shares)


def _by_place(sizes: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int], set[int]]:
    grouped: dict[tuple[str, int], set[int]] = {}
    for act, place, size in sizes:
        grouped.setdefault((act, place), set()).add(size)
    return grouped
