"""kill −9 at every step of a commit: every acknowledgement survives."""

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from careledger.engines.embedded import Engine
from careledger.engines.verify import verify_ledger
from tests.engines.doomed import STEPS
from tests.engines.market import GENESIS, PURSES, SOON, setup, transfer

ROOT = Path(__file__).parents[2]


def kill(path: Path, step: str, nth: int, payer: int = 1) -> int:
    """Let a process die at `step`; check the ledger; return its acknowledgements."""
    died = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.engines.doomed",
            str(path),
            step,
            str(nth),
            str(payer),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == -9, died.stderr
    told = [bytes.fromhex(line) for line in died.stdout.decode().split()]
    with Engine.open(path, setup()) as engine:
        assert all(engine.query.receipt(tx_id) for tx_id in told)
        assert engine.submit(transfer(payer, 0)).result(SOON).code == "ok"
    return len(told)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Engine.create(tmp_path / "ledger", GENESIS, setup()).close()
    return tmp_path / "ledger"


def test_a_kill_at_every_step_loses_nothing_acknowledged(path):
    kills: Counter = Counter()
    told = 0
    for step in STEPS:
        told += kill(path, step, 3)
        kills[step] += 1
    print(dict(kills), told)
    assert set(kills) == set(STEPS)
    assert told == 2 * len(STEPS)
    verify_ledger(path)


@pytest.mark.large
def test_a_thousand_kills_lose_nothing_acknowledged(path):
    chance = random.Random(9)
    kills: Counter = Counter()
    for each in range(1 + 1000 // len(STEPS)):
        payer = 1 + each % (len(PURSES) - 1)  # one alone would use up its quota
        for step in STEPS:
            kill(path, step, chance.randrange(1, 20), payer)
            kills[step] += 1
    print(dict(kills))
    verify_ledger(path)
