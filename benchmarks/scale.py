"""The `scale` benchmark: does cost stay flat as the network grows?

The same signed transfers at 10 k, 1 M and 10 M state keys: payees spread evenly
over all keys, and with 90 % of the traffic on 1 % of them. 10,000 keys sign.
Then where the time goes, a million transactions, a restart, and what proofs cost.
"""

import argparse
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
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
TURNS = 3
BATCH = 50_000
PROOFS = 500
PURSE_TABLE = b"\x30"


def options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    sizes = [10_000, 1_000_000, 10_000_000]
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=sizes, help="state keys"
    )
    parser.add_argument("--count", type=int, default=120_000, help="transfers a run")
    parser.add_argument("--history", type=int, default=1_000_000, help="transactions")


@dataclass
class Town:
    """A ledger of one size, and what is measured on it.

    Attributes:
        path: of the ledger.
        chosen: purses whose proofs are measured.
        before: bytes on disk before the first transfer.
        found: figures of each run, by mix.
    """

    path: Path
    chosen: list[bytes]
    before: int
    found: dict[str, list[dict[str, Any]]]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark; return its figures.

    All ledgers are made first, then their runs take turns, so that a slow spell of
    the machine falls on all.
    """
    keys = signing_keys()
    with tempfile.TemporaryDirectory() as name:
        towns = {
            size: build(Path(name, str(size)), keys, size, args.count)
            for size in args.sizes
        }
        for turn in range(TURNS):
            for mix in MIXES:
                for town in towns.values():
                    measure(town, mix, turn)
        sizes = {size: figures(town, args.count) for size, town in towns.items()}
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


def build(folder: Path, keys: list[SigningKey], size: int, count: int) -> Town:
    """Make a ledger of `size` state keys, and the transfers of all runs."""
    folder.mkdir()
    path = folder / "ledger.sqlite"
    purses = purse_names(keys, max(size, len(keys)))
    chain = create_ledger(path, purses)
    for mix, pairs_of in MIXES.items():
        pairs = pairs_of(len(keys), len(purses), count)
        for turn in range(TURNS + 1):
            load = sign_transfers(chain, keys, purses, pairs)
            write_envelopes(folder / f"{mix}-{turn}", load)
    chosen = random.Random(3).choices(purses, k=PROOFS)
    return Town(path, chosen, size_on_disk(path), {mix: [] for mix in MIXES})


def measure(town: Town, mix: str, turn: int) -> None:
    """Apply one load in a new process."""
    load = town.path.with_name(f"{mix}-{turn}")
    town.found[mix].append(in_new_process("load", town.path, load))


def figures(town: Town, count: int) -> dict[str, Any]:
    """Return throughput (the best run counts), memory, disk and proofs of a ledger."""
    grown = size_on_disk(town.path) - town.before
    runs = [one for mix in MIXES for one in town.found[mix]]
    stages = {
        f"stages_us_{mix}": in_new_process(
            "stages", town.path, town.path.with_name(f"{mix}-{TURNS}")
        )
        for mix in MIXES
    }
    return {
        **{f"{mix}_per_s": best(town.found[mix]) for mix in MIXES},
        **{f"{mix}_per_s_of_each_run": rates(town.found[mix]) for mix in MIXES},
        "rss_mb": max(one["rss_mb"] for one in runs),
        "restart_s": max(one["restart_s"] for one in runs),
        "disk_mb": round(town.before / 1e6),
        "disk_bytes_per_transaction": round(grown / (len(runs) * count)),
        **proof_figures(town.path, town.chosen),
        **stages,
    }


def rates(runs: list[dict[str, Any]]) -> list[int]:
    """Return what was committed in a second, of each run."""
    return [one["committed_per_s"] for one in runs]


def best(runs: list[dict[str, Any]]) -> int:
    """Return the best rate: on a shared machine others can only slow a run down."""
    return max(rates(runs))


def size_on_disk(ledger: Path) -> int:
    """Return the bytes of a ledger: its file, and the rows beside it."""
    return sum(path.stat().st_size for path in ledger.parent.glob("ledger.sqlite*"))


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


MIXES = {"uniform": uniform_pairs, "skewed": skewed_pairs}


def proof_figures(path: Path, purses: list[bytes]) -> dict[str, Any]:
    """Return size and time of state proofs at this size."""
    with Engine.open(path) as engine:
        times, sizes = [], []
        for purse in purses:
            started = time.perf_counter()
            proof = engine.query.prove_state(PURSE_TABLE + purse).proof
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
            "history_bytes_per_transaction": round(size_on_disk(path) / count),
        }
