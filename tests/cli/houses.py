"""Homes of separate actors, commands in them, and a hospital that serves."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import careledger
from careledger.cli import main
from careledger.cli.house.wire import SOCKET
from tests.cli.terminal import PASSPHRASE

SOURCE = Path(careledger.__file__).parents[1]
"""Where this process has the package from: `tools.bite` tests another copy."""

ENV = {**os.environ, "PYTHONPATH": str(SOURCE)}


def start(home: Path, *words: str, **secrets: str) -> "subprocess.Popen[str]":
    """Start a command in a process of its own, the passphrase by pipe."""
    read, more, fds = _pipes(secrets)
    command = [sys.executable, "-m", "careledger", *words, "--home", str(home)]
    started = subprocess.Popen(
        [*command, "--json", "--passphrase-fd", str(read), *more],
        env=ENV,
        pass_fds=fds,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for one in fds:
        os.close(one)
    return started


def _pipes(secrets: dict[str, str]) -> tuple[int, list[str], list[int]]:
    """Return where the passphrase is, options for further secrets, and all pipes."""
    passphrase = _pipe(secrets.pop("passphrase", PASSPHRASE))
    more = {f"--{name}-fd": _pipe(text) for name, text in secrets.items()}
    words = [word for name, fd in more.items() for word in (name, str(fd))]
    return passphrase, words, [passphrase, *more.values()]


def _pipe(text: str) -> int:
    read, write = os.pipe()
    os.write(write, text.encode() + b"\n")
    os.close(write)
    return read


@dataclass
class Home:
    """A home, and commands in it.

    Attributes:
        path: its directory.
        apart: whether each command is a process of its own. All talk to the node's
            process; only the start of Python is saved where this is false.
    """

    path: Path
    apart: bool = False

    def ok(self, *words: str, **secrets: str) -> dict[str, Any]:
        """Run a command; secrets (`words=`, `shares=`, `passphrase=`) go by pipe."""
        code, out, err = self.run(*words, **secrets)
        assert code == 0, (words, out, err)
        found = json.loads(out)
        assert isinstance(found, dict)
        return found

    def fails(self, *words: str, **secrets: str) -> str:
        """Run a command that must fail; return the code that it says twice."""
        code, out, err = self.run(*words, **secrets)
        assert code, (words, out, err)
        assert "Traceback" not in err
        said = json.loads(out)["error"]
        assert code == (2 if said["code"] == "cli.usage" else 1)
        assert f"error[{said['code']}]: " in err
        assert said["to_do"]
        return str(said["code"])

    def run(self, *words: str, **secrets: str) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it printed."""
        if self.apart:
            out, err = (done := start(self.path, *words, **secrets)).communicate(
                timeout=60
            )
            return done.returncode, out, err
        read, more, fds = _pipes(secrets)
        said, wrong = io.StringIO(), io.StringIO()
        given = [*words, "--home", str(self.path), "--json"]
        with redirect_stdout(said), redirect_stderr(wrong):
            code = main([*given, "--passphrase-fd", str(read), *more])
        for one in fds:
            os.close(one)
        return code, said.getvalue(), wrong.getvalue()


@dataclass
class House(Home):
    """A hospital's home, whose node serves in a process of its own."""

    node: "subprocess.Popen[str] | None" = None

    def begin(self, *words: str) -> None:
        """Start the node, and wait until it serves."""
        self.node = start(self.path, "node", "serve", *words)
        until = time.monotonic() + 60
        while not (self.path / SOCKET).exists() and time.monotonic() < until:
            assert self.node.poll() is None, self.node.communicate()
            time.sleep(0.05)

    def end(self) -> None:
        """Stop it as a service manager does."""
        assert self.node is not None
        self.node.send_signal(signal.SIGTERM)
        _, err = self.node.communicate(timeout=30)
        assert self.node.returncode == 0, err
        assert not (self.path / SOCKET).exists()


def joined(hospital: House, desk: Path, name: str) -> Home:
    """Return the home of a practitioner who has joined."""
    short = name[-4:]
    who = Home(desk / short, apart=short == "Roth")
    request, paper = str(desk / f"{short}.request"), str(desk / f"{short}.paper")
    node = str(hospital.path)
    who.ok("practitioner", "new", request, "--node", node, "--name", name)
    hospital.ok("hospital", "vouch", request, paper)
    hospital.ok("registrar", "endorse", request)
    assert who.ok("practitioner", "join", paper)["handles"] == 10
    return who
