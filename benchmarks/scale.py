"""The `scale` benchmark: does cost stay flat as the network grows?

The same signed transfers at 10 k, 1 M and 10 M state keys: payees spread evenly
over all keys, and with 90 % of the traffic on 1 % of them. 10,000 keys sign.
Then a million transactions, a restart, and what proofs cost.
"""

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.envelope_file import write_envelopes
from benchmarks.ledger import in_new_process, uniform_pairs
from benchmarks.machine import machine
from benchmarks.transfers import (
    create_ledger,
    purse_names,
    sign_transfers,
    signing_keys,
)
from careledger.engines.embedded import Engine
from careledger.primitives.encoding import encode
from careledger.primitives.signing import SigningKey

HOT_SHARE, HOT_TRAFFIC = 0.01, 0.9
BATCH = 50_000
PROOFS = 500
PURSE_TABLE = b"\x30"


def options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    sizes = [10_000, 1_000_000, 10_000_000]
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=sizes, help="state keys"
    )
    parser.add_argument("--count", type=int, default=60_000, help="transfers a run")
    parser.add_argument("--history", type=int, default=1_000_000, help="transactions")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark; return its figures."""
    keys = signing_keys()
    sizes = {size: at_size(keys, size, args.count) for size in args.sizes}
    first, last = sizes[args.sizes[0]], sizes[args.sizes[-1]]
    return {
        "benchmark": "scale",
        "uniform_ratio": round(last["uniform_per_s"] / first["uniform_per_s"], 3),
        "skewed_ratio": round(last["skewed_per_s"] / first["skewed_per_s"], 3),
        "rss_mb": max(one["rss_mb"] for one in sizes.values()),
        "sizes": sizes,
        **long_history(keys, args.history),
        "machine": machine(),
    }


def at_size(keys: list[SigningKey], size: int, count: int) -> dict[str, Any]:
    """Return throughput, memory and disk at `size` state keys.

    Uniform and skewed runs take turns, twice, so that a slow spell of the machine
    falls on both.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "ledger.sqlite"
        purses = purse_names(keys, max(size, len(keys)))
        chain = create_ledger(path, purses)
        mixes = {
            "uniform": uniform_pairs(len(keys), len(purses), count),
            "skewed": skewed_pairs(len(keys), len(purses), count),
        }
        found: dict[str, list[dict[str, Any]]] = {"uniform": [], "skewed": []}
        before = path.stat().st_size
        for turn in range(2):
            for mix, pairs in mixes.items():
                load = folder / f"{mix}-{turn}"
                write_envelopes(load, sign_transfers(chain, keys, purses, pairs))
                found[mix].append(in_new_process("load", path, load))
                load.unlink()
        grown = path.stat().st_size - before
        return {
            "uniform_per_s": max(one["committed_per_s"] for one in found["uniform"]),
            "skewed_per_s": max(one["committed_per_s"] for one in found["skewed"]),
            "rss_mb": max(one["rss_mb"] for runs in found.values() for one in runs),
            "restart_s": max(one["restart_s"] for one in found["skewed"]),
            "disk_mb": round(before / 1e6),
            "disk_bytes_per_transaction": round(grown / (4 * count)),
            **proof_figures(path, purses),
        }


def skewed_pairs(payers: int, payees: int, count: int) -> list[tuple[int, int]]:
    """Return pairs in which 90 % of the payees are among 1 % of the purses."""
    chance = random.Random(2)
    hot = max(2, round(payees * HOT_SHARE))
    pairs = []
    for n in range(count):
        payer = n % payers if chance.random() > HOT_TRAFFIC else n % min(payers, hot)
        few = hot if chance.random() < HOT_TRAFFIC else payees
        payee = chance.randrange(few)
        pairs.append((payer, (payee + 1) % payees if payee == payer else payee))
    return pairs


def proof_figures(path: Path, purses: list[bytes]) -> dict[str, Any]:
    """Return size and time of state proofs at this size."""
    chance = random.Random(3)
    chosen = [PURSE_TABLE + chance.choice(purses) for _ in range(PROOFS)]
    with Engine.open(path) as engine:
        times, sizes = [], []
        for key in chosen:
            started = time.perf_counter()
            proof = engine.query.prove_state(key).proof
            times.append(time.perf_counter() - started)
            sizes.append(len(encode(proof)))
    return {
        "state_proof_bytes": round(statistics.median(sizes)),
        "state_proof_us": round(statistics.median(times) * 1e6),
    }


def long_history(keys: list[SigningKey], count: int) -> dict[str, Any]:
    """Return how long a node with `count` transactions takes to restart."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "ledger.sqlite"
        purses = purse_names(keys, len(keys))
        chain = create_ledger(path, purses)
        for start in range(0, count, BATCH):
            pairs = uniform_pairs(len(keys), len(purses), min(BATCH, count - start))
            load = folder / "load"
            write_envelopes(load, sign_transfers(chain, keys, purses, pairs))
            in_new_process("load", path, load)
            load.unlink()
        (folder / "nothing").touch()
        again = [in_new_process("load", path, folder / "nothing") for _ in range(3)]
        return {
            "transactions": count,
            "restart_s": statistics.median(one["restart_s"] for one in again),
            "history_bytes_per_transaction": round(path.stat().st_size / count),
        }
