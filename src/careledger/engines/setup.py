"""How an engine is set up on this machine: nothing here changes a result."""

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from careledger.engines.clock import Clock, WatchedClock, boot_clock, wall_clock
from careledger.engines.pipeline import Bounds

_SWITCH_INTERVAL: Final = 1e-3
_YOUNG_OBJECTS: Final = 500_000


@dataclass(frozen=True, slots=True)
class Setup:
    """What an engine may be told.

    Attributes:
        clock: where block times come from, milliseconds.
        steady: what the clock is compared with; ignored in simulated time.
        bounds: how much it holds at once.
        verifiers: threads that check signatures.
        on_wait: called once if another process holds the ledger.
        vfs: SQLite's file layer, for fault tests.
    """

    clock: Clock = wall_clock
    steady: Clock = boot_clock
    bounds: Bounds = field(default_factory=Bounds)
    verifiers: int = field(default_factory=lambda: os.cpu_count() or 1)
    on_wait: Callable[[], None] | None = None
    vfs: str | None = None

    def clock_of(self, *, simulated: bool) -> Clock:
        """Return the clock, watched unless the network lives in simulated time."""
        if simulated:
            return self.clock
        return WatchedClock(self.clock, self.steady)


def tune_interpreter() -> None:
    """Let verifier threads and the committer share the interpreter.

    A verifier thread that has its process's answer waits up to one switch interval
    for the interpreter: at Python's 5 ms the process would stand idle most of the
    time. A much shorter one costs more in switching than it gains. And what a
    ledger has loaded stays, so the collector need not walk over it again and again.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 100)
