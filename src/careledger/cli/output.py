"""How a command speaks.

Rules: the answer goes to standard output, once: a JSON object with --json, text
for people otherwise. Everything else (progress, prompts, notes, errors) goes to
standard error. A simulated network says so in every answer and every error.
What others wrote is shown with nothing hidden in it (`client.shown`).
"""

import json
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from careledger.cli.answers import arriving, check_open
from careledger.cli.machine_problems import AnswerNotWritten
from careledger.cli.times import with_moments
from careledger.client.shown import shown_json, shown_line
from careledger.errors import CareLedgerError

SIMULATED: Final = "simulated network: neither its time nor its coin is real"

NOTHING_WAITS: Final = "Nothing is waiting."
"""What an empty inbox says."""

_PLAIN_EVERY: Final = 5.0
"""Seconds between two lines about progress where there is no terminal."""


class Step(Protocol):
    """Called with what is done so far and what there is to do."""

    def __call__(self, done: int, total: int, stage: str = "") -> None:
        """Show it; `total` is 0 while that is not known."""


@dataclass
class Output:
    """Where one run of a command speaks.

    Attributes:
        as_json: one JSON object instead of text.
        debug: show stack traces.
        simulated: the network in hand is a simulated one.
    """

    as_json: bool
    debug: bool
    simulated: bool = False

    def answer(self, facts: Mapping[str, object], *lines: str) -> None:
        """Give the answer: `facts` to programs, `lines` to people.

        Raises:
            AnswerNotWritten: standard output is closed, or takes no more.
        """
        check_open()
        with arriving():
            if self.as_json:
                self._write_json(facts)
                return
            _print_plain(lines)
            if self.simulated:
                _answers().print(f"({SIMULATED})", style="yellow")

    def note(self, line: str) -> None:
        """Tell a person something on the way."""
        _tell(line, "dim")

    def fail(
        self,
        error: CareLedgerError,
        facts: Mapping[str, object] | None = None,
        *lines: str,
    ) -> None:
        """Say what went wrong and what to do; `facts` or `lines` say all of it."""
        if self.debug:
            traceback.print_exception(error)
        with suppress(AnswerNotWritten):  # then standard error says it alone
            check_open()
            with arriving():
                if self.as_json:
                    self._write_json({"error": describe(error), **(facts or {})})
                else:
                    _print_plain(lines)
        _tell(str(error), "red")
        self.note_simulated()

    def note_simulated(self) -> None:
        """Say on standard error that the network is simulated, if it is."""
        if self.simulated:
            _tell(f"({SIMULATED})", "yellow")

    @contextmanager
    def progress(self, what: str) -> Iterator[Step]:
        """Show a progress bar on standard error while something long runs.

        Where that is no terminal, there is a plain line every few seconds.
        """
        errors = _errors()
        if not errors.is_terminal:
            yield _PlainSteps(what).step
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=errors, transient=True) as bar:
            task = bar.add_task(what, total=None)

            def step(done: int, total: int, stage: str = "") -> None:
                text = f"{what}: {stage}" if stage else what
                bar.update(task, completed=done, total=total or None, description=text)

            yield step

    def _write_json(self, facts: Mapping[str, object]) -> None:
        marked = {**facts, "simulated": True} if self.simulated else facts
        text = json.dumps(plain(marked), ensure_ascii=False)
        sys.stdout.write(shown_json(text) + "\n")


class _PlainSteps:
    """Progress as lines in a log; what is over in a moment leaves none."""

    def __init__(self, what: str) -> None:
        self._what, self._told = what, time.monotonic()

    def step(self, done: int, total: int, stage: str = "") -> None:
        """Print a line, if the last one is some seconds old."""
        if time.monotonic() < self._told + _PLAIN_EVERY:
            return
        self._told = time.monotonic()
        text = f"{self._what}: {stage}" if stage else self._what
        _errors().print(f"{text} {done}/{total or '?'}")


def describe(error: CareLedgerError) -> dict[str, object]:
    """Return an error as programs read it."""
    found: dict[str, object] = {
        "code": error.code,
        "happened": error.happened,
        "to_do": error.advice,
    }
    return found | ({"detail": error.detail} if error.detail else {})


def plain(value: object) -> Any:
    """Return `value` as JSON has it: bytes in hexadecimal, messages by field name."""
    match value:
        case bytes():
            return value.hex()
        case msgspec.Struct():
            tag = value.__struct_config__.tag
            named = {"kind": tag} if isinstance(tag, str) else {}
            return named | _named(msgspec.structs.asdict(value))
        case tuple() if hasattr(value, "_asdict"):
            return _named(value._asdict())
        case Mapping():
            return _named(value)
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def _named(items: Mapping[str, object]) -> dict[str, Any]:
    return {name: plain(item) for name, item in items.items()}


def table(rows: Mapping[str, object]) -> list[str]:
    """Return lines of `label  value`, the values under each other, for people."""
    width = max(map(len, rows), default=0)
    return [f"  {label:<{width}}  {_text(label, one)}" for label, one in rows.items()]


def _text(label: str, value: object) -> str:
    found = with_moments(label, plain(value))
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _print_plain(lines: Iterable[str]) -> None:
    console = _answers()
    for line in lines:
        console.print(shown_line(line))


def _tell(line: str, style: str) -> None:
    # A standard error that takes nothing must not stop what is being done.
    with suppress(OSError):
        _errors().print(shown_line(line), style=style)


def _answers() -> Console:
    return Console(soft_wrap=True, highlight=False, markup=False)


def _errors() -> Console:
    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
