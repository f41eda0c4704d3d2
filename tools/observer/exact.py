"""An exact search: which values do two records of a patient have in common?

And two handles of a person. Random values must occur once; what everybody shows
is a constant of the network; what is left is listed, with how much it says.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from tools.observer.profile import Profile

_COMMON: Final = 3
"""A value that at least one person in this many shows is no secret of anybody."""


@dataclass(frozen=True, slots=True)
class Residue:
    """Equal values of one kind.

    Attributes:
        where: action and field.
        kind: `bytes`, or `time` for an integer.
        values: how many different ones occur more than once.
        same: pairs of one person's subjects that share one.
        other: pairs of different persons' that do.
    """

    where: str
    kind: str
    values: int
    same: int
    other: int


def find_shared(
    profiles: Mapping[bytes, Profile],
    people: Mapping[bytes, str],
    places: Mapping[bytes, bytes],
) -> list[Residue]:
    """Return what more than one subject shows and not (nearly) everybody.

    Args:
        profiles: subject → what is known.
        people: subject → person.
        places: subject → record; pairs in one record share what is the record's.
    """
    holders = _holders({one: profiles[one] for one in profiles if one in people})
    common = constants(profiles, people)
    found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for (where, value), subjects in holders.items():
        if value in common:
            continue
        pairs = [
            people[one] == people[other]
            for one, other in combinations(subjects, 2)
            if places.get(one, one) != places.get(other, other)
        ]
        if pairs:
            kind = "bytes" if isinstance(value, bytes) else "time"
            found[where, kind].append((sum(pairs), len(pairs) - sum(pairs)))
    return sorted(_residues(found), key=lambda one: (one.kind, one.where))


def constants(
    profiles: Mapping[bytes, Profile], people: Mapping[bytes, str]
) -> dict[bytes | int, str]:
    """Return what at least a third of all persons show, and where it is seen.

    Those are constants of the network, wherever else they are seen.
    """
    holders = _holders({one: profiles[one] for one in profiles if one in people})
    crowd = len(set(people.values()))
    return {
        value: where
        for (where, value), subjects in holders.items()
        if len({people[one] for one in subjects}) * _COMMON >= crowd
    }


def _holders(
    profiles: Mapping[bytes, Profile],
) -> dict[tuple[str, bytes | int], list[bytes]]:
    found: dict[tuple[str, bytes | int], list[bytes]] = defaultdict(list)
    for subject, one in profiles.items():
        for named in one.values:
            found[named].append(subject)
    return found


def _residues(
    found: Mapping[tuple[str, str], list[tuple[int, int]]],
) -> Iterator[Residue]:
    for (where, kind), pairs in found.items():
        same = sum(one for one, _ in pairs)
        other = sum(one for _, one in pairs)
        yield Residue(where, kind, len(pairs), same, other)
