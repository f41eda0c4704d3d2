"""Run the quick tests in lanes, two at a time, and say what each lane took.

    python -m tools.lanes

A lane is some folders of tests/; what no lane names is in the last one, so that a new
folder is never forgotten. The ledger's own rooms must be covered to the last branch
by their own tests: that lane runs under coverage.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
AT_ONCE: Final = 2

PYTEST: Final = ("pytest", "-m", "not large")
COVERAGE: Final = ("coverage", "run", "-m")
"""Of which rooms, pyproject.toml says."""


class Lane(NamedTuple):
    """Tests that run in one process.

    Attributes:
        name: what it is about.
        folders: of tests/.
        command: words between the interpreter and the folders.
    """

    name: str
    folders: tuple[str, ...]
    command: tuple[str, ...] = PYTEST


def lanes(tests: Path) -> list[Lane]:
    """Return all lanes, the longest first; together they have every folder once."""
    core = Lane("core", ("ledger", "primitives", "sealing"), (*COVERAGE, *PYTEST))
    engines = Lane("engines", ("engines", "offline", "golden", "house"))
    commands = Lane("cli", ("cli",))
    named = {*core.folders, *engines.folders, *commands.folders}
    rest = sorted({path.parent.name for path in tests.glob("*/test_*.py")} - named)
    return [Lane("records", tuple(rest)), commands, engines, core]


def run(lane: Lane) -> bool:
    """Run a lane, each line of output behind its name; tell whether it passed."""
    started = time.monotonic()
    words = [sys.executable, "-m", *lane.command]
    words += [f"tests/{folder}" for folder in lane.folders]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            print(f"{lane.name:8}{line}", end="", flush=True)
    passed = process.returncode == 0
    said = "passed" if passed else "FAILED"
    print(f"{lane.name:8}{said}, {time.monotonic() - started:.0f} s", flush=True)
    return passed


def main() -> None:
    """Run all lanes; exit with 1 if one failed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        if not all(list(pool.map(run, lanes(ROOT / "tests")))):
            sys.exit(1)


if __name__ == "__main__":
    main()
