"""A machine that does not play along: full or read-only disks, closed lines."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from careledger.cli.descriptors import first_line, whole_text
from careledger.cli.machine_problems import TooMuchSaid
from careledger.cli.meanings import is_disk_full, meaning
from careledger.client.files import write_file
from careledger.client.problems import CannotWrite
from tests.cli.terminal import Terminal

needs_devices = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="there are no such devices"
)
COMMAND = [sys.executable, "-m", "careledger"]


@pytest.mark.parametrize("read", [first_line, whole_text])
def test_a_descriptor_is_read_a_little(
    read: Callable[[int], str], tmp_path: Path
) -> None:
    """What is behind the number may be a device that gives zeros for ever."""
    (tmp_path / "long").write_bytes(bytes(1 << 20))
    with (tmp_path / "long").open("rb", buffering=0) as file:
        with pytest.raises(TooMuchSaid):
            read(file.fileno())
        assert file.tell() <= 1 << 17


def test_of_a_descriptor_the_first_line_is_the_passphrase(tmp_path: Path) -> None:
    (tmp_path / "said").write_bytes("drei stille Reiher ü\r\n".encode() + bytes(2000))
    with (tmp_path / "said").open("rb", buffering=0) as file:
        assert first_line(file.fileno()) == "drei stille Reiher ü"


def test_a_number_that_no_descriptor_has_gives_no_passphrase(
    terminal: Terminal,
) -> None:
    words = ("governance", "mint", "ab" * 32, "1", "--passphrase-fd", str(2**40))
    terminal.fails("client.no-passphrase", *words, passphrase=None)


def test_a_closed_standard_input_is_nobody_to_ask(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    words = ("governance", "mint", "ab" * 32, "1")
    terminal.fails("client.no-passphrase", *words, passphrase=None)
    recover = ("patient", "recover", "--node", str(terminal.home))
    assert terminal.run(*recover, passphrase=None).err.startswith("error[c")


@needs_devices
@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["coin"], ["explain", "cli.fault", "--json"]]
)
def test_an_answer_that_cannot_be_written_is_one_line(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *words], stdout=full, stderr=-1, text=True, check=False
        )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("error[cli.answer-not-written]: ")


def test_a_closed_standard_output_takes_no_answer(
    monkeypatch: pytest.MonkeyPatch, terminal: Terminal
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    for more in ((), ("--json",)):
        done = terminal.run("node", "status", *more)
        assert (done.code, "cli.answer-not-written" in done.err) == (1, True)


@pytest.mark.skipif(os.name != "posix", reason="there are no such signals")
def test_who_interrupts_the_loading_sees_no_trace() -> None:
    """The command line is replaced by one that is interrupted while it loads."""
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from careledger import __main__ as start\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'careledger.cli':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "sys.exit(start.main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.skipif(os.name != "posix", reason="there are no such signals")
@pytest.mark.parametrize("at", ["importlib", "signal", "typing", "no import"])
def test_who_interrupts_the_first_lines_sees_no_trace_either(at: str) -> None:
    """The interruption comes with an import of the start, or just after its last."""
    program = (
        "import builtins, os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def interrupted(name, *rest, real=__import__):\n"
        "    if name == sys.argv[1]:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = interrupted\n"
        "import careledger.__main__\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.exit('not interrupted')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, at], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_what_is_no_interruption_ends_the_start_with_its_trace() -> None:
    program = "import careledger.__main__\nraise LookupError('a fault of ours')\n"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"LookupError: a fault of ours" in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (apsw.FullError(), "cli.disk-full", "here"),
        (OSError(errno.ENOSPC, "x"), "cli.disk-full", "here"),
        (OSError(errno.ENOSPC, "x", "rows"), "cli.disk-full", "rows"),
        (OSError(errno.EROFS, "x", "lock"), "home.cannot-write", "read-only"),
        (IsADirectoryError(errno.EISDIR, "x", "y"), "home.cannot-read", "A directory"),
        (FileNotFoundError(errno.ENOENT, "x", "y"), "home.cannot-read", "Nothing is"),
        (FileNotFoundError(errno.ENOENT, "x", 3), "cli.fault", "ENOENT"),
        (OSError(errno.EIO, "x", "y"), "cli.fault", "EIO"),
        (OSError("x"), "cli.fault", "OSError"),
    ],
)
def test_what_an_error_of_the_machine_means(
    error: Exception, code: str, told: str
) -> None:
    found = meaning(error, Path("here"))
    assert found.code == code
    assert told in str(found)


def test_an_error_beside_a_file_of_sqlite_is_a_full_disk_where_it_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not is_disk_full(apsw.IOError(), Path())
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage())
    assert is_disk_full(apsw.IOError(), Path())


class Usage:
    free = 4096


def test_a_directory_in_the_place_of_what_was_signed_is_named(
    terminal: Terminal,
) -> None:
    place = terminal.home / "ledger.db.signed"
    place.unlink(missing_ok=True)
    place.mkdir()
    done = terminal.fails("engine.signed-unknown", "node", "status")
    assert done.facts["error"]["detail"] == str(place)


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EIO, "Check")],
)
def test_a_file_that_cannot_be_written_says_why(
    number: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "x")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(CannotWrite) as found:
        write_file(tmp_path / "x", b"x")
    assert told in str(found.value)
    assert list(tmp_path.iterdir()) == []


def test_where_no_directory_is_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="make it first"):
        write_file(tmp_path / "none" / "x", b"x")
