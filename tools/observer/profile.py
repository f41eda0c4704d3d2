"""What is known of one handle, or of one record, from what a validator stores."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import msgspec

from careledger.ledger.actions.base import Action
from careledger.ledger.actions.referral import Accept, Invite, Renew
from careledger.ledger.actions.tokens import IssueTokens
from careledger.primitives.encoding import NotCanonical, decode
from tools.observer.observation import Observation, Seen

SHORTEST: Final = 8
"""Bytes from which a value can link."""

_EDGE: Final = 4 * SHORTEST
"""Bytes at both ends of a body that are compared with those of others."""

_LARGE: Final = 1 << 32
"""From here on an integer is a time, not a count."""

_MINUTE: Final = 60_000
_DAY: Final = 86_400_000


@dataclass(slots=True)
class Profile:
    """What is known of one subject.

    Attributes:
        values: (where, value) of everything that could occur twice.
        ends: when its endorsements end, ms.
        sizes: (action, place among the bodies, size) → how often.
        times: of its transactions, ms, ascending.
        positions: of its transactions in the log.
        acts: action → how often.
        tokens: patients who had tokens issued in the minute, and in the day,
            before its first transaction.
    """

    values: set[tuple[str, bytes | int]] = field(default_factory=set)
    ends: list[int] = field(default_factory=list)
    sizes: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    times: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    tokens: tuple[frozenset[bytes], frozenset[bytes]] = (frozenset(), frozenset())


def of_handles(seen: Observation) -> dict[bytes, Profile]:
    """Return handle → profile, for every handle that accepted an invitation."""
    invites = {
        action.invitation: event
        for event, action in _actions(seen)
        if isinstance(action, Invite)
    }
    grouped: dict[bytes, list[Seen]] = defaultdict(list)
    accepted: dict[bytes, Seen] = {}
    for event, action in _actions(seen):
        if isinstance(action, Accept) and event.code == "ok":
            accepted[event.core.signers[action.handle]] = invites[
                event.core.signers[action.invitation]
            ]
    for event in seen.events:
        for key in event.core.signers:
            if key in accepted:
                grouped[key].append(event)
    profiles = _profiles(seen, grouped)
    for handle, invite in accepted.items():
        profiles[handle].values |= {("recipient", one) for one in invite.named}
    return profiles


def of_records(seen: Observation) -> dict[bytes, Profile]:
    """Return record → profile, from every transaction of one of its keys."""
    records = seen.records()
    grouped: dict[bytes, list[Seen]] = defaultdict(list)
    for event in seen.events:
        for record in dict.fromkeys(
            records[key] for key in event.core.signers if key in records
        ):
            grouped[record].append(event)
    profiles = _profiles(seen, grouped)
    issued = [
        (event.time, event.core.signers[action.patient])
        for event, action in _actions(seen)
        if isinstance(action, IssueTokens)
    ]
    for profile in profiles.values():
        opened = profile.times[0]
        profile.tokens = _before(issued, opened, _MINUTE), _before(issued, opened, _DAY)
    return profiles


def values_in(thing: object, where: str = "") -> Iterator[tuple[str, bytes | int]]:
    """Yield (where, value) of every value that is large enough to link."""
    match thing:
        case bytes() if len(thing) >= SHORTEST:
            yield where, thing
        case bool():
            return
        case int() if thing >= _LARGE:
            yield where, thing
        case tuple() | list():
            for one in thing:
                yield from values_in(one, where)
        case msgspec.Struct():
            for name in thing.__struct_fields__:
                yield from values_in(getattr(thing, name), _below(thing, where, name))


def _below(thing: msgspec.Struct, where: str, name: str) -> str:
    if isinstance(thing, Action) or not where:
        return f"{type(thing).__name__}.{name}"
    return f"{where}.{name}"


def _profiles(
    seen: Observation, grouped: Mapping[bytes, list[Seen]]
) -> dict[bytes, Profile]:
    return {key: _profile(seen, events) for key, events in grouped.items()}


def _profile(seen: Observation, events: Iterable[Seen]) -> Profile:
    made = Profile()
    for event in events:
        made.times.append(event.time)
        made.positions.append(event.position)
        made.values |= _values(seen, event)
        kind = "+".join(type(one).__name__ for one in event.core.actions)
        made.acts[kind] += 1
        for place, body in enumerate(event.bodies):
            made.sizes[kind, place, len(body)] += 1
        made.ends += [
            one.endorsed.endorsement.until
            for one in event.core.actions
            if isinstance(one, Accept | Renew) and one.endorsed
        ]
    return made


def _values(seen: Observation, event: Seen) -> set[tuple[str, bytes | int]]:
    found = set(values_in(event.core))
    for place, body in enumerate(event.bodies):
        found |= set(_in_body(f"body {place}", body))
    found |= {("named", one) for one in event.named}
    return {
        (where, seen.aliases.get(one, one) if isinstance(one, bytes) else one)
        for where, one in found
    }


def _in_body(where: str, body: bytes) -> Iterator[tuple[str, bytes | int]]:
    """Yield what a body says in the clear, or else what both its ends are."""
    for content in (body, body.rstrip(b"\0")[:-1]):
        with suppress(NotCanonical):
            yield from values_in(decode(content, list), f"{where} clear")
            return
    for end in (body[:_EDGE], body[-_EDGE:]):
        for start in range(0, len(end), SHORTEST):
            yield f"{where} block", end[start : start + SHORTEST]


def _actions(seen: Observation) -> Iterator[tuple[Seen, Action]]:
    for event in seen.events:
        for action in event.core.actions:
            yield event, action


def _before(
    issued: Iterable[tuple[int, bytes]], opened: int, window: int
) -> frozenset[bytes]:
    return frozenset(
        patient for time, patient in issued if 0 <= opened - time <= window
    )
