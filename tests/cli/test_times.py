"""What people are shown of a time, and what programs are."""

import re

import pytest

from careledger.cli.times import with_moments
from tests.cli.terminal import Terminal

ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
MILLIS = re.compile(r"\b1[0-9]{12}\b")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("time", 1_800_000_000_123, "2027-01-15T08:00:00Z"),
        ("checkpoint_time", 1_800_000_000_000, "2027-01-15T08:00:00Z"),
        ("time", 2**53 - 1, "9007199254740991 ms since 1970"),
        ("checkpoint_time", None, None),
        ("age", 61_000, "61 seconds"),
        ("age", None, None),
        ("until", 0, 0),
        ("first", 7, 7),
        ("amount", 1_800_000_000_123, 1_800_000_000_123),
        (
            "actions",
            [{"kind": "x", "until": 1_800_000_000_000}],
            [{"kind": "x", "until": "2027-01-15T08:00:00Z"}],
        ),
    ],
)
def test_a_time_is_known_by_its_name(name: str, value: object, shown: object) -> None:
    assert with_moments(name, value) == shown


def test_no_command_shows_people_a_number_for_a_time(terminal: Terminal) -> None:
    minted = terminal.run("governance", "mint", "ab" * 32, "5")
    tx_id = terminal.ok("ledger", "inspect", "1")["transactions"][0]
    proof = str(terminal.home / "p")
    lines = [
        ("node", "status"),
        ("ledger", "inspect"),
        ("ledger", "inspect", "1"),
        ("ledger", "inspect", tx_id),
        ("ledger", "verify"),
        ("ledger", "backup", str(terminal.home / "copy")),
    ]
    terminal.ok("proof", "make", proof, "--transaction", tx_id)
    lines.append(("proof", "verify", proof))
    for said in (minted, *(terminal.run(*words) for words in lines)):
        assert said.code == 0, said
        assert re.search(ISO, said.out), said.out
        assert not MILLIS.search(said.out), said.out
    assert isinstance(terminal.ok("ledger", "inspect", tx_id)["time"], int)
    assert isinstance(terminal.ok("node", "status")["time"], int)


def test_an_audit_says_of_when_the_state_is(terminal: Terminal) -> None:
    said = terminal.run("ledger", "audit").out
    assert re.search(rf"time +{ISO}", said)
    assert isinstance(terminal.ok("ledger", "audit")["time"], int)
