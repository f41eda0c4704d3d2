"""Where the time of a block goes, for benchmarks.

    with timed_stages() as stages:
        …submit…
    stages["tree"].busy_us(transactions)

Each stage's function is wrapped while the context lasts and put back after it:
an engine that is not being measured runs not one instruction more.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from careledger.engines import committer, verifiers
from careledger.engines.buckets import Buckets
from careledger.engines.log_store import LogStore
from careledger.engines.signatures import SignatureChecker
from careledger.engines.store import Store

_STAGES: Final[dict[str, tuple[Any, str]]] = {
    "decode": (verifiers, "open_envelope"),
    "verify": (SignatureChecker, "check"),
    "execute": (committer, "execute_block"),
    "tree": (Buckets, "write"),
    "log": (LogStore, "append"),
    "index": (Store, "_copy"),
    "commit": (Store, "commit"),
}
"""Stage → the function that does it.

`tree` includes the rows of the buckets; `commit` includes `tree`, `log` and `index`.
"""


_IN_COMMIT: Final = ("commit", "tree", "log", "index")
"""The whole, and its parts: what is left is SQLite's."""


@dataclass(slots=True)
class Stage:
    """What one stage took, in all threads.

    Attributes:
        calls: how often it ran; of `commit`, that is the number of blocks, each
            of which is one sync of the disk.
        wall_ns: time that passed, waiting included.
        busy_ns: processor time of its thread.
    """

    calls: int = 0
    wall_ns: int = 0
    busy_ns: int = 0

    def busy_us(self, transactions: int) -> float:
        """Return processor microseconds for each transaction."""
        return self.busy_ns / 1000 / transactions


@contextmanager
def timed_stages() -> Iterator[dict[str, Stage]]:
    """Measure every stage of the engines of this process; enter it before `open`."""
    stages = {name: Stage() for name in _STAGES}
    originals = {name: getattr(*place) for name, place in _STAGES.items()}
    for name, place in _STAGES.items():
        setattr(*place, _timed(originals[name], stages[name]))
    try:
        yield stages
    finally:
        for name, place in _STAGES.items():
            setattr(*place, originals[name])
        stages["sqlite"] = _rest(*(stages[name] for name in _IN_COMMIT))


def _timed(function: Callable[..., Any], stage: Stage) -> Callable[..., Any]:
    def timed(*args: Any) -> Any:
        wall, busy = time.perf_counter_ns(), time.thread_time_ns()
        try:
            return function(*args)
        finally:
            stage.calls += 1
            stage.wall_ns += time.perf_counter_ns() - wall
            stage.busy_ns += time.thread_time_ns() - busy

    return timed


def _rest(whole: Stage, *parts: Stage) -> Stage:
    return Stage(
        whole.calls,
        whole.wall_ns - sum(part.wall_ns for part in parts),
        whole.busy_ns - sum(part.busy_ns for part in parts),
    )
