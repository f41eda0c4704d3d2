"""Homes, and the commands of their owners."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from careledger.cli import main
from careledger.cli.house.wire import SOCKET

LOG: Final = "node.log"
"""What a node says, in its home."""

_PATIENCE: Final = 30.0


@dataclass(frozen=True)
class Actor:
    """Somebody with a home.

    Attributes:
        path: of the home.
        passphrase: of the home; nobody else has the same.
    """

    path: Path
    passphrase: str

    def do(self, *words: str) -> dict[str, Any]:
        """Run a command that must succeed, in this process; return its answer.

        Raises:
            RuntimeError: it failed; the text is its error code.
        """
        code, answer = self._run(*words)
        if code:
            raise RuntimeError(answer["error"]["code"])
        return answer

    def fail(self, *words: str) -> str:
        """Run a command that must fail; return its error code.

        Raises:
            RuntimeError: it did not.
        """
        code, answer = self._run(*words)
        if not code:
            raise RuntimeError(words[:2])
        return str(answer["error"]["code"])

    def _run(self, *words: str) -> tuple[int, dict[str, Any]]:
        said = io.StringIO()
        with descriptor(self.passphrase) as passphrase:
            given = [*words, *self._common(passphrase)]
            with redirect_stdout(said), redirect_stderr(io.StringIO()):
                code = main(given)
        answer: dict[str, Any] = json.loads(said.getvalue())
        return code, answer

    def start(self, *words: str, **given: Any) -> "subprocess.Popen[bytes]":
        """Start a command in a process of its own; `given` goes to `Popen`."""
        with descriptor(self.passphrase) as passphrase:
            command = [sys.executable, "-m", "careledger", *words]
            where = os.pathsep.join(filter(None, sys.path))
            return subprocess.Popen(
                [*command, *self._common(passphrase)],
                env={**os.environ, "PYTHONPATH": where},
                pass_fds=[passphrase],
                **given,
            )

    def _common(self, passphrase: int) -> list[str]:
        return ["--home", str(self.path), "--json", "--passphrase-fd", str(passphrase)]


@contextmanager
def serving(actor: Actor) -> Iterator["subprocess.Popen[bytes]"]:
    """Have an actor's node serve in a process of its own, and stop it afterwards.

    Raises:
        RuntimeError: it does not begin to serve.
    """
    with (actor.path / LOG).open("wb") as log:
        node = actor.start("node", "serve", stdout=log, stderr=log)
    try:
        until = time.monotonic() + _PATIENCE
        while not (actor.path / SOCKET).exists():
            if node.poll() is not None or time.monotonic() > until:
                raise RuntimeError((actor.path / LOG).read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield node
    finally:
        node.send_signal(signal.SIGTERM)
        node.wait(_PATIENCE)


@contextmanager
def descriptor(passphrase: str) -> Iterator[int]:
    """Have a descriptor from which a passphrase can be read once."""
    read, write = os.pipe()
    os.write(write, passphrase.encode() + b"\n")
    os.close(write)
    try:
        yield read
    finally:
        os.close(read)
