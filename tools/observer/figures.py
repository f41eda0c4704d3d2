"""All figures of one world: every question, every switch, hospital A's knowledge."""

import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tools.observer import (
    exact,
    knowledge,
    patients,
    practitioners,
    profile,
    spoil,
    tasks,
)
from tools.observer.observation import Observation
from tools.observer.tasks import Question, judge, single
from tools.observer.truth import Truth, look_back
from tools.observer.world import Scale, World

Ask = Callable[[Observation, Truth, random.Random], Question]

QUESTIONS: Final[Mapping[str, Ask]] = {
    "handles": tasks.handles,
    "records": tasks.records,
    "organisations": tasks.organisations,
    "first custodians": tasks.first_custodians,
    "later custodians": tasks.later_custodians,
}

QUESTIONS_OF_A: Final[Mapping[str, Ask]] = {
    "handles": knowledge.handles,
    "records": knowledge.records,
    "organisations": knowledge.organisations,
    "later custodians": knowledge.custodians,
}


def simulate(scale: Scale) -> tuple[Observation, Truth, dict[str, Any]]:
    """Let a world live; return what is seen of it, the truth, and counts."""
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name) / "network", scale)
        practitioners.begin(world)
        patients.begin(world)
        world.live()
        seen, truth = look_back(world)
    counts = {
        "transactions": len(seen.events),
        "acts": world.done,
        "failed": dict(world.failed),
        "patients": len(truth.patients),
        "records": len(truth.charts),
        "handles": len(truth.seats),
    }
    return seen, truth, counts


def simulate_unpadded(scale: Scale) -> tuple[Observation, Truth, dict[str, Any]]:
    """Let a world without padding live."""
    with spoil.without_padding():
        return simulate(scale)


def answers(
    questions: Mapping[str, Ask], seen: Observation, truth: Truth, *names: str
) -> dict[str, Any]:
    """Return question → evidence → method → AUC with its interval, rounded."""
    found = {}
    for name in names or questions:
        question = questions[name](seen, truth, random.Random(1))
        found[name] = {
            "true pairs": sum(one.same for one in question.asked.any),
            "false pairs": sum(not one.same for one in question.asked.any),
            **{
                group: {method: _rounded(one) for method, one in methods.items()}
                for group, methods in judge(question).items()
            },
            "alone": {what: _rounded(one) for what, one in single(question).items()},
        }
    return found


def residues(seen: Observation, truth: Truth) -> dict[str, list[dict[str, Any]]]:
    """Return what two handles of a person, or two records, have in common."""
    seats = {handle: one.person for handle, one in truth.seats.items()}
    charts = {record: one.person for record, one in truth.charts.items()}
    found = {
        "handles": exact.find_shared(profile.of_handles(seen), seats, seen.records()),
        "records": exact.find_shared(profile.of_records(seen), charts, {}),
    }
    return {name: [asdict(one) for one in rows] for name, rows in found.items()}


def everything(scale: Scale, bare: Scale) -> dict[str, Any]:
    """Return all figures.

    Args:
        scale: of the world that is attacked.
        bare: of the world without padding.
    """
    seen, truth, counts = simulate(scale)
    reused = spoil.reuse_handles(seen, truth)
    named = spoil.name_recipients(seen, truth)
    unpadded, its_truth, _ = simulate_unpadded(bare)
    return {
        "scale": asdict(scale),
        "counts": counts,
        "validator": answers(QUESTIONS, seen, truth),
        "hospital A": answers(QUESTIONS_OF_A, seen, truth),
        "shared values": residues(seen, truth),
        "controls": {
            "handles reused": answers(QUESTIONS, reused, truth, "handles", "records"),
            "recipients named": answers(QUESTIONS, named, truth, "organisations"),
            "sizes unpadded": answers(QUESTIONS, unpadded, its_truth, "handles"),
        },
        "controls of hospital A": {
            "handles reused": answers(
                QUESTIONS_OF_A, reused, truth, "handles", "records"
            ),
            "recipients named": answers(QUESTIONS_OF_A, named, truth, "organisations"),
            "sizes unpadded": answers(QUESTIONS_OF_A, unpadded, its_truth, "handles"),
        },
    }


def _rounded(one: Any) -> list[float]:
    return [round(value, 3) for value in (one.auc, one.low, one.high)]
