"""Switch one guard off in a copy of the source: a named test must fail.

    python -m tools.bite [WORD …]      all guards, or those whose name has a WORD

Each guard in tools/guards.toml names a file, the exact text to replace (found once
and only once), what to put there, and the test that must then fail. Every one of
those tests must pass on an unchanged copy.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tools" / "guards.toml"
AT_ONCE = 2
PASSED, FAILED, ENDLESS = 0, 1, -1
LONGEST = 180.0
"""Seconds after which a test that should have failed is taken to go on for ever."""


class Guard(NamedTuple):
    """A line that keeps something out, and the test that knows it."""

    name: str
    file: str
    old: str
    new: str
    test: str


def read_guards() -> list[Guard]:
    """Return the guards of tools/guards.toml.

    Raises:
        SystemExit: two have one name.
    """
    listed = tomllib.loads(LIST.read_text("utf-8"))["guard"]
    guards = [Guard(**one) for one in listed]
    if len({one.name for one in guards}) != len(guards):
        sys.exit("bite: two guards have one name")
    return guards


def chosen(guards: Sequence[Guard], wanted: Sequence[str]) -> list[Guard]:
    """Return the guards whose name has one of the wanted words; without any, all."""
    return [
        one for one in guards if not wanted or any(word in one.name for word in wanted)
    ]


def run(
    source: Path, tests: Sequence[str], scratch: Path, within: float | None = None
) -> tuple[int, str]:
    """Run tests against the package in `source`; return exit code and output."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider"]
    command += ["-o", f"pythonpath={source} {ROOT}", *tests]
    environment = os.environ | {
        "PYTHONPATH": str(source),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(scratch),
    }
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            process.kill()
            return ENDLESS, "it does not end"
    return process.returncode, output


def copy_of_source(place: Path) -> Path:
    """Copy the package below `place`; return the folder to import it from."""
    copy = place / "src"
    shutil.copytree(ROOT / "src", copy)  # with its compiled files: that saves time
    return copy


def switch_off(guard: Guard, copy: Path) -> str:
    """Replace the guard's text in the copy; return what is wrong, or nothing."""
    target = copy.parent / guard.file
    if not target.is_file():
        return "there is no such file"
    text = target.read_text("utf-8")
    if text.count(guard.old) != 1:
        return f"its text is there {text.count(guard.old)} times, not once"
    target.write_text(text.replace(guard.old, guard.new), "utf-8")
    return ""


def bites(guard: Guard) -> str:
    """Return what is wrong with a guard: nothing, if its test fails without it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_source(Path(folder))
        wrong = switch_off(guard, copy)
        if wrong:
            return wrong
        code, output = run(copy, [guard.test], Path(folder), LONGEST)
    if code == PASSED:
        return "the test passes without it"
    return "" if code == FAILED else f"the test did not run: {output.strip()[-300:]}"


def unchanged_passes(guards: Sequence[Guard]) -> str:
    """Return what is wrong if the tests fail on an unchanged copy."""
    tests = list(dict.fromkeys(one.test for one in guards))
    with tempfile.TemporaryDirectory() as folder:
        code, output = run(copy_of_source(Path(folder)), tests, Path(folder))
    return "" if code == PASSED else output


def main() -> None:
    """Try every guard and print a table; exit with the names that failed."""
    started = time.monotonic()
    guards = chosen(read_guards(), sys.argv[1:])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        unchanged = pool.submit(unchanged_passes, guards)
        verdicts = list(pool.map(bites, guards))
    # A busy machine can make one of them fail once (`tools.lanes` names such tests).
    broken = unchanged.result() and unchanged_passes(guards)
    if broken:
        sys.exit(f"bite: a test fails on the unchanged source\n{broken}")
    for guard, wrong in zip(guards, verdicts, strict=True):
        print(f"{'SURVIVED' if wrong else 'bites':9} {guard.name}  {wrong}".rstrip())
    survivors = [g.name for g, wrong in zip(guards, verdicts, strict=True) if wrong]
    seconds = time.monotonic() - started
    print(f"{len(guards) - len(survivors)} of {len(guards)} bite, {seconds:.0f} s")
    if survivors:
        sys.exit("bite: " + ", ".join(survivors))


if __name__ == "__main__":
    main()
