"""A node that was put back to an older ledger is found out by those it served."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from careledger.client.seen import SEEN
from tests.cli.houses import Home, House
from tests.cli.test_records import FIRST, PATIENT


@pytest.fixture
def house(founded: Path, tmp_path: Path) -> Iterator[House]:
    """A hospital of its own, that serves."""
    here = House(tmp_path / "h")
    shutil.copytree(founded, here.path)
    here.begin()
    yield here
    here.end()


def joined(house: House, desk: Path) -> tuple[Home, str]:
    """Return the home of a patient who has joined, and the record."""
    who, paper, personal = Home(desk / "patient"), desk / "paper", desk / "personal"
    personal.write_bytes(PATIENT)
    key = who.ok("patient", "new", "--node", str(house.path))["patient"]
    house.ok("hospital", "admit", key, str(paper))
    words = ("patient", "register", str(paper), "--personal", str(personal))
    return who, str(who.ok(*words)["record"])


def added_after_a_backup(house: House, desk: Path) -> tuple[Home, str, str]:
    """Return a patient, the record with an entry that a backup lacks, and the backup."""
    who, record = joined(house, desk)
    copy, note = str(desk / "copy"), desk / "note"
    note.write_bytes(FIRST)
    house.ok("ledger", "backup", copy)
    who.ok("patient", "append", record, str(note))
    return who, record, copy


def put_back(house: House, copy: str) -> None:
    """Put an older ledger in place, and forget what was signed since."""
    house.end()
    for place in house.path.glob("ledger.db*"):
        place.unlink()
    try:
        house.ok("ledger", "restore", copy)
        house.ok("ledger", "forget-signed")
    finally:
        house.begin()


def test_a_patient_notices_that_the_ledger_went_back(
    house: House, tmp_path: Path
) -> None:
    who, record, copy = added_after_a_backup(house, tmp_path)
    assert len(who.ok("patient", "entries", record)["entries"]) == 2
    put_back(house, copy)

    note = str(tmp_path / "note")
    for words in (("entries", record), ("append", record, note)):
        assert who.fails("patient", *words) == "client.older-than-seen"
    assert who.ok("patient", "records")["records"]  # what is known without the node
    who.ok("ledger", "forget-seen")
    assert who.fails("ledger", "forget-seen") == "client.nothing-seen"
    assert len(who.ok("patient", "entries", record)["entries"]) == 1
    who.ok("patient", "append", record, note)


def test_a_patient_notices_that_the_ledger_went_another_way(
    house: House, tmp_path: Path
) -> None:
    who, record, copy = added_after_a_backup(house, tmp_path)
    who.ok("patient", "entries", record)
    put_back(house, copy)
    for number in range(4):
        (tmp_path / f"other{number}").mkdir()
        joined(house, tmp_path / f"other{number}")
    assert who.fails("patient", "entries", record) == "client.log-not-continued"
    assert b"test.example" in (who.path / f"{SEEN}.conflict").read_bytes()

    (who.path / SEEN).write_bytes(b"damaged")
    assert who.fails("patient", "entries", record) == "home.half-written"
    assert who.ok("patient", "records")["records"]
    who.ok("ledger", "forget-seen")
    assert len(who.ok("patient", "entries", record)["entries"]) == 1
