"""The time that an engine puts into blocks.

A clock is a function that returns milliseconds since 1970. The wall clock can be
set wrongly while a node runs, and block times are final: a jump stops the engine.
"""

import time
from collections.abc import Callable
from typing import Final

from careledger.engines.errors import ClockJumped

Clock = Callable[[], int]

LARGEST_JUMP: Final = 300_000
"""Milliseconds by which wall clock and boot clock may part between two looks."""


def wall_clock() -> int:
    """Return the time of this machine, milliseconds."""
    return time.time_ns() // 1_000_000


def boot_clock() -> int:
    """Return the time since boot, sleep included, milliseconds."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000


class WatchedClock:
    """A clock that is compared with the time since boot at each look."""

    def __init__(self, clock: Clock, steady: Clock = boot_clock) -> None:
        self._clock, self._steady = clock, steady
        self._offset = clock() - steady()

    def __call__(self) -> int:
        """Return the time, milliseconds.

        Raises:
            ClockJumped: the two clocks have parted since the last look.
        """
        now = self._clock()
        offset = now - self._steady()
        if abs(offset - self._offset) > LARGEST_JUMP:
            raise ClockJumped
        self._offset = offset
        return now
