"""Times for people: programs get the integers, people ISO 8601 in UTC."""

from typing import Any, Final

from careledger.cli.parsing import counted, moment

_IN_MILLIS: Final = frozenset(
    {"time", "due", "until", "valid_until", "first", "checkpoint_time"}
)
_SPANS: Final = frozenset({"age"})
"""Milliseconds that something lasts."""

_OLDEST: Final = 10**11
"""Milliseconds (1973): smaller ones count something else, as the place of a leaf."""


def with_moments(name: str, value: Any) -> Any:
    """Return a plain value as people read it, with every time in it written out.

    Args:
        name: of the field; it says which numbers are times, and in which unit.
        value: as `output.plain` gives it.
    """
    match value:
        case dict():
            return {key: with_moments(key, one) for key, one in value.items()}
        case list():
            return [with_moments(name, one) for one in value]
        case int() if name in _IN_MILLIS and value >= _OLDEST:
            return moment(value)
        case int() if name in _SPANS:
            return counted(value // 1000, "second")
        case _:
            return value
