"""One hostile author cannot keep the rest of a record from its owner."""

import dataclasses
import json

import pytest

from careledger.client import writing
from careledger.client.writing import NewResource
from careledger.fhir import taking
from careledger.fhir.export_check import Checked, check_export
from careledger.fhir.export_problems import ExportDamaged
from careledger.fhir.exporting import Exported, export_patient
from careledger.sealing.problems import Tampered

HALVES = (
    b'{"resourceType":"Observation","status":"\\ud800"}',
    b'{"resourceType":"Observation","code":{"text":"\\udc80"}}',
    b'{"resourceType":"Observation","\\ud800":1}',
)
GOOD = b'{"resourceType":"Observation","id":"good"}'


@pytest.fixture(scope="module")
def hostile(practice):
    """A record with two entries whose commitment or blob is garbage."""
    person, record = practice.new_record()
    seal = writing.seal_entry

    def wrong_commitment(key, content):
        return dataclasses.replace(seal(key, content), commitment=b"x" * 32)

    def wrong_key(key, content):
        return dataclasses.replace(
            seal(bytes(32), content), commitment=seal(key, content).commitment
        )

    with pytest.MonkeyPatch.context() as patch:
        for wrong in (wrong_commitment, wrong_key):
            patch.setattr(writing, "seal_entry", wrong)
            practice.ada.append(record, NewResource(GOOD))
    practice.ada.append(record, *map(NewResource, (GOOD, *HALVES)))
    return person, record


@pytest.fixture
def folder(hostile, tmp_path):
    done = export_patient(hostile[0], tmp_path / "out")
    size = len(GOOD) + sum(map(len, HALVES))
    assert done == Exported(1, 4, done.events, size, 2)
    return tmp_path / "out"


def test_what_nobody_can_open_is_listed_and_the_rest_is_there(practice, folder) -> None:
    checked = check_export(folder, practice.network.transport.log_key)
    assert checked == Checked(1, 4, checked.events, 0, 2)
    record = folder / "record-1"
    assert (record / "resources.ndjson").read_bytes().splitlines() == [GOOD, *HALVES]
    bad = [
        json.loads(line)
        for line in (record / "unreadable.ndjson").read_text("utf-8").splitlines()
    ]
    assert [one["author"] for one in bad] == ["Dr. Ada Lind"] * 2
    page = (record / "reader.html").read_text("utf-8")
    assert all(one["entry"] in page for one in bad)
    assert r"\ud800" in page
    assert "unreadable.ndjson" in (folder / "README.txt").read_text("utf-8")


def left_out(record) -> None:
    (record / "unreadable.ndjson").unlink()


def no_key(record) -> None:
    path = record / "unreadable.ndjson"
    line = json.loads(path.read_bytes().splitlines()[0]) | {"key": "x"}
    path.write_text(json.dumps(line) + "\n")


def other_blob(record) -> None:
    (record / "sealed" / "000005.blob").write_bytes(b"other")


def readable_hidden(record) -> None:
    lines = (record / "entries.ndjson").read_bytes().splitlines(keepends=True)
    resources = (record / "resources.ndjson").read_bytes().splitlines(keepends=True)
    bad = (record / "unreadable.ndjson").read_bytes()
    (record / "entries.ndjson").write_bytes(b"".join(lines[:-1]))
    (record / "resources.ndjson").write_bytes(b"".join(resources[:-1]))
    (record / "unreadable.ndjson").write_bytes(lines[-1] + bad)


@pytest.mark.parametrize("spoil", [left_out, no_key, other_blob, readable_hidden])
def test_a_changed_list_is_noticed(practice, folder, spoil) -> None:
    spoil(folder / "record-1")
    with pytest.raises(ExportDamaged):
        check_export(folder, practice.network.transport.log_key)


def test_a_vault_that_lies_still_stops_the_export(hostile, monkeypatch) -> None:
    person, record = hostile
    monkeypatch.setattr(taking, "sha256", lambda _: bytes(32))
    with pytest.raises(Tampered):
        taking.take_record(person, record)
