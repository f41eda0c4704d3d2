"""Recovery words and shares: typed unseen, or through a descriptor; never shown."""

from pathlib import Path

import pytest

from careledger.cli.passphrase import ask_lines
from careledger.client.problems import NothingSaid
from careledger.sealing.problems import WrongShares, WrongWords
from careledger.sealing.seeds import (
    join_recovery_secret,
    seed_of,
    split_recovery_secret,
    words_of,
)
from tests.cli.terminal import Terminal


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, *said: str) -> list[str]:
    """Let somebody type; return what was asked, as it comes."""
    answers, prompts = iter(said), []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        for one in answers:
            return one
        raise EOFError

    monkeypatch.setattr("getpass.getpass", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    return prompts


def test_each_prompt_is_answered_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = at_a_terminal(monkeypatch, "first share", " ", "third")
    assert ask_lines(["One", "Two", "Three"], None) == ["first share", "third"]
    assert prompts == ["One: ", "Two: ", "Three: "]


def test_nothing_said_is_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(NothingSaid):
        ask_lines(["One"], 987)
    with pytest.raises(NothingSaid):
        ask_lines(["One"], None)  # nobody is there
    (tmp_path / "empty").write_text("\n \n")
    with (tmp_path / "empty").open() as file, pytest.raises(NothingSaid):
        ask_lines(["One"], file.fileno())
    at_a_terminal(monkeypatch)
    with pytest.raises(NothingSaid):
        ask_lines(["One"], None)  # ctrl-D


def test_a_wrong_word_or_share_is_not_repeated_by_the_error() -> None:
    words = words_of(bytes(32)).replace("art", "heron")
    with pytest.raises(WrongWords) as wrong:
        seed_of(words)
    assert "heron" not in str(wrong.value)
    share, other = split_recovery_secret(bytes(32))[:2]
    with pytest.raises(WrongShares) as mixed:
        join_recovery_secret([share, " ".join(reversed(other.split()))])
    assert other.split()[4] not in str(mixed.value).split()


def test_a_node_that_does_not_serve_makes_no_home(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch, words_of(bytes(32)))
    new = terminal.at(tmp_path / "new")
    words = ("patient", "recover", "--node", str(terminal.home))
    new.fails("cli.node-not-serving", *words)
    assert not new.home.exists()
    new.fails("home.not-found", "patient", "recover", "--node", str(tmp_path))


def test_a_home_that_is_no_persons_has_no_keystore_to_rebuild(
    terminal: Terminal,
) -> None:
    terminal.fails("home.no-such-key", "patient", "rebuild")
    terminal.fails("home.no-such-key", "node", "use", str(terminal.home))
