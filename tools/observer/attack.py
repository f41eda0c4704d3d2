"""Guessing: a rule, a small logistic regression, and what a guess is worth.

AUC is the chance that a true pair gets a higher score than a false one: 0.5 is
chance. Its interval comes from drawing persons, not pairs, with replacement
(bootstrap by clusters), because the pairs of one person are not independent.
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

_ROUNDS: Final = 80
_STEP: Final = 0.8
_DECAY: Final = 0.01
_DRAWS: Final = 100
_EDGE: Final = 30.0

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A pair to be judged.

    Attributes:
        features: larger where the two are more alike.
        same: the truth.
        people: whose they are.
    """

    features: Vector
    same: bool
    people: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a guess is worth: AUC, and its 95 % interval."""

    auc: float
    low: float
    high: float


def pick(rows: Sequence[Row], columns: Sequence[int]) -> list[Row]:
    """Return the rows with these features only."""
    return [
        Row(tuple(row.features[c] for c in columns), row.same, row.people)
        for row in rows
    ]


def by_rule(rows: Sequence[Row]) -> list[float]:
    """Return the sum of each row's standardised features: no training."""
    scale = _Scale(rows)
    return [sum(scale(row.features)) for row in rows]


def by_learning(known: Sequence[Row], unknown: Sequence[Row]) -> list[float]:
    """Return scores for `unknown` by a logistic regression fitted to `known`."""
    scale = _Scale(known)
    inputs = [(1.0, *scale(row.features)) for row in known]
    weights = _fit(inputs, [row.same for row in known])
    return [_dot(weights, (1.0, *scale(row.features))) for row in unknown]


def worth(rows: Sequence[Row], scores: Sequence[float], seed: int = 1) -> Worth:
    """Return the AUC of the scores and its interval."""
    order = sorted(
        (score, row.same, *row.people) for score, row in zip(scores, rows, strict=True)
    )
    people = sorted({one for row in rows for one in row.people})
    rng = random.Random(seed)
    draws = []
    for _ in range(_DRAWS):
        drawn = dict.fromkeys(people, 0)
        drawn.update(Counter(rng.choices(people, k=len(people))))
        draws.append(_auc(order, drawn))
    found = sorted(one for one in draws if not math.isnan(one))
    cut = len(found) // 40
    point = _auc(order, dict.fromkeys(people, 1))
    return Worth(point, found[cut], found[-1 - cut])


def _auc(order: Sequence[tuple[float, bool, str, str]], drawn: dict[str, int]) -> float:
    """Return the AUC with each pair as often as its people were drawn; ties half.

    Args:
        order: (score, truth, person, person) by ascending score.
        drawn: person → how often.
    """
    wins = below = true = here_true = here_false = 0.0
    last = -math.inf
    for score, same, one, other in order:
        weight = drawn[one] if one == other else drawn[one] * drawn[other]
        if score != last:
            wins += here_true * (below + here_false / 2)
            true, below = true + here_true, below + here_false
            here_true, here_false, last = 0.0, 0.0, score
        if same:
            here_true += weight
        else:
            here_false += weight
    wins += here_true * (below + here_false / 2)
    true, below = true + here_true, below + here_false
    return wins / (true * below) if true and below else math.nan


class _Scale:
    """Standardises features by the mean and spread of some rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        columns = list(zip(*(row.features for row in rows), strict=True))
        self._means = [math.fsum(column) / len(column) for column in columns]
        self._spreads = [
            math.sqrt(math.fsum((x - mean) ** 2 for x in column) / len(column)) or 1.0
            for column, mean in zip(columns, self._means, strict=True)
        ]

    def __call__(self, features: Vector) -> Vector:
        return tuple(
            (x - mean) / spread
            for x, mean, spread in zip(
                features, self._means, self._spreads, strict=True
            )
        )


def _fit(inputs: Sequence[Vector], labels: Sequence[bool]) -> Vector:
    """Return the weights of a logistic regression, by gradient descent.

    True and false rows weigh the same in all, however many there are of each.
    """
    true = sum(labels)
    shares = [0.5 / true if one else 0.5 / (len(labels) - true) for one in labels]
    weights = tuple(0.0 for _ in inputs[0])
    for _ in range(_ROUNDS):
        slopes = [0.0] * len(weights)
        for features, label, share in zip(inputs, labels, shares, strict=True):
            miss = share * (label - _sigmoid(_dot(weights, features)))
            for column, value in enumerate(features):
                slopes[column] += miss * value
        weights = tuple(
            weight + _STEP * (slope - _DECAY * weight)
            for weight, slope in zip(weights, slopes, strict=True)
        )
    return weights


def _dot(one: Vector, other: Vector) -> float:
    return math.fsum(map(mul, one, other))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-_EDGE, min(_EDGE, value))))
