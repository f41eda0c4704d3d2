"""Run the quick tests in lanes, two at a time, and say what each lane took.

    python -m tools.lanes

A lane is some folders of tests/; what no lane names is in the last one, so that a new
folder is never forgotten. The ledger's own rooms must be covered to the last branch
by their own tests: that lane runs under coverage.

Processes, sockets and disks of a busy machine can make a test fail once. One or two
that did run again when the machine is quiet; if they pass, they are named as unsteady
at the end, to be looked into. The ledger's own rooms have nothing to be unsteady with:
there, once is enough.
"""

import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
AT_ONCE: Final = 2
MOST_UNSTEADY: Final = 2
FAILED: Final = re.compile(r"FAILED (?P<test>\S+::.+?)(?: - |$)")
PURE: Final = ("ledger", "primitives", "sealing")

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
    core = Lane("core", PURE, (*COVERAGE, *PYTEST))
    engines = Lane("engines", ("engines", "offline", "golden", "house"))
    commands = Lane("cli", ("cli",))
    named = {*core.folders, *engines.folders, *commands.folders}
    rest = sorted({path.parent.name for path in tests.glob("*/test_*.py")} - named)
    return [Lane("records", tuple(rest)), commands, engines, core]


class Result(NamedTuple):
    """How a lane ended.

    Attributes:
        lane: which one.
        code: of the process: 0 all passed, 1 some failed, else it broke off.
        tail: the last lines that it printed.
    """

    lane: Lane
    code: int
    tail: tuple[str, ...]

    @property
    def named(self) -> list[str]:
        """The lines of the tail that name a failed test; without any, the tail."""
        lines = [one for one in self.tail if one.startswith(("FAILED ", "ERROR "))]
        return lines or list(self.tail)


def run(lane: Lane) -> Result:
    """Run a lane, each line of output behind its name."""
    started = time.monotonic()
    words = [sys.executable, "-m", *lane.command]
    words += [f"tests/{folder}" for folder in lane.folders]
    tail: deque[str] = deque(maxlen=TAIL)
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            tail.append(line.rstrip("\n"))
            print(f"{lane.name:8}{tail[-1]}", flush=True)
    said = "FAILED" if process.returncode else "passed"
    print(f"{lane.name:8}{said}, {time.monotonic() - started:.0f} s", flush=True)
    return Result(lane, process.returncode, tuple(tail))


def to_run_again(failed: Sequence[Result]) -> list[str]:
    """Return the tests that may have failed by the machine's doing; empty: none may."""
    if any(one.code != 1 or one.lane.folders == PURE for one in failed):
        return []
    found = [FAILED.match(line) for one in failed for line in one.named]
    tests = [one["test"] for one in found if one]
    return tests if len(tests) == len(found) <= MOST_UNSTEADY else []


def main() -> None:
    """Run all lanes; what failed stands at the end too, where readers look."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = [one for one in pool.map(run, lanes(ROOT / "tests")) if one.code]
    if not failed:
        return
    again = to_run_again(failed)
    passed = again and run(Lane("again", (), (*PYTEST, *again))).code == 0
    print("UNSTEADY, failed and then passed alone:" if passed else "Failed:")
    for one in failed:
        print(f"{one.lane.name}:", *one.named, sep="\n  ")
    sys.exit(not passed)


if __name__ == "__main__":
    main()
