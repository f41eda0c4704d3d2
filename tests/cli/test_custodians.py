"""Custodians between homes: the owner moves a record, and its hospital signs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from careledger.ledger.parameters import DAY
from tests.cli.houses import Home, House

PATIENT = b'{"resourceType":"Patient","name":[{"family":"Bergstroem"}]}'
NOTICE = 30 * DAY


@pytest.fixture(scope="module")
def hospital(
    founded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("c") / "h")
    shutil.copytree(founded, house.path)
    house.begin()
    yield house
    house.end()


@pytest.fixture
def owned(hospital: House, tmp_path: Path) -> tuple[Home, str, str]:
    """A patient's home, its record, and the one entry in it."""
    patient, paper = Home(tmp_path / "pat"), str(tmp_path / "admission")
    (tmp_path / "p").write_bytes(PATIENT)
    key = patient.ok("patient", "new", "--node", str(hospital.path))["patient"]
    hospital.ok("hospital", "admit", key, paper)
    record = patient.ok(
        "patient", "register", paper, "--personal", str(tmp_path / "p")
    )["record"]  # fmt: skip
    [entry] = patient.ok("patient", "entries", record)["entries"]
    return patient, record, entry["entry"]


def kept_by(patient: Home, record: str) -> list[tuple[str, int]]:
    found = patient.ok("patient", "custodians", record)["custodians"]
    return [(one["handle"], one["until"]) for one in found]


def test_a_record_moves_to_a_fresh_handle_and_nothing_is_lost(hospital, owned) -> None:
    patient, record, entry = owned
    [(old, without_end)] = kept_by(patient, record)
    assert without_end == 0
    moving = ("patient", "set-custodians", record, "--join", str(hospital.path))
    [new] = patient.ok(*moving)["joined"]
    custodians = dict(kept_by(patient, record))
    assert custodians.keys() == {old, new}
    assert custodians[new] == 0
    moved = patient.ok("patient", "history", record)["events"]
    [time] = [e["time"] for e in moved if e["actions"] == ["records.set-custodians"]]
    assert custodians[old] == time + NOTICE
    assert patient.ok("patient", "read", record, entry)["content"].encode() == PATIENT
    copied = patient.ok("patient", "copy-to-custodian", record, new[:12])
    assert (copied["custodian"], copied["copied"]) == (new, 1)


def test_one_stays_beside_the_new_one(hospital, owned) -> None:
    patient, record, _ = owned
    [(old, _)] = kept_by(patient, record)
    both = ("--join", str(hospital.path), "--stay", old[:12])
    done = patient.ok("patient", "set-custodians", record, *both)
    assert done["stay"] == [old]
    assert sorted(kept_by(patient, record)) == sorted(
        [(old, 0), (done["joined"][0], 0)]
    )


def test_what_cannot_be_is_refused_and_changes_nothing(hospital, owned) -> None:
    patient, record, _ = owned
    before = kept_by(patient, record)
    words = ("patient", "set-custodians", record)
    assert patient.fails(*words) == "records.bad-custodians"
    assert patient.fails(*words, "--stay", "ab" * 32) == "records.bad-custodians"
    five = ["--join", str(hospital.path)] * 5
    assert patient.fails(*words, *five) == "records.bad-custodians"
    nobody = str(patient.path)
    assert patient.fails(*words, "--join", nobody) == "cli.node-not-serving"
    assert kept_by(patient, record) == before


def test_the_hospital_witnesses_with_a_handle_that_came_later(
    hospital, owned, tmp_path: Path
) -> None:
    patient, record, _ = owned
    [(old, _)] = kept_by(patient, record)
    patient.ok("patient", "set-custodians", record, "--join", str(hospital.path))
    request, paper = str(tmp_path / "request"), str(tmp_path / "paper")
    lost = Home(tmp_path / "lost")
    asking = ("patient", "recover-by-witness", record, request)
    lost.ok(*asking, "--node", str(hospital.path))
    hospital.ok("hospital", "witness", request, paper)
    lost.ok("patient", "submit-recovery", paper)
    assert dict(kept_by(patient, record))[old]
