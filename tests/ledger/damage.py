"""Damage to a state: entries changed in place, put in, or taken away."""

from collections.abc import Mapping
from typing import Any

import msgspec

from careledger.primitives.encoding import decode, encode

State = Mapping[bytes, bytes]
Damage = Mapping[bytes, bytes | None]


def only(state: State, prefix: bytes) -> bytes:
    """Return the key of the first entry of a table."""
    return min(key for key in state if key.startswith(prefix))


def changed(
    state: State, place: bytes, struct: type[Any], **fields: object
) -> dict[bytes, bytes]:
    """Return an entry with some of its fields changed."""
    value = decode(state[place], struct)
    return {place: encode(msgspec.structs.replace(value, **fields))}


def damaged(state: State, damage: Damage) -> dict[bytes, bytes]:
    """Return a state with some entries changed or, where they are `None`, gone."""
    assert all(key in state for key, value in damage.items() if value is None)
    both = dict(state) | damage
    return {key: value for key, value in both.items() if value is not None}
