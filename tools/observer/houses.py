"""What an organisation shows in public, and how near a profile comes to it."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from careledger.ledger.actions.registry import AdmitPatient
from careledger.ledger.actions.tokens import IssueTokens
from tools.observer.observation import Observation
from tools.observer.people import MINUTE
from tools.observer.profile import Profile

COLUMNS: Final[Mapping[str, tuple[int, ...]]] = {"fields": (0,), "times": (1, 2)}
"""Kinds of evidence → columns of `compare_house`."""

NAMES: Final = ("names found", "signed before", "signed after")
"""Features of a profile and an organisation."""

_FAR: Final = 1 << 40


@dataclass(slots=True)
class House:
    """What is public of an organisation.

    Attributes:
        names: every value that names it.
        times: when it, or a patient whom it admitted, signed by name.
    """

    names: frozenset[bytes]
    times: list[int] = field(default_factory=list)


def house_profiles(seen: Observation, houses: Sequence[bytes]) -> dict[bytes, House]:
    """Return organisation id → what is public of it."""
    found = {one: House(frozenset(seen.organisations[one])) for one in houses}
    admitted: dict[bytes, bytes] = {}
    for event in seen.events:
        for action in event.core.actions:
            if isinstance(action, AdmitPatient):
                patient = event.core.signers[action.patient]
                admitted[patient] = event.core.signers[action.organisation]
        signers = list(event.core.signers)
        if isinstance(event.core.actions[0], IssueTokens):
            signers += [admitted.get(key, key) for key in signers]
        for one in found.values():
            if any(key in one.names for key in signers):
                one.times.append(event.time)
    return found


def compare_house(one: Profile, house: House) -> tuple[float, ...]:
    """Return names found, and how soon before and after it began the house signed."""
    named = sum(value in house.names for _, value in one.values)
    at = bisect_left(house.times, one.times[0])
    before = one.times[0] - house.times[at - 1] if at else _FAR
    after = house.times[at] - one.times[0] if at < len(house.times) else _FAR
    return float(named), -_log(before), -_log(after)


def _log(milliseconds: int) -> float:
    return math.log(1 + milliseconds / MINUTE)
