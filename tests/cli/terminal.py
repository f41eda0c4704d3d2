"""A terminal for tests: runs the command line in this process, passphrase by pipe."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from careledger.cli import main

PASSPHRASE = "seven quiet herons"


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self.out
        found = json.loads(lines[0])
        assert isinstance(found, dict)
        return found


class Terminal:
    """Types commands for one home."""

    def __init__(self, home: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.home, self._captured = home, captured

    def at(self, home: Path) -> "Terminal":
        return Terminal(home, self._captured)

    def run(self, *words: str, passphrase: str | None = PASSPHRASE) -> Done:
        """Run one command; `passphrase=None`: nobody is there to give one."""
        self._captured.readouterr()
        given = [*words, "--home", str(self.home)]
        if passphrase is None:
            code = main(given)
        else:
            read, write = os.pipe()
            os.write(write, passphrase.encode() + b"\n")
            os.close(write)
            try:
                code = main([*given, "--passphrase-fd", str(read)])
            finally:
                os.close(read)
        captured = self._captured.readouterr()
        return Done(code, captured.out, captured.err)

    def ok(self, *words: str) -> dict[str, Any]:
        """Run a command that must succeed; return its JSON."""
        done = self.run(*words, "--json")
        assert done.code == 0, done
        return done.facts

    def fails(self, code: str, *words: str, **given: str | None) -> Done:
        """Run a command that must fail with `code`, said on both channels."""
        done = self.run(*words, "--json", **given)
        exit_code = 2 if code == "cli.usage" else 1
        assert (done.code, done.facts["error"]["code"]) == (exit_code, code), done
        assert (
            done.err.startswith(f"error[{code}]: ") or f"\nerror[{code}]: " in done.err
        )
        assert "what to do: " in done.err
        assert "Traceback" not in done.err
        return done
