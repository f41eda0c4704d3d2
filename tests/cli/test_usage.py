"""A command line that is not understood: told with a code, and what to do."""

import pytest

from careledger.cli import main
from careledger.cli.session import HOME_VARIABLE
from tests.cli.terminal import Done, Terminal

KEY = "ab" * 32


def misunderstood(done: Done) -> str:
    """Return what was said about it; it is said as every error is, and no more."""
    assert (done.code, done.out) == (2, ""), done
    [line] = done.err.splitlines()
    assert line.startswith("error[cli.usage]: ")
    return line


@pytest.mark.parametrize(
    ("words", "told", "command"),
    [
        ("nonsense", "there is no command 'nonsense' here", ""),
        ("node stauts", "no command 'stauts' here; did you mean status?", "node"),
        ("status", "did you mean node status?", ""),
        ("coin transfer", "PAYEE is missing", "coin transfer"),
        (f"coin transfer {KEY} 0", "AMOUNT must be a whole number from 1 to", None),
        (f"coin transfer {KEY} 1.5", "AMOUNT must be a whole number", None),
        (f"coin transfer {KEY} 1_0", "in digits only", "coin transfer"),
        (f"coin transfer {KEY} +1", "in digits only", "coin transfer"),
        (f"governance mint {KEY} \u0661", "in digits only", "governance mint"),
        ("node serve --hours-ahead 1_0", "in digits only", "node serve"),
        (f"coin transfer {KEY} {2**53}", "to 9,007,199,254,740,991", None),
        ("node serve --hours-ahead -1", "a whole number, 0 or more", "node serve"),
        ("node status --jsn", "no option --jsn; did you mean --json?", "node status"),
        ("node status --nonsense", "no option --nonsense)", "node status"),
        ("--hom x node status", "no option --hom; did you mean --home?", ""),
        ("coin --debug balance", "options come after the command", "coin"),
        ("node status --json=1", "'--json' does not take a value", "node status"),
        ("explain a b", "more words than it takes", "explain"),
        ("patient set-policy R x", "REFERRALS must be one of: allow, ask, deny", None),
        ("proof make FILE", "give either --transaction or --state", "proof make"),
        ("patient emergency-plan R", "three files, or --end", "patient emergency-plan"),
    ],
)
def test_it_says_what_is_wrong_and_which_help_to_read(
    words: str, told: str, command: str | None, empty: Terminal
) -> None:
    said = misunderstood(empty.run(*words.split()))
    assert told in said
    named = " ".join(words.split()[:2]) if command is None else command
    assert said.endswith(f"careledger {named} --help.".replace("  ", " "))


def test_programs_are_told_too(empty: Terminal) -> None:
    done = empty.run("node", "stauts", "--json")
    assert done.code == 2
    assert done.facts["error"]["code"] == "cli.usage"
    assert done.facts["error"]["to_do"].endswith("careledger node --help.")
    assert "status" in done.facts["error"]["detail"]
    assert done.err.startswith("error[cli.usage]: ")


def test_a_noun_alone_shows_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coin"]) == 2
    said = capsys.readouterr()
    assert "balance" in said.out
    assert said.err.startswith("error[cli.usage]: ")
    assert "missing" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "x", "Erika Mustermann"),
        ("coin", "transfer", KEY, "Erika Mustermann"),
        ("patient", "set-policy", "R", "Erika Mustermann"),
        ("node", "serve", "--hours-ahead", "Erika Mustermann"),
    ],
)
def test_what_stood_in_the_place_of_a_value_is_not_repeated(
    words: tuple[str, ...], empty: Terminal
) -> None:
    assert "Erika" not in misunderstood(empty.run(*words))


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("node", "status", "--home", ""), "the value of --home"),
        (("node", "status", "--home", " "), "the value of --home"),
        (("node", "status", "--home="), "the value of --home"),
        (("node", "status", "--home= "), "the value of --home"),
        (("--home", "", "node", "status"), "the value of --home"),
        (("ledger", "inspect", ""), "one of its words"),
        (("coin", "balance", ""), "one of its words"),
        (("ledger", "backup", ""), "one of its words"),
    ],
)
def test_an_empty_word_is_not_taken_for_none(
    words: tuple[str, ...], what: str, terminal: Terminal
) -> None:
    said = misunderstood(terminal.run(*words))
    assert f"{what} is empty" in said
    command = " ".join(one for one in words if one.strip("-") and "home" not in one)
    assert said.endswith(f"careledger {command.strip()} --help.")


def test_who_interrupts_a_command_is_not_told_of_a_fault(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("careledger.cli.node.ledger_facts", interrupted)
    done = terminal.run("node", "status")
    assert (done.code, done.out, done.err.strip()) == (130, "", "")


def test_an_empty_variable_is_not_taken_for_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "")
    assert main(["node", "status"]) == 1
    assert "error[cli.empty-variable]: " in capsys.readouterr().err
    assert main(["explain", "cli.empty-variable"]) == 0


def test_a_home_that_is_named_needs_no_variable(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "")
    assert terminal.ok("node", "status")["height"] == 0
