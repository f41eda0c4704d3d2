"""The attacker's arithmetic, on examples that can be counted by hand."""

import random

import pytest

from tools.observer.attack import Row, by_learning, by_rule, worth


def row(score: float, same: bool, *people: str) -> Row:
    return Row((score,), same, (people[0], people[-1]))


def rows_of(rng: random.Random, count: int, gain: float) -> list[Row]:
    made = []
    for number in range(count):
        same = number % 3 == 0
        noise = tuple(rng.gauss(0, 1) for _ in range(3))
        features = (noise[0] + gain * same, *noise[1:])
        made.append(Row(features, same, (f"p{number % 20}", f"p{number % 19}")))
    return made


def test_auc_counts_pairs_and_ties_as_half() -> None:
    rows = [
        row(s, t, f"p{s}{t}") for s, t in ((1, False), (2, True), (2, False), (3, True))
    ]
    found = worth(rows, [one.features[0] for one in rows])
    assert (
        found.auc == (2 + 1.5) / 4
    )  # the true 3 beats both, the true 2 one and a half
    assert found.low <= found.auc <= found.high


@pytest.mark.parametrize(("gain", "least", "most"), [(0, 0.42, 0.58), (3, 0.95, 1.0)])
def test_learning_finds_what_is_there_and_nothing_else(gain, least, most) -> None:
    rng = random.Random(5)
    known, asked = rows_of(rng, 900, gain), rows_of(rng, 900, gain)
    found = worth(asked, by_learning(known, asked))
    assert least <= found.auc <= most
    assert found.low <= found.auc <= found.high


def test_learning_may_turn_a_feature_round() -> None:
    rng = random.Random(6)
    known, asked = rows_of(rng, 300, -4), rows_of(rng, 300, -4)
    assert worth(asked, by_rule(asked)).auc < 0.2
    assert worth(asked, by_learning(known, asked)).auc > 0.9
