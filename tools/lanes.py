"""Run the quick tests in lanes, two at a time, and say what each lane took.

    python -m tools.lanes

A lane is some folders of tests/; what no lane names is in the last one, so that a new
folder is never forgotten. The ledger's own rooms must be covered to the last branch
by their own tests: that lane runs under coverage.
"""

import subprocess
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
AT_ONCE: Final = 2

TAIL: Final = 20
"""Lines of a lane kept for the end of the output: logs are often cut to their last."""

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


def run(lane: Lane) -> list[str]:
    """Run a lane, each line of output behind its name; return what failed in it."""
    started = time.monotonic()
    words = [sys.executable, "-m", *lane.command]
    words += [f"tests/{folder}" for folder in lane.folders]
    tail: deque[str] = deque(maxlen=TAIL)
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            tail.append(f"{lane.name:8}{line}")
            print(tail[-1], end="", flush=True)
    word = "FAILED" if process.returncode else "passed"
    said = f"{lane.name:8}{word}, {time.monotonic() - started:.0f} s\n"
    print(said, end="", flush=True)
    return [*failures(list(tail)), said] if process.returncode else []


def failures(tail: list[str]) -> list[str]:
    """Return the lines that name failed tests; of a lane that broke off, its last."""
    named = [line for line in tail if line[8:].startswith(("FAILED ", "ERROR "))]
    return named or tail


def main() -> None:
    """Run all lanes; name the tests that failed at the end, where readers look."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = list(chain.from_iterable(pool.map(run, lanes(ROOT / "tests"))))
    if failed:
        sys.exit("".join(["Failed:\n", *failed]))


if __name__ == "__main__":
    main()
