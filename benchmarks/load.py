"""The process that is measured: an engine, and envelopes signed beforehand.

python -m benchmarks.load LEDGER ENVELOPES [LATENCY-ENVELOPES]
"""

import json
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from benchmarks.envelope_file import read_envelopes
from careledger.engines.embedded import Engine
from careledger.engines.pipeline import Bounds
from careledger.engines.tickets import Committed, Ticket

SUBMITTERS = 16

IN_FLIGHT = Bounds().waiting
"""Tickets that are kept: what an engine has in hand. A client keeps no more."""


def main() -> None:
    """Open the ledger, apply the load, print the figures."""
    path, load, *slow = map(Path, sys.argv[1:])
    started = time.perf_counter()
    with Engine.open(path) as engine:
        opened = time.perf_counter() - started
        figures: dict[str, Any] = {"restart_s": round(opened, 3)}
        figures |= throughput(engine, load)
        figures["rss_mb"] = peak_mb()
        if slow:
            figures |= latencies(
                engine, [raw for one in read_envelopes(slow[0]) for raw in one]
            )
            figures["refusal_max_ms"] = slowest_refusal(engine)
    print(json.dumps(figures))


def peak_mb() -> int:
    """Return the most memory that this program held, MB.

    Not `ru_maxrss`: that remembers the process before it became this program.
    """
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) * 1024 / 1e6)
    raise SystemExit("this system does not tell a program's peak memory")


def throughput(engine: Engine, load: Path) -> dict[str, Any]:
    """Submit everything; the clock stops at the last acknowledgement."""
    height, count, committed, seconds = engine.query.head.height, 0, 0, 0.0
    tickets: deque[Ticket] = deque()
    for chunk in read_envelopes(load):
        started = time.perf_counter()
        for raw in chunk:
            tickets.append(engine.submit(raw, timeout=120))
            if len(tickets) > IN_FLIGHT:
                committed += tickets.popleft().result(120).code == "ok"
        seconds += time.perf_counter() - started
        count += len(chunk)
    started = time.perf_counter()
    committed += sum(ticket.result(120).code == "ok" for ticket in tickets)
    seconds += time.perf_counter() - started
    if committed != count:
        raise SystemExit("a transfer was refused: the benchmark is not valid")
    blocks = engine.query.head.height - height
    return {
        "committed": committed,
        "committed_per_s": round(committed / seconds) if seconds else 0,
        "blocks": blocks,
        # A block syncs its rows, then SQLite's write-ahead log as it commits.
        "fsyncs": 2 * blocks,
    }


def latencies(engine: Engine, envelopes: list[bytes]) -> dict[str, Any]:
    """Return commit latencies at 16 submitters, each waiting for its verdict."""
    times: list[float] = []
    threads = [
        threading.Thread(
            target=_one_by_one, args=(engine, envelopes[n::SUBMITTERS], times)
        )
        for n in range(SUBMITTERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return {
        "submitters": SUBMITTERS,
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p95_ms": round(times[len(times) * 95 // 100] * 1000, 2),
    }


def _one_by_one(engine: Engine, envelopes: list[bytes], times: list[float]) -> None:
    for raw in envelopes:
        started = time.perf_counter()
        engine.submit(raw).result(60)
        times.append(time.perf_counter() - started)


def slowest_refusal(engine: Engine) -> float:
    """Return the longest time that a hostile envelope took to be refused, ms."""
    hostile = [
        b"",
        b"\xff" * 1000,
        b"\x93" * 100_000,
        bytes(128 * 1024),
        bytes(200_000),
    ]
    slowest = 0.0
    for raw in hostile * 20:
        started = time.perf_counter()
        _check_refused(engine.submit(raw))
        slowest = max(slowest, time.perf_counter() - started)
    return round(slowest * 1000, 2)


def _check_refused(ticket: Ticket) -> None:
    try:
        verdict: Committed | None = ticket.result(60)
    except Exception:  # noqa: BLE001 (any refusal will do)
        verdict = None
    if verdict is not None:
        raise SystemExit("a hostile envelope was taken")


if __name__ == "__main__":
    main()
