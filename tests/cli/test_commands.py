"""What holds for every command and every error."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
import typer

from careledger.cli import main
from careledger.cli.app import app
from careledger.cli.ledgers import setup_for
from careledger.cli.output import Output
from careledger.cli.parsing import counted
from careledger.cli.session import HOME_VARIABLE, Session, default_home
from careledger.client.home import Home
from careledger.client.problems import NoHome
from careledger.sealing.passphrase import lock, unlock
from tests.cli.practice import Practice
from tests.cli.terminal import PASSPHRASE, Terminal

ROOT = Path(__file__).parents[2]
OPTIONS = ("--home", "--json", "--debug", "--passphrase-fd", "--help")


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the words of each command."""
    group = typer.main.get_command(app)
    for name, one in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(one, "commands", None)
        yield from [(name, sub) for sub in below] if below else [(name,)]


ALL = sorted(commands())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"\w{2,} \w+.*\.", said), "a sentence that says what it does"
    for option in OPTIONS:
        assert option in said


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_is_documented(words: tuple[str, ...]) -> None:
    texts = [ROOT / "README.md", ROOT / "docs" / "operations.md"]
    documented = "\n".join(path.read_text() for path in texts)
    assert f"careledger {' '.join(words)}" in documented


def test_documented_commands_exist() -> None:
    known = {" ".join(words) for words in ALL}
    for path in (ROOT / "README.md", ROOT / "docs" / "operations.md"):
        documented = re.findall(r"`careledger ((?:[a-z-]+ ?)+)", path.read_text())
        assert documented, path
        for found in documented:
            words = found.split()
            assert " ".join(words[:2]) in known or words[0] in known, found


def test_a_command_alone_says_what_to_do_next(terminal: Terminal) -> None:
    nowhere = terminal.at(terminal.home / "nowhere")
    assert nowhere.ok()["state"] == "no-home"
    assert "careledger demo" in nowhere.run().out
    facts = terminal.ok()
    assert facts["state"] == "ledger"
    assert "node status" in facts["next"]
    (terminal.home / "ledger.db").unlink()
    assert terminal.ok()["state"] == "ledger-missing"
    governor = terminal.at(terminal.home / "governor")
    governor.ok("governance", "new-key")
    assert governor.ok()["state"] == "governor"
    applicant = terminal.at(terminal.home / "applicant")
    genesis, file = str(terminal.home / "genesis"), str(terminal.home / "file")
    words = ("--organisation", "N", "--entity", "E-2", "--kind", "insurer")
    applicant.ok("governance", "apply", genesis, file, *words)
    assert applicant.ok()["state"] == "applicant"
    (applicant.home / "ledger.db").touch()
    guest = applicant.ok()
    assert guest["state"] == "guest"
    assert not [one for one in guest["next"] if one.startswith("governance")]


def test_what_to_do_next_is_said_for_the_home_that_was_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = f"careledger --home {terminal.home} node status"
    assert named in terminal.run().out
    monkeypatch.setenv(HOME_VARIABLE, str(terminal.home))
    assert "careledger node status" in terminal.run().out


def test_a_practitioner_is_told_to_join_and_to_fill_the_pool(
    practice: Practice,
) -> None:
    said = practice.ada.ok()["next"]
    assert said[:2] == ["practitioner join PAPER", "practitioner fill-pool"]


def test_options_may_stand_before_the_command(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--json", "--home", str(terminal.home), "node", "status"]) == 0
    assert capsys.readouterr().out.startswith('{"network"')


def test_the_home_may_be_named_by_the_environment(
    terminal: Terminal,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CARELEDGER_HOME", str(terminal.home))
    assert main(["node", "status"]) == 0
    assert str(terminal.home) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "variable", "expected"),
    [
        ("before", "after", "variable", "after"),
        (None, "after", "variable", "after"),
        ("before", None, "variable", "before"),
        (None, None, "variable", "variable"),
        ("before", None, None, "before"),
        (None, None, None, "default"),
    ],
)
def test_a_named_home_counts_more_than_the_variable(
    before: str | None,
    after: str | None,
    variable: str | None,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[str] = []

    def look(session: Session) -> Home:
        found.append(str(session.path))
        raise NoHome

    monkeypatch.setattr(Session, "home", look)
    monkeypatch.setattr("careledger.cli.session.default_home", lambda: Path("default"))
    monkeypatch.delenv("CARELEDGER_HOME", raising=False)
    if variable:
        monkeypatch.setenv("CARELEDGER_HOME", variable)
    first, last = (["--home", one] if one else [] for one in (before, after))
    assert main([*first, "coin", "balance", *last]) == 1
    assert found == [expected]


def test_no_passphrase_and_a_wrong_one(terminal: Terminal) -> None:
    words = ("governance", "mint", "ab" * 32, "1")
    terminal.fails("client.no-passphrase", *words, passphrase=None)
    terminal.fails("client.no-passphrase", *words, passphrase="")
    terminal.fails("sealing.wrong-passphrase", *words, passphrase="seven quiet hens")
    assert terminal.ok("node", "status")["height"] == 0


def test_a_descriptor_that_is_none_is_no_passphrase(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["governance", "mint", "ab" * 32, "1", "--home", str(terminal.home)]
    assert main([*words, "--passphrase-fd", "987"]) == 1
    assert "client.no-passphrase" in capsys.readouterr().err


def test_a_passphrase_at_the_prompt_is_asked_twice(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = "eight or more", "eight or less"
    said = iter([one, two, one, one, one])
    prompts: list[str] = []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        return next(said)

    monkeypatch.setattr("getpass.getpass", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    empty.fails("client.no-passphrase", "governance", "new-key", passphrase=None)
    assert empty.run("governance", "new-key", passphrase=None).code == 0
    assert prompts[1] == "The same again: "
    assert next(said) == one


@pytest.mark.parametrize("short", ["x", "seven77", "e\u0301" * 7])
def test_a_new_passphrase_is_long_enough_before_anything_is_made(
    short: str, empty: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("governance", "new-key")
    empty.fails("cli.short-passphrase", *words, passphrase=short)
    said = iter([short])
    monkeypatch.setattr("getpass.getpass", lambda _: next(said))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    empty.fails("cli.short-passphrase", *words, passphrase=None)
    assert not empty.home.exists()


def test_a_home_with_a_short_passphrase_still_opens(terminal: Terminal) -> None:
    seed = terminal.home / "seed.locked"
    seed.write_bytes(lock("x", unlock(PASSPHRASE, seed.read_bytes())))
    done = terminal.run("governance", "mint", "ab" * 32, "1", passphrase="x")
    assert done.code == 0, done


def test_ctrl_d_at_the_prompt_is_no_passphrase(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", close)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    empty.fails("client.no-passphrase", "governance", "new-key", passphrase=None)
    assert not empty.home.exists()


def test_a_fault_shows_no_stack_trace_unless_asked(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("careledger.cli.node.ledger_facts", broken)
    done = terminal.fails("cli.fault", "node", "status")
    assert "a secret" not in done.err + done.out
    shown = terminal.run("node", "status", "--debug")
    assert shown.code == 1
    assert "Traceback" in shown.err


@pytest.mark.parametrize(
    ("error", "readable", "code"),
    [
        (apsw.CantOpenError("a secret"), True, "home.cannot-read"),
        (apsw.ReadOnlyError("a secret"), True, "home.cannot-write"),
        (PermissionError(13, "a secret", "careledger.toml"), False, "home.cannot-read"),
        (PermissionError(13, "a secret", "careledger.toml"), True, "home.cannot-write"),
        (PermissionError(13, "a secret", "new-file"), False, "home.cannot-write"),
        (PermissionError("a secret"), True, "cli.fault"),
    ],
)
def test_a_file_that_is_not_ours_is_no_fault(
    error: Exception,
    readable: bool,
    code: str,
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.chdir(terminal.home)
    real = os.access
    named = {"careledger.toml": readable}  # root may read whatever its mode says
    monkeypatch.setattr("os.access", lambda p, m: named.get(p, True) and real(p, m))
    monkeypatch.setattr("careledger.cli.node.ledger_facts", broken)
    done = terminal.fails(code, "node", "status")
    assert "a secret" not in done.err + done.out


def test_the_program_ends_with_its_code(tmp_path: Path) -> None:
    env = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "CARELEDGER_HOME": str(tmp_path),
    }
    run = [sys.executable, "-m", "careledger"]
    codes = [
        subprocess.run(
            [*run, *words], env=env, capture_output=True, check=False
        ).returncode
        for words in ([], ["node", "status"], ["nonsense"])
    ]
    assert codes == [0, 1, 2]


@pytest.mark.parametrize("text", ["ab", "zz" * 32, "ab" * 33, "é"])
def test_what_is_no_key(empty: Terminal, terminal: Terminal, text: str) -> None:
    terminal.fails("client.not-a-key", "coin", "transfer", text, "1")


def test_without_a_name_the_home_is_where_the_platform_keeps_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("XDG_DATA_HOME", "CARELEDGER_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert default_home() == tmp_path / ".local" / "share" / "careledger"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "x"))
    assert default_home() == tmp_path / "x" / "careledger"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert default_home().name == "CareLedger"


def test_who_waits_for_the_ledger_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(tmp_path, Output(as_json=False, debug=False), None)
    told = setup_for(session).on_wait
    assert told is not None
    told()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "another process" in captured.err


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 blocks"), (1, "1 block"), (2, "2 blocks"), (1_234, "1,234 blocks")],
)
def test_things_are_counted_as_people_say_it(number: int, text: str) -> None:
    assert counted(number, "block") == text


def test_unknown_settings_stop_every_command(terminal: Terminal) -> None:
    settings = terminal.home / "careledger.toml"
    settings.write_text(settings.read_text() + 'organization = "x"\n')
    error = terminal.fails("home.unknown-setting", "node", "status").facts["error"]
    line = len(settings.read_text().splitlines())
    assert error["detail"] == f"keys.organization, line {line}"
