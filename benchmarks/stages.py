"""Where the time goes: microseconds per transaction, stage by stage, in series."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from careledger.engines.store import open_store
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import check_signatures, open_envelope
from careledger.ledger.execute import execute_block

PER_BLOCK = 2_000


class Watch:
    """Seconds spent in each named stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return `work`, its time counted under `name`."""

        def wrapper(*args: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*args, **named)
            finally:
                spent = time.perf_counter() - started
                self.seconds[name] = self.seconds.get(name, 0.0) + spent

        return wrapper


def stage_times(path: Path, envelopes: list[bytes]) -> dict[str, float]:
    """Run fresh `envelopes` through each stage on one thread, on a closed ledger."""
    watch = Watch()
    _run(path, envelopes, watch)
    return {
        stage: round(seconds / len(envelopes) * 1e6, 1)
        for stage, seconds in watch.seconds.items()
    }


def _run(path: Path, envelopes: list[bytes], watch: Watch) -> None:
    store = open_store(path)
    opened = [watch.timed("decode", open_envelope)(raw) for raw in envelopes]
    for transaction in opened:
        watch.timed("verify", check_signatures)(transaction)
    store.tree.apply = watch.timed("tree", store.tree.apply)  # type: ignore[method-assign]
    store.log.append = watch.timed("log", store.log.append)  # type: ignore[method-assign]
    for start in range(0, len(opened), PER_BLOCK):
        head = store.head
        header = Header(head.height + 1, int(time.time() * 1000), head.log_root)
        before = store.begin()
        block = opened[start : start + PER_BLOCK]
        result = watch.timed("execute", execute_block)(before, header, block)
        watch.timed("commit", store.commit)(header, result, before)
    store.close()
    inner = watch.seconds["tree"] + watch.seconds["log"]
    watch.seconds["sqlite"] = watch.seconds.pop("commit") - inner
