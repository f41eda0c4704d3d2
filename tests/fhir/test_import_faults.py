"""Import refuses: what is spoiled, broken or changing is named, and nothing stored."""

import io
import json
import random
from itertools import islice

import pytest

from careledger import demo_data
from careledger.client.problems import CannotRead
from careledger.fhir import findings, surveying
from careledger.fhir.import_problems import NothingStored, SourceChanged
from careledger.fhir.importing import Choices, import_sources
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import Source, bytes_source, file_source
from tests.fhir.bundles import (
    bundle,
    check_round_trip,
    condition,
    patient,
    reference_store,
    stored,
)
from tests.fhir.spoil import DATES, replace_with


def spoiled_bundles(rng, share: int):
    """Return the demo's first bundles with one resource in `share` spoiled, and which."""
    spoil, spoiled, contents = (
        replace_with("2024-02-31", lambda h, k: k in DATES),
        set(),
        [],
    )
    for source, content in enumerate(islice(demo_data.patients(), 10)):
        whole = json.loads(content)
        for number, entry in enumerate(whole["entry"], start=1):
            if rng.randrange(share) == 0 and spoil(rng, entry["resource"]):
                spoiled.add((str(source), number))
        contents.append(json.dumps(whole).encode())
    return contents, spoiled


def test_one_spoiled_resource_in_a_hundred_is_found(practice) -> None:
    _, record = practice.new_record()
    contents, spoiled = spoiled_bundles(random.Random(6), 100)
    sources = [bytes_source(str(n), each) for n, each in enumerate(contents)]
    with pytest.raises(NothingStored) as caught:
        import_sources(practice.ada, record, sources, reference_store())
    assert {(one.source, one.number) for one in caught.value.report.faults} == spoiled
    assert spoiled


BAD_FILES = {
    "broken": (b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resource', findings.BROKEN_JSON),
    "no-json": (b"MSH|^~\\&|", "fhir.not-a-bundle"),
    "utf-16": (bundle(patient()).decode().encode("utf-16"), "fhir.file-not-utf8"),
    "latin-1": (bundle(patient(name=[{"family": "X"}])).replace(b"X", b"M\xfcller"), findings.WRONG_ENCODING),
    "document": (b'{"resourceType":"Bundle","type":"document","entry":[]}', "fhir.wrong-bundle-type"),
    "delete": (b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"Patient/1"}}]}', findings.NOT_A_RESOURCE),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_and_the_rest_usable(practice, name) -> None:
    person, record = practice.new_record()
    content, code = BAD_FILES[name]
    sources = [bytes_source("bad", content), bytes_source("good", bundle(patient()))]
    with pytest.raises(NothingStored) as caught:
        import_sources(practice.ada, record, sources, ReferenceStore())
    assert code in {
        one.code for one in caught.value.report.faults if one.source == "bad"
    }
    assert stored(person, record) == 0
    report = import_sources(
        practice.ada, record, sources, ReferenceStore(), Choices(keep_going=True)
    )
    assert report.stored == stored(person, record) == 1


def test_hostile_file_names_are_only_shown(practice, tmp_path) -> None:
    _, record = practice.new_record()
    path = tmp_path / "\x1b[31m\u202egpj.json"
    path.write_bytes(b"{")
    with pytest.raises(NothingStored) as caught:
        import_sources(practice.ada, record, [file_source(path)], ReferenceStore())
    assert {one.source.isprintable() for one in caught.value.report.faults} == {True}


def test_a_file_that_is_not_there_is_named(practice, tmp_path) -> None:
    _, record = practice.new_record()
    with pytest.raises(NothingStored) as caught:
        import_sources(
            practice.ada, record, [file_source(tmp_path / "no.json")], ReferenceStore()
        )
    assert [one.code for one in caught.value.report.faults] == [CannotRead.code]


@pytest.mark.parametrize("room", [0, 5_000])
def test_what_memory_does_not_hold_is_read_again(practice, monkeypatch, room) -> None:
    monkeypatch.setattr(surveying, "MOST_HELD", room)
    contents = list(islice(demo_data.patients(), 2))
    check_round_trip(practice, contents, reference_store())


@pytest.mark.parametrize("second", [(patient(id="other"), condition()), (patient(),)])
def test_a_file_that_changes_meanwhile_is_noticed(
    practice, monkeypatch, second
) -> None:
    monkeypatch.setattr(surveying, "MOST_HELD", -1)
    person, record = practice.new_record()
    versions = iter([bundle(patient(), condition()), bundle(*second)])
    source = Source("1", lambda: io.BytesIO(next(versions)))
    with pytest.raises(SourceChanged):
        import_sources(practice.ada, record, [source], ReferenceStore())
    assert stored(person, record) == 0


def test_no_fault_repeats_what_a_resource_says(practice) -> None:
    _, record = practice.new_record()
    content = bundle(
        patient(gender="Zwiebelfisch", Zwiebelfisch=1, birthDate="Zwiebelfisch")
    )
    with pytest.raises(NothingStored) as caught:
        import_sources(
            practice.ada, record, [bytes_source("1", content)], ReferenceStore()
        )
    assert "Zwiebelfisch" not in repr(caught.value.report) + str(caught.value)
