"""An export is whole: no record is missing, and nothing lies beside what it wrote."""

import json
import shutil

import pytest

from careledger.client.patient import Patient
from careledger.client.trust import Trust, format_trust
from careledger.client.writing import NewResource
from careledger.fhir.export_check import check_export
from careledger.fhir.export_problems import (
    ExportDamaged,
    NoExport,
    NothingToExport,
    NotOfTheExport,
    OtherKeys,
    RecordsMissing,
)
from careledger.fhir.exporting import export_patient
from careledger.fhir.taking import records_of
from careledger.primitives.notes import ED25519, VerifierKey
from careledger.primitives.signing import SigningKey

ONE = b'{"resourceType":"Observation","id":"one"}'
BROKEN = b'{"resourceType":"Observation",\n"id":"two"}'


@pytest.fixture(scope="module")
def owner(practice):
    """A patient with two records of one entry each."""
    person, first = practice.new_record()
    network = practice.network
    second = person.open_record(network.hospitals[0], network.registrar, "other")
    person.append(first, NewResource(ONE))
    person.append(second, NewResource(BROKEN))
    return person


@pytest.fixture(scope="module")
def original(owner, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    export_patient(owner, folder)
    return folder


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original, tmp_path / "out")


@pytest.fixture(scope="module")
def log_key(practice):
    return practice.network.transport.log_key


def last_gone(folder) -> None:
    shutil.rmtree(folder / "record-2")


def first_gone(folder) -> None:
    shutil.rmtree(folder / "record-1")
    (folder / "record-2").rename(folder / "record-1")


def places_changed(folder) -> None:
    (folder / "record-1").rename(folder / "x")
    (folder / "record-2").rename(folder / "record-1")
    (folder / "x").rename(folder / "record-2")


def list_gone(folder) -> None:
    (folder / "records.ndjson").unlink()


def list_empty(folder) -> None:
    (folder / "records.ndjson").write_bytes(b"")


def list_not_json(folder) -> None:
    (folder / "records.ndjson").write_bytes(b"\xff{")


def other_moment(folder) -> None:
    """Another hash: the record is as an export of another day had it."""
    path = folder / "records.ndjson"
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    lines[1]["history_proof"] = "00" * 32
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in lines))


def twice(folder) -> None:
    path = folder / "records.ndjson"
    first = json.loads(path.read_bytes().splitlines()[0])
    lines = [first, first | {"folder": "record-2"}]
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in lines))
    shutil.rmtree(folder / "record-2")
    shutil.copytree(folder / "record-1", folder / "record-2")


def elsewhere(folder) -> None:
    path = folder / "records.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"record-2"', b'"../record-2"'))
    (folder / "record-2").rename(folder.parent / "record-2")


@pytest.mark.parametrize(
    "spoil",
    [
        last_gone,
        first_gone,
        places_changed,
        list_gone,
        list_empty,
        list_not_json,
        other_moment,
        twice,
        elsewhere,
    ],
)
def test_a_missing_or_swapped_record_is_noticed(folder, log_key, spoil) -> None:
    assert check_export(folder, log_key).records == 2
    spoil(folder)
    with pytest.raises(ExportDamaged):
        check_export(folder, log_key)


def test_a_shorter_list_is_found_with_what_the_home_knows(
    owner, folder, log_key
) -> None:
    ids = records_of(owner)
    assert check_export(folder, log_key, ids).records == 2
    last_gone(folder)
    path = folder / "records.ndjson"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert check_export(folder, log_key).records == 1
    with pytest.raises(RecordsMissing) as caught:
        check_export(folder, log_key, ids)
    assert caught.value.detail == ids[1].hex()


@pytest.mark.parametrize(
    "name",
    [
        "record-1/resources/000099.json",
        "record-1/resources/000001.json",
        "record-2/proofs/000002.tlog-proof",
        "record-2/unreadable.ndjson",
        "record-1/more.ndjson",
        "notes.html",
        ".hidden",
    ],
)
def test_a_file_that_does_not_belong_there_is_named(folder, log_key, name) -> None:
    (folder / name).write_bytes(b"")
    with pytest.raises(NotOfTheExport) as caught:
        check_export(folder, log_key)
    assert caught.value.detail == name


@pytest.mark.parametrize("name", ["record-3", "record-4", "record-1x"])
def test_a_forged_record_is_named(folder, log_key, name) -> None:
    shutil.copytree(folder / "record-1", folder / name)
    with pytest.raises(NotOfTheExport) as caught:
        check_export(folder, log_key)
    assert caught.value.detail == name


def test_nothing_in_it_leads_elsewhere(folder, log_key, tmp_path) -> None:
    (folder / "record-2").rename(tmp_path / "away")
    (folder / "record-2").symlink_to(tmp_path / "away")
    with pytest.raises(NotOfTheExport) as caught:
        check_export(folder, log_key)
    assert caught.value.detail == "record-2"


@pytest.mark.parametrize("what", ["nothing", "a file", "a folder of something else"])
def test_a_wrong_path_is_no_damage(tmp_path, log_key, what) -> None:
    path = tmp_path / "nope"
    if what == "a file":
        path.write_bytes(ONE)
    if what == "a folder of something else":
        path.mkdir()
        (path / "letter.txt").write_text("x")
    with pytest.raises(NoExport) as caught:
        check_export(path, log_key)
    assert caught.value.detail == str(path)


def test_keys_of_another_network_are_no_damage(folder, log_key) -> None:
    other = VerifierKey(log_key.name, ED25519, SigningKey(bytes(32)).public)
    with pytest.raises(OtherKeys):
        check_export(folder, other)
    for keys in (format_trust(Trust((str(other),), (), ())), b"log nonsense\n"):
        (folder / "network.keys").write_bytes(keys)
        with pytest.raises(ExportDamaged):
            check_export(folder, other)
        assert check_export(folder, log_key).records == 2


def test_an_export_of_nothing_is_no_success(practice, tmp_path) -> None:
    nobody: Patient = practice.network.patient()
    with pytest.raises(NothingToExport):
        export_patient(nobody, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
