"""The house: sizes, names, error texts, and nothing that ties it to one machine."""

import ast
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import pytest

import careledger
from careledger.errors import CareLedgerError, every_error

ROOT = Path(__file__).parents[2]
SOURCE = sorted((ROOT / "src").rglob("*.py"))
PYTHON = sorted(
    path
    for room in ("src", "tests", "tools", "benchmarks")
    for path in (ROOT / room).rglob("*.py")
)
LONGEST_FILE, LONGEST_FUNCTION = 400, 50

MODULES = sorted(
    one.name
    for one in pkgutil.walk_packages(careledger.__path__, "careledger.")
    if not one.name.endswith("__main__")
)


def load(name: str):
    return importlib.import_module(name)


LOADED = [load(name) for name in MODULES]
ERRORS = sorted(
    (one for one in every_error() if one.__module__ in MODULES),
    key=lambda error: error.code,
)


def written() -> list[Path]:
    """Return every text file of the project: what is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a checkout: there is no list of files")
    return [ROOT / line for line in listed.stdout.splitlines()]


def text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        return ""


FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def number_of_lines(function: FUNCTIONS) -> int:
    """Count the body, without functions inside it that are counted themselves.

    A signature is no body: a command's is the list of its options.
    """
    inner = [one for one in function.body if isinstance(one, FUNCTIONS)]
    return function.end_lineno - function.body[0].lineno + 1 - sum(map(span, inner))


def span(function: FUNCTIONS) -> int:
    return function.end_lineno - function.lineno + 1


def long_functions(source: str) -> list[str]:
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    return [f.name for f in functions if number_of_lines(f) > LONGEST_FUNCTION]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path):
    source = path.read_text("utf-8")
    assert len(source.splitlines()) <= LONGEST_FILE
    if ROOT / "src" in path.parents:
        assert long_functions(source) == []


def test_a_long_function_is_found():
    assert long_functions("def f():\n" + "  x = 1\n" * (LONGEST_FUNCTION + 1)) == ["f"]


UNFINISHED = re.compile(
    r"\b(TODO|FIXME|XXX|HACK|NotImplemented\w*|stub|dummy|placeholder|mock\w*)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", SOURCE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_left_unfinished(path):
    assert UNFINISHED.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("word", ["# TODO later", "a stub", "NotImplementedError"])
def test_an_unfinished_place_is_found(word):
    assert UNFINISHED.search(word)


MACHINE = re.compile(
    r"(?<![\w.])/(?:home|root|Users|opt|mnt|work|tmp|srv)/\w"
    r"|\b(?:pypi|files\.pythonhosted|registry\.npmjs|proxy\.golang)\.(?:org|com)\b"
    r"|--(?:extra-)?index-url|--find-links|--trusted-host"
)
SPEAKS_OF_MACHINES = {"tests/house/test_house.py"}


def test_no_file_names_a_machine_or_a_registry():
    found = {
        str(path.relative_to(ROOT)): MACHINE.findall(text_of(path))
        for path in written()
        if MACHINE.search(text_of(path))
    }
    assert {k: v for k, v in found.items() if k not in SPEAKS_OF_MACHINES} == {}


@pytest.mark.parametrize(
    "line",
    ["/home/ann/x", "see /opt/wheels", "https://pypi.org/simple", "--index-url x"],
)
def test_a_machine_or_registry_is_found(line):
    assert MACHINE.search(line)


def test_requirements_are_pinned_and_hashed_and_name_no_address():
    lock = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
    entries = [line for line in lock.splitlines() if line and line[0] not in " #"]
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*==[0-9][\w.+!-]* \\", entry), entry
    assert "://" not in lock
    for block in re.split(r"\n(?=\S)", lock.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


# Errors


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_an_error_says_what_happened_and_what_to_do(error):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z0-9-]+", error.code)
    for text in (error.happened, error.to_do):
        assert text.endswith(".")
        assert "  " not in text


PLAIN = [error for error in ERRORS if error.__init__ is CareLedgerError.__init__]


@pytest.mark.parametrize("error", PLAIN, ids=lambda error: error.code)
def test_an_error_reads_as_code_event_and_advice(error):
    text = f"{error.happened} / what to do: {error.to_do}"
    assert str(error()) == f"error[{error.code}]: {text}"
    assert "(here)" in str(error("here"))


def test_every_code_is_given_once():
    codes = [error.code for error in ERRORS]
    assert len(codes) > 30
    assert len(codes) == len(dict.fromkeys(codes))


def test_every_error_that_can_be_raised_has_a_code():
    """A class without a code is a family: somebody must descend from it."""
    waiting = [CareLedgerError]
    while waiting:
        error = waiting.pop()
        waiting.extend(error.__subclasses__())
        if not error.__module__.startswith("careledger."):
            continue
        assert error.code or error.__subclasses__(), error.__name__


# Public names


@pytest.mark.parametrize("name", MODULES)
def test_all_lists_real_names(name):
    module = load(name)
    declared = getattr(module, "__all__", [])
    assert len(declared) == len(dict.fromkeys(declared))
    for one in declared:
        assert hasattr(module, one)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_lives_in_it(name):
    text = load(name).__doc__ or ""
    assert text.strip().splitlines()[0].endswith((".", ":", "?")), name
