"""A time of the ledger, as people read it."""

from datetime import UTC, datetime


def moment(millis: int) -> str:
    """Return a time as ISO 8601, UTC, to the second.

    What no calendar has (the ledger can hold times behind the year 9999) is told as a
    number.

    Args:
        millis: milliseconds since 1970.
    """
    try:
        seconds = datetime.fromtimestamp(millis // 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return f"{millis} ms since 1970"
    return seconds.replace(tzinfo=None).isoformat() + "Z"


def day(millis: int) -> str:
    """Return the day of a time, likewise."""
    return moment(millis).partition("T")[0]
