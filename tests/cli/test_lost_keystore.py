"""A home that lost its keystore, or has a damaged one, says so and how to heal it."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from careledger.cli.house.rooms import open_rooms
from careledger.cli.output import Output
from careledger.cli.session import Session
from tests.cli.houses import Home, House
from tests.cli.houses import joined as joined_practitioner
from tests.cli.practice import Practice
from tests.cli.terminal import PASSPHRASE
from tests.cli.test_renewal import shown


@pytest.fixture(scope="module")
def joined(practice: Practice) -> tuple[Home, str]:
    """A patient's home with one record."""
    return practice.patient()


def copy_of(home: Home, to: Path) -> Home:
    shutil.copytree(home.path, to / "copy")
    return Home(to / "copy")


def said(home: Home, *words: str) -> dict[str, str]:
    code, out, _ = home.run(*words)
    assert code == 1
    error: dict[str, str] = json.loads(out)["error"]
    return error


def gone(keystore: Path) -> None:
    keystore.unlink()


def flipped(keystore: Path) -> None:
    raw = bytearray(keystore.read_bytes())
    raw[-9] ^= 1
    keystore.write_bytes(raw)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(gone, "home.keystore-missing"), (flipped, "home.keystore-damaged")],
)
def test_a_patient_is_told_and_rebuilds(
    joined: tuple[Home, str], tmp_path: Path, spoil, code: str
) -> None:
    home, record = copy_of(joined[0], tmp_path), joined[1]
    spoil(home.path / "keystore")
    out = str(tmp_path / "out")
    for words in (("records",), ("kit",), ("export", out), ("inbox",)):
        error = said(home, "patient", *words)
        assert error["code"] == code
        assert "careledger patient rebuild" in error["to_do"]
        assert "practitioner rebuild" in error["to_do"]
        assert error["detail"] == str(home.path / "keystore")
    assert not Path(out).exists()
    assert home.ok("patient", "rebuild")["records"] == [record]
    [found] = home.ok("patient", "records")["records"]
    assert found["record"] == record
    assert home.ok("patient", "export", out)["records"] == 1


def test_a_practitioner_is_told_and_rebuilds(
    practice: Practice, joined: tuple[Home, str], tmp_path: Path
) -> None:
    home = copy_of(practice.ada, tmp_path)
    gone(home.path / "keystore")
    assert home.fails("practitioner", "records") == "home.keystore-missing"
    assert joined[1] in home.ok("practitioner", "rebuild")["records"]
    records = home.ok("practitioner", "records")["records"]
    assert joined[1] in [one["record"] for one in records]


def test_an_older_keystore_is_extended(practice: Practice, tmp_path: Path) -> None:
    home, first = practice.patient()
    store = home.path / "keystore"
    older = store.read_bytes()
    second = home.ok("patient", "open", "dentist")["record"]
    out = str(tmp_path / "out")
    home.ok("patient", "export", out)
    assert home.ok("patient", "rebuild")["missing"] == []
    assert "no record was missing" in shown(home, "patient", "rebuild")
    store.write_bytes(older)
    [known] = home.ok("patient", "records")["records"]
    assert known["record"] == first
    checked = ("patient", "check-export", out)
    assert home.ok(*checked)["beyond_home"] == [second]
    assert "nor any record that this home knows" in shown(home, *checked)
    assert "Run patient rebuild" in shown(home, *checked)

    found = home.ok("patient", "rebuild")
    assert (found["missing"], sorted(found["records"])) == (
        [second],
        sorted([first, second]),
    )
    assert [one["label"] for one in home.ok("patient", "records")["records"]] == [
        known["label"],
        "dentist",
    ]
    assert home.ok(*checked)["beyond_home"] == []
    assert "WARNING" not in shown(home, *checked)
    # The shares of its kit are good for what was found, and for what comes.
    assert home.ok("patient", "kit")["not_guarded"] == []
    third = home.ok("patient", "open", "skin")["record"]
    assert home.ok("patient", "kit")["not_guarded"] == []
    store.write_bytes(older)
    assert home.ok("patient", "rebuild")["missing"] == [second, third]
    assert "2 of 3" not in shown(home, "patient", "rebuild")


def test_a_home_that_has_not_joined_is_not_stuck(
    practice: Practice, tmp_path: Path
) -> None:
    home = Home(tmp_path / "early")
    home.ok("patient", "new", "--node", str(practice.hospital.path))
    assert home.ok("patient", "records")["records"] == []
    assert home.fails("patient", "export", str(tmp_path / "out")) == (
        "fhir.nothing-to-export"
    )
    for spoil in (gone, flipped):
        spoil(home.path / "keystore")
        assert home.fails("patient", "records").startswith("home.keystore-")
        assert home.ok("patient", "rebuild")["records"] == []
        assert home.ok("patient", "records")["records"] == []


def test_a_damaged_genesis_is_no_matter_of_the_clock(
    practice: Practice, joined: tuple[Home, str], tmp_path: Path
) -> None:
    home = copy_of(joined[0], tmp_path)
    genesis, there = home.path / "genesis", practice.hospital.path / "genesis"
    raw = genesis.read_bytes()
    name = raw.index(b"simulated/")
    genesis.write_bytes(raw[: name + 10] + b"z" + raw[name + 11 :])
    error = said(home, "patient", "entries", joined[1])
    assert error["code"] == "home.other-network"
    assert error["detail"] == f"{genesis} and {there}"
    assert "genesis file was damaged" in error["to_do"]
    shutil.copyfile(there, genesis)
    assert home.ok("patient", "entries", joined[1])["entries"]


def test_handles_that_lay_unused_are_endorsed_again(practice: Practice) -> None:
    who = joined_practitioner(practice.hospital, practice.folder, "Dr. Eve Lund")
    gone(who.path / "keystore")
    assert who.ok("practitioner", "rebuild")["records"] == []
    who.ok("practitioner", "fill-pool")
    patient, record = practice.patient()
    patient.ok("patient", "invite", record, "Dr. Eve Lund")
    who.ok("practitioner", "accept", record)
    assert who.ok("practitioner", "entries", record)["entries"]


@pytest.mark.parametrize(
    ("name", "spoil", "code"),
    [
        ("custodians", gone, "home.pool-missing"),
        ("witnesses", gone, "home.pool-missing"),
        ("custodians", flipped, "home.pool-damaged"),
        ("agents", flipped, "home.pool-damaged"),
    ],
)
def test_a_hospital_is_told(
    practice: Practice, tmp_path: Path, name: str, spoil, code: str
) -> None:
    hospital, file = practice.hospital, practice.hospital.path / f"{name}.keystore"
    practice.patient()
    hospital.ok("hospital", "new-agent", str(tmp_path / "first"))
    kept = file.read_bytes()
    spoil(file)
    words = ("hospital", "new-agent", str(tmp_path / "agent"))
    try:
        error = said(hospital, *words)
        assert (error["code"], error["detail"]) == (code, str(file))
        assert not (tmp_path / "agent").exists()
        hospital.end()
        assert hospital.fails("node", "serve") == code
    finally:
        file.write_bytes(kept)
        hospital.begin()
    hospital.ok(*words)


def test_an_older_pool_is_extended_when_the_node_starts(
    practice: Practice, tmp_path: Path
) -> None:
    hospital = practice.hospital
    practice.patient()  # so that there are keys, whichever test comes first
    places = [hospital.path / f"{n}.keystore" for n in ("custodians", "witnesses")]
    older = [(place, place.read_bytes()) for place in places]
    home, record = practice.patient()
    hospital.end()
    for place, kept in older:
        place.write_bytes(kept)
    hospital.begin()
    assert home.ok("patient", "entries", record)["entries"]
    assert home.ok("patient", "export", str(tmp_path / "out"))["resources"] == 1
    home.ok("patient", "open", "dentist")  # with keys that were not handed out before
    said = restarted(hospital)
    for place, _ in older:
        assert f"WARNING: {place.name} is an older one." in said
    assert "WARNING" not in restarted(hospital)


def test_who_runs_the_node_hears_of_a_lost_vault(
    practice: Practice, tmp_path: Path
) -> None:
    hospital, away = practice.hospital, tmp_path / "away"
    away.mkdir()
    home, record = practice.patient()
    hospital.end()
    for place in hospital.path.glob("vault.db*"):
        place.rename(away / place.name)
    hospital.begin()
    assert home.ok("patient", "entries", record)["entries"]
    hospital.node, lost = None, hospital.node
    assert lost is not None
    lost.send_signal(signal.SIGTERM)
    _, said = lost.communicate(timeout=30)
    for place in hospital.path.glob("vault.db*"):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    for place in away.iterdir():
        place.rename(hospital.path / place.name)
    hospital.begin()
    assert "WARNING: the vault lacks " in said
    assert home.ok("patient", "export", str(tmp_path / "out"))["resources"] == 1
    assert "WARNING" not in restarted(hospital)


def test_a_node_that_starts_looks_at_its_files(
    practice: Practice, tmp_path: Path
) -> None:
    hospital, home = practice.hospital, tmp_path / "h"
    practice.patient()
    older = (hospital.path / "custodians.keystore").read_bytes()
    practice.patient()
    hospital.end()
    try:
        shutil.copytree(hospital.path, home)
    finally:
        hospital.begin()
    assert warnings_in(home) == ()
    (home / "custodians.keystore").write_bytes(older)
    for place in home.glob("vault.db*"):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    pool, vault = warnings_in(home)
    assert "custodians.keystore is an older one" in pool
    assert "the vault lacks" in vault


def warnings_in(path: Path) -> tuple[str, ...]:
    """Return what a node has to say as it starts, in this process."""
    read, write = os.pipe()
    os.write(write, PASSPHRASE.encode() + b"\n")
    os.close(write)
    session = Session(path, Output(as_json=True, debug=False), read)
    home = session.home()
    with open_rooms(session, home, session.unlock(home)) as rooms:
        os.close(read)
        return rooms.warnings


def restarted(hospital: House) -> str:
    """Start the node again; return what it had said on standard error."""
    assert hospital.node is not None
    hospital.node.send_signal(signal.SIGTERM)
    _, err = hospital.node.communicate(timeout=30)
    hospital.begin()
    return str(err)
