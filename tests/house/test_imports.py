"""Import contracts: kept by the code, and broken by what is planted to break them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"


def lint(source: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts against the package in `source`."""
    return subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(source), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept():
    done = lint(ROOT / "src")
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


PLANTED = {
    "a clock in the ledger": ("ledger/state.py", "import time", "no clock"),
    "chance in the ledger": ("ledger/timers.py", "import random", "no clock"),
    "input in the ledger": ("ledger/workflows/coin.py", "import os", "no clock"),
    "a crypto library in the ledger": (
        "ledger/workflows/registry.py",
        "import hashlib",
        "crypto library",
    ),
    "an import that points up": (
        "primitives/hashing.py",
        "import careledger.ledger.state",
        "only point down",
    ),
    "a room that nobody declared": ("attic/__init__.py", "", "only point down"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """One copy of the source with every violation in it, and what is said of it."""
    copy = tmp_path_factory.mktemp("planted") / "src"
    shutil.copytree(ROOT / "src", copy)
    for file, line, _ in PLANTED.values():
        target = copy / "careledger" / file
        target.parent.mkdir(exist_ok=True)
        old = target.read_text("utf-8") if target.exists() else '"""New."""\n'
        target.write_text(f"{old}\n{line}\n", "utf-8")
    return lint(copy)


def test_planted_violations_break_their_contracts(planted):
    assert planted.returncode == 1
    broken = [one for one in planted.stdout.splitlines() if "BROKEN" in one]
    for _, _, contract in PLANTED.values():
        assert any(contract in one for one in broken), contract


SAID = {
    "a clock in the ledger": "careledger.ledger.state -> time",
    "chance in the ledger": "careledger.ledger.timers -> random",
    "input in the ledger": "careledger.ledger.workflows.coin -> os",
    "a crypto library in the ledger": "careledger.ledger.workflows.registry -> hashlib",
    "an import that points up": "careledger.primitives.hashing -> careledger.ledger.state",
    "a room that nobody declared": "attic",
}


@pytest.mark.parametrize("what", PLANTED)
def test_each_violation_is_named(planted, what):
    assert SAID[what] in planted.stdout
