"""Strategies that follow the messages' own declarations: any action, within bounds.

A new action is generated as soon as it joins `AnyAction`.
"""

from typing import Any

import hypothesis.strategies as st
import msgspec.inspect as shape
from hypothesis.strategies import SearchStrategy

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.base import Action

LONG = 40
"""Where a field may be long, generated values stay near its least length."""


def anything(kind: Any) -> SearchStrategy[Any]:
    """Return a strategy for values that `kind` allows, its edges included."""
    return _strategy(shape.type_info(kind))


def actions() -> tuple[type[Action], ...]:
    """Return every action of the union."""
    return AnyAction.__args__  # type: ignore[attr-defined,no-any-return]


def name(kind: type) -> str:
    """Return what an action is called on the wire."""
    return kind.__struct_config__.tag  # type: ignore[attr-defined,no-any-return]


def _strategy(info: shape.Type) -> SearchStrategy[Any]:
    match info:
        case shape.IntType(ge=low, le=high):
            return st.integers(low, high) | st.sampled_from((low, high))
        case shape.NoneType():
            return st.none()
        case shape.BoolType():
            return st.booleans()
        case shape.BytesType(min_length=least, max_length=most):
            return _bytes(least or 0, most)
        case shape.StrType(pattern=None):
            return st.text(max_size=LONG)
        case shape.StrType(pattern=pattern):
            return st.from_regex(pattern or "", fullmatch=True)
        case shape.LiteralType(values=values):
            return st.sampled_from(values)
        case shape.UnionType(types=types):
            return st.one_of([_strategy(one) for one in types])
        case shape.VarTupleType(item_type=item, min_length=least, max_length=most):
            top = min(most or 4, (least or 0) + 4)
            return st.lists(_strategy(item), min_size=least or 0, max_size=top).map(
                tuple
            )
        case shape.TupleType(item_types=items):
            return st.tuples(*map(_strategy, items))
        case shape.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{f.name: _strategy(f.type) for f in fields})
    raise TypeError(info)


def _bytes(least: int, most: int | None) -> SearchStrategy[bytes]:
    """Vary a few bytes only: nothing in the rules depends on the others."""
    top = least + LONG if most is None else min(most, least + LONG)
    varied = st.binary(max_size=min(top, 8))
    return st.builds(
        lambda raw, size: raw.ljust(size, b"\0")[:size], varied, st.integers(least, top)
    )
