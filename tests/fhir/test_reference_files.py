"""Reference data between imports: whole, sealed, and nobody else's."""

import json

import pytest

from careledger import demo_data
from careledger.client.problems import CannotRead, CannotWrite, HalfWritten
from careledger.fhir import reference_files
from careledger.fhir.reference_files import ReferenceFiles
from tests.fhir.test_import import raws

SEED = b"s" * 32
HOSPITALS = raws(demo_data.hospitals())


def filled(store, some):
    for number, raw in enumerate(some):
        store.add(json.loads(raw), raw, f"urn:uuid:{number}")
    return store


def saved(folder, *parts):
    for some in parts:
        files = ReferenceFiles(folder, SEED)
        files.save(filled(files.load(), some))
    return ReferenceFiles(folder, SEED).load()


def test_what_is_saved_is_loaded_in_order(tmp_path) -> None:
    store = saved(tmp_path / "r", HOSPITALS[:3], HOSPITALS[:5], HOSPITALS)
    assert [one.raw for one in store.resources()] == HOSPITALS
    assert store.find("urn:uuid:1").raw == HOSPITALS[1]
    assert len(list((tmp_path / "r").iterdir())) == 3


def test_many_go_into_several_files(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(reference_files, "_MOST_BYTES", 3 * len(HOSPITALS[0]))
    store = saved(tmp_path, HOSPITALS)
    assert [one.raw for one in store.resources()] == HOSPITALS
    assert len(list(tmp_path.iterdir())) > 2


def test_nothing_new_writes_nothing(tmp_path) -> None:
    assert len(saved(tmp_path / "r", [], [])) == 0
    assert not (tmp_path / "r").exists()


def test_saving_twice_adds_only_what_is_new(tmp_path) -> None:
    files = ReferenceFiles(tmp_path, SEED)
    store = filled(files.load(), HOSPITALS[:2])
    files.save(store)
    files.save(filled(store, HOSPITALS))
    assert [one.raw for one in saved(tmp_path).resources()] == HOSPITALS


def test_no_name_can_be_read_in_the_files(tmp_path) -> None:
    saved(tmp_path, HOSPITALS)
    [path] = tmp_path.iterdir()
    assert HOSPITALS[0][:40] not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def swap(folder) -> None:
    one, two = (folder / "000001", folder / "000002")
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)


SPOILERS = {
    "cut": lambda folder: (folder / "000001").write_bytes(b"careledger"),
    "empty": lambda folder: (folder / "000002").write_bytes(b""),
    "swapped": swap,
}


@pytest.mark.parametrize("name", SPOILERS)
def test_changed_files_are_named(tmp_path, name) -> None:
    saved(tmp_path, HOSPITALS[:2], HOSPITALS)
    SPOILERS[name](tmp_path)
    with pytest.raises(HalfWritten) as caught:
        ReferenceFiles(tmp_path, SEED).load()
    assert str(tmp_path) in caught.value.detail


def test_another_seed_opens_nothing(tmp_path) -> None:
    saved(tmp_path, HOSPITALS)
    with pytest.raises(HalfWritten):
        ReferenceFiles(tmp_path, b"t" * 32).load()


def test_a_file_that_cannot_be_read_is_named(tmp_path) -> None:
    (tmp_path / "000001").mkdir()
    with pytest.raises(CannotRead):
        ReferenceFiles(tmp_path, SEED).load()


def test_a_full_disk_is_named_and_the_rest_stays(tmp_path, monkeypatch) -> None:
    saved(tmp_path, HOSPITALS[:2])

    def full(*_: object) -> None:
        raise CannotWrite

    files = ReferenceFiles(tmp_path, SEED)
    store = filled(files.load(), HOSPITALS)
    with monkeypatch.context() as patch:
        patch.setattr(reference_files, "write_file", full)
        with pytest.raises(CannotWrite):
            files.save(store)
    files.save(store)
    assert [one.raw for one in saved(tmp_path).resources()] == HOSPITALS
