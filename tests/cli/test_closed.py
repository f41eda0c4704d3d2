"""Homes and keys that are open to others on the machine are not used."""

import os
from pathlib import Path

import pytest

from tests.cli.houses import Home
from tests.cli.practice import Practice
from tests.cli.terminal import Terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no modes")


@pytest.mark.parametrize("name", [".", "seed.locked"])
def test_an_open_home_is_told_before_a_passphrase_is_asked(
    name: str, terminal: Terminal
) -> None:
    place = terminal.home / name
    closed = place.stat().st_mode
    place.chmod(closed | 0o040)
    words = ("governance", "mint", "ab" * 32, "1")
    error = terminal.fails("home.too-open", *words, passphrase=None).facts["error"]
    assert error["detail"] == str(place)
    assert f"chmod {closed & 0o777:o} {place}" in error["to_do"]
    assert terminal.run("node", "status").code == 0  # that needs no keys
    place.chmod(closed)
    terminal.ok(*words)


@pytest.mark.parametrize("name", ["tokens.sealed", "custodians.keystore"])
def test_open_keys_of_a_hospital_are_not_used(name: str, terminal: Terminal) -> None:
    (terminal.home / name).touch()
    (terminal.home / name).chmod(0o644)
    terminal.fails("home.too-open", "node", "serve")


def test_open_keys_of_a_person_are_not_used(practice: Practice) -> None:
    patient = Home(practice.folder / "open")
    patient.ok("patient", "new", "--node", str(practice.hospital.path))
    for name in ("keystore", "person.sealed"):
        file = Path(patient.path / name)
        made = file.exists()
        file.touch()
        file.chmod(0o604)
        assert patient.fails("patient", "records") == "home.too-open"
        file.chmod(0o600)
        if not made:
            file.unlink()
    assert patient.ok("patient", "records")["records"] == []
