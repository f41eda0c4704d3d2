"""What no vault has any more does not keep the rest from its owner, and is named."""

import json

import pytest

from careledger.client.writing import NewResource
from careledger.fhir.export_check import check_export
from careledger.fhir.export_problems import (
    EntriesMissing,
    ExportDamaged,
    NotOfTheExport,
)
from careledger.fhir.exporting import export_patient

ONE = b'{"resourceType":"Observation","id":"one"}'
TWO = b'{"resourceType":"Observation","id":"two"}'


def lose(network, blob: bytes) -> None:
    """Take a blob out of every vault of a network."""
    for vault in network.desk._each:
        with vault._index.changing():
            vault._index._run("DELETE FROM blob WHERE hash=?", blob)


@pytest.fixture
def torn(practice, tmp_path):
    """An export of two entries, of which one is in no vault; and its id."""
    person, record = practice.new_record()
    lost, _ = person.append(record, NewResource(ONE), NewResource(TWO))
    listed = {one.entry.entry: one.entry for one in person.list_entries(record)}
    lose(practice.network, listed[lost].blob)
    done = export_patient(person, tmp_path / "out")
    assert (done.resources, done.missing) == (1, (lost,))
    return tmp_path / "out", lost.hex()


def test_the_rest_is_exported_and_what_is_missing_is_named(practice, torn) -> None:
    folder, lost = torn
    record = folder / "record-1"
    assert (record / "resources.ndjson").read_bytes() == TWO + b"\n"
    [line] = map(json.loads, (record / "missing.ndjson").read_bytes().splitlines())
    assert (line["entry"], line["author"]) == (lost, "you")
    page = (record / "reader.html").read_text("utf-8")
    assert "Entries that no vault had" in page
    assert lost in page
    assert "missing.ndjson" in (folder / "README.txt").read_text("utf-8")
    with pytest.raises(EntriesMissing) as caught:
        check_export(folder, practice.network.transport.log_key)
    assert caught.value.detail == lost


def left_out(record) -> None:
    (record / "missing.ndjson").unlink()


def named_twice(record) -> None:
    path = record / "missing.ndjson"
    path.write_bytes(path.read_bytes() * 2)


def one_that_is_here(record) -> None:
    [about] = map(json.loads, (record / "entries.ndjson").read_bytes().splitlines())
    path = record / "missing.ndjson"
    more = json.dumps({"entry": about["entry"], "key": about["key"]})
    path.write_bytes(path.read_bytes() + more.encode() + b"\n")


def one_that_never_was(record) -> None:
    path = record / "missing.ndjson"
    more = json.dumps({"entry": "00" * 16, "key": ""})
    path.write_bytes(path.read_bytes() + more.encode() + b"\n")


@pytest.mark.parametrize(
    "spoil", [left_out, named_twice, one_that_is_here, one_that_never_was]
)
def test_the_list_of_what_is_missing_is_checked(practice, torn, spoil) -> None:
    folder, _ = torn
    spoil(folder / "record-1")
    with pytest.raises(ExportDamaged):
        check_export(folder, practice.network.transport.log_key)


def test_a_list_of_nothing_missing_does_not_belong_there(practice, tmp_path) -> None:
    person, record = practice.new_record()
    person.append(record, NewResource(ONE))
    export_patient(person, tmp_path / "out")
    (tmp_path / "out" / "record-1" / "missing.ndjson").write_bytes(b"")
    with pytest.raises(NotOfTheExport):
        check_export(tmp_path / "out", practice.network.transport.log_key)
