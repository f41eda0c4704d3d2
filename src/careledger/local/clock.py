"""Simulated time: it stands still until somebody lets it pass."""

from typing import Final

START: Final = 1_800_000_000_000
"""When simulated time starts: 2027-01-15T08:00:00Z, in milliseconds."""


class SimulatedClock:
    """A clock that stands until it is moved.

    Attributes:
        now: milliseconds.
    """

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time, milliseconds."""
        return self.now
