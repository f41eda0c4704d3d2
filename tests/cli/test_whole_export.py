"""A check of an export says what it compared, and names what is missing or wrong."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.houses import Home
from tests.cli.practice import Practice
from tests.cli.test_renewal import shown

CHECK = ("patient", "check-export")


def test_a_check_says_which_records_it_compared(
    practice: Practice, tmp_path: Path
) -> None:
    who, _ = practice.patient()
    second = who.ok("patient", "open", "dentist")["record"]
    folder = tmp_path / "out"
    assert who.ok("patient", "export", str(folder))["records"] == 2
    keys = ("--keys", str(folder / "network.keys"))
    home = who.ok(*CHECK, str(folder))
    assert (home["records"], home["compared_with_home"]) == (2, True)
    assert not [one for one in home["not_covered"] if "further records" in one]
    alone = Home(tmp_path / "none").ok(*CHECK, str(folder), *keys)
    assert (alone["records"], alone["compared_with_home"]) == (2, False)
    assert "further records" in alone["not_covered"][-1]
    # A practitioner's home knows records of others: no export of theirs has them all.
    staff = practice.ada.ok(*CHECK, str(folder))
    assert staff["compared_with_home"] is False

    assert "WARNING" not in shown(who, *CHECK, str(folder))

    shutil.rmtree(folder / "record-2")
    assert who.fails(*CHECK, str(folder)) == "fhir.export-damaged"
    names = folder / "records.ndjson"
    names.write_bytes(names.read_bytes().splitlines(keepends=True)[0])
    alone = Home(tmp_path / "none").ok(*CHECK, str(folder), *keys)
    assert (alone["records"], alone["compared_with_home"]) == (1, False)
    told = shown(Home(tmp_path / "none"), *CHECK, str(folder), *keys)
    assert "that this export lists none is missing" in told
    assert "WARNING: not compared with the owner's home." in told
    assert "run patient check-export in the owner's home" in told
    code, out, _ = who.run(*CHECK, str(folder))
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (1, "fhir.records-missing")
    assert error["detail"] == second


def test_a_wrong_path_is_named(practice: Practice, tmp_path: Path) -> None:
    file = tmp_path / "patient.json"
    file.write_text("{}")
    for path in (file, tmp_path / "nope"):
        assert practice.ada.fails(*CHECK, str(path)) == "fhir.no-export"


def test_one_lost_blob_does_not_keep_the_rest(
    practice: Practice, tmp_path: Path
) -> None:
    who, record = practice.patient()
    [entry] = who.ok("patient", "entries", record)["entries"]
    who.ok("patient", "open", "dentist")
    with closing(sqlite3.connect(practice.hospital.path / "vault.db")) as vault, vault:
        found = "SELECT hash FROM claim WHERE entry=?"
        gone = (bytes.fromhex(entry["entry"]),)
        assert vault.execute(f"DELETE FROM blob WHERE hash IN ({found})", gone).rowcount
    folder = str(tmp_path / "out")
    code, out, err = who.run("patient", "export", folder)
    said = json.loads(out)
    assert (code, said["error"]["code"]) == (1, "fhir.entries-missing")
    assert (said["records"], said["resources"]) == (2, 0)
    assert said["missing"] == [entry["entry"]]
    assert entry["entry"] in err.replace("\n", "")
    code, out, _ = who.run(*CHECK, folder)
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (1, "fhir.entries-missing")
    assert error["detail"] == entry["entry"]
