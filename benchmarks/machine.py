"""What this machine can do, measured in the same run as the figures."""

import hashlib
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nacl.bindings

from careledger.primitives.signing import SigningKey, verify

Signed = tuple[bytes, bytes, bytes]
"""Key, message, signature."""


def distinct_messages(count: int, size: int = 48) -> list[Signed]:
    """Return signatures of distinct messages of `size` bytes by 64 keys."""
    keys = [SigningKey(number.to_bytes(32, "big")) for number in range(64)]
    messages = [number.to_bytes(8, "big") * (size // 8) for number in range(count)]
    return [
        (keys[n % 64].public, message, keys[n % 64].sign(message))
        for n, message in enumerate(messages)
    ]


def verify_per_s(sample: Sequence[Signed] | None = None) -> dict[str, float]:
    """Return libsodium verifications per second: one thread, and the best of 1..n."""
    signed = sample or distinct_messages(12_000)
    rates = {}
    for threads in range(1, (os.cpu_count() or 1) + 2):
        rates[threads] = max(_verify_in(signed, threads) for _ in range(3))
    return {"one_thread": rates[1], "best": max(rates.values())}


def _verify_in(signed: Sequence[Signed], threads: int) -> float:
    def work(share: Sequence[tuple[bytes, bytes]]) -> None:
        for both, key in share:
            nacl.bindings.crypto_sign_open(both, key)

    shares = [
        [(signature + message, key) for key, message, signature in signed[n::threads]]
        for n in range(threads)
    ]
    workers = [threading.Thread(target=work, args=(share,)) for share in shares]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(signed) / (time.perf_counter() - started)


def _rate(work: Callable[[], object], seconds: float = 0.3) -> float:
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        work()
        count += 1
    return count / (time.perf_counter() - started)


def fsync_ms(folder: Path) -> float:
    """Return milliseconds of one 4 KiB append and fsync."""
    with (folder / "fsync-probe").open("wb") as file:

        def step() -> None:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())

        return 1000 / _rate(step)


def disk_mb_s(folder: Path) -> float:
    """Return MB/s of writing 64 MiB and syncing it once."""
    block = os.urandom(1 << 20)
    started = time.perf_counter()
    with (folder / "disk-probe").open("wb") as file:
        for _ in range(64):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return 64 * 1.048576 / (time.perf_counter() - started)


def machine() -> dict[str, Any]:
    """Return the `machine` block of a benchmark's result."""
    sample = distinct_messages(1)[0]
    block = os.urandom(1 << 20)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rates = verify_per_s()
        return {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "verify_per_s_one_thread": round(rates["one_thread"]),
            "verify_per_s_all_cores": round(rates["best"]),
            "verify_us_with_our_wrapper": round(
                1e6 / _rate(lambda: verify(*sample)), 1
            ),
            "fsync_ms": round(fsync_ms(folder), 3),
            "sha256_mb_s": round(
                _rate(lambda: hashlib.sha256(block).digest()) * 1.048576
            ),
            "disk_mb_s": round(disk_mb_s(folder)),
        }
