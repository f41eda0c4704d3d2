"""Import: byte for byte, all or nothing, once, and into the context that was meant."""

import io
import json
import random
from itertools import islice
from pathlib import Path

import pytest

from careledger import demo_data
from careledger.client.problems import CannotRead
from careledger.client.reading import state_read
from careledger.fhir import findings, surveying
from careledger.fhir.delivering import recorded_ids
from careledger.fhir.files import fhir_files, read_pieces
from careledger.fhir.import_problems import NothingStored, SourceChanged
from careledger.fhir.import_report import Progress
from careledger.fhir.importing import Choices, import_sources
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import Source, bytes_source, file_source
from careledger.node.questions import Fetch
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.keys import entry_key
from tests.fhir.spoil import DATES, replace_with

SYNTHEA = Path(__file__).parents[3] / "shared" / "data" / "synthea"


def bundle(*resources, **first) -> bytes:
    entries = [{"resource": one} for one in resources]
    if first:
        entries[0] |= first
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": entries}
    ).encode()


def patient(**more):
    return {"resourceType": "Patient", "id": "p"} | more


def condition(**more):
    return {"resourceType": "Condition", "subject": {"reference": "Patient/p"}} | more


def raws(content: bytes) -> list[bytes]:
    return [piece.raw for piece in read_pieces(io.BytesIO(content)) if piece.raw]


def reference_store() -> ReferenceStore:
    store = ReferenceStore()
    for content in (demo_data.hospitals(), demo_data.practitioners()):
        for raw in raws(content):
            store.add(json.loads(raw), raw)
    return store


def opened(patient, record) -> list[bytes]:
    ids = [one.entry.entry for one in patient.list_entries(record)]
    found = []
    for start in range(0, len(ids), 256):
        found += patient.read(record, ids[start : start + 256], "check")
    return [one.content for one in found]


def stored(patient, record) -> int:
    return len(patient.list_entries(record))


def check_round_trip(practice, contents: list[bytes], store) -> None:
    person, record = practice.new_record()
    sources = [bytes_source(str(n), each) for n, each in enumerate(contents)]
    report = import_sources(practice.ada, record, sources, store)
    sent = [raw for content in contents for raw in raws(content)]
    assert report.stored == report.found == len(sent)
    assert not report.faults
    assert not report.notes
    assert sorted(opened(person, record)) == sorted(sent)


def test_demo_patients_come_back_byte_for_byte(practice) -> None:
    store = reference_store()
    for content in islice(demo_data.patients(), 3):
        check_round_trip(practice, [content], store)


@pytest.mark.large
def test_all_demo_patients_come_back_byte_for_byte(practice) -> None:
    store = reference_store()
    for content in demo_data.patients():
        check_round_trip(practice, [content], store)


@pytest.mark.large
@pytest.mark.parametrize("folder", ["sample", "generated"])
def test_every_synthea_resource_is_imported(practice, folder) -> None:
    if not (SYNTHEA / folder).is_dir():
        pytest.skip(f"no Synthea data: {folder}")
    paths = fhir_files(SYNTHEA / folder)
    info = [one for one in paths if "Information" in one.name]
    store = ReferenceStore()
    for path in [one for one in paths if one not in info]:
        person, record = practice.new_record()
        sources = [file_source(one) for one in (*info, path)]
        report = import_sources(practice.ada, record, sources, store)
        sent = raws(path.read_bytes())
        assert report.stored == report.found == len(sent)
        assert not report.faults
        assert sorted(opened(person, record)) == sorted(sent)


def test_hospitals_and_practitioners_are_kept_apart(practice) -> None:
    person, record = practice.new_record()
    store = ReferenceStore()
    sources = [
        bytes_source("h", demo_data.hospitals()),
        bytes_source("p", demo_data.practitioners()),
        bytes_source("1", demo_data.first_patient()),
    ]
    report = import_sources(practice.ada, record, sources, store)
    assert report.reference == store.counts()
    assert sum(report.reference.values()) == len(store) > 0
    assert (
        report.stored == stored(person, record) == len(raws(demo_data.first_patient()))
    )


def test_an_organisation_inside_a_patients_file_is_an_entry(practice) -> None:
    _, record = practice.new_record()
    store = ReferenceStore()
    content = bundle({"resourceType": "Organization", "name": "A"}, patient())
    report = import_sources(practice.ada, record, [bytes_source("1", content)], store)
    assert (report.stored, len(store)) == (2, 0)


def test_references_lead_to_entries_in_the_manifest(practice) -> None:
    person, record = practice.new_record()
    content = bundle(
        condition(subject={"reference": "urn:uuid:0"}), patient(), fullUrl="urn:uuid:9"
    ).replace(
        b'"resource": {"resourceType": "Patient"',
        b'"fullUrl": "urn:uuid:0", "resource": {"resourceType": "Patient"',
    )
    import_sources(practice.ada, record, [bytes_source("1", content)], ReferenceStore())
    lines = {
        one.manifest.resource_type: one.manifest for one in person.list_entries(record)
    }
    [link] = lines["Condition"].references
    assert link.literal == "urn:uuid:0"
    assert link.entry_id == lines["Patient"].entry_id


def test_an_entry_may_have_many_references(practice) -> None:
    person, record = practice.new_record()
    many = [condition(id=f"c{n}") for n in range(100)]
    targets = [{"reference": f"Condition/c{n}"} for n in range(100)]
    agent = [{"who": {"reference": "Patient/p"}}]
    last = {
        "resourceType": "Provenance",
        "target": targets,
        "recorded": "2024-01-01T00:00:00Z",
        "agent": agent,
    }
    content = bundle(patient(), *many, last)
    report = import_sources(
        practice.ada, record, [bytes_source("1", content)], ReferenceStore()
    )
    assert (report.stored, report.transactions) == (102, 1)
    assert not report.notes
    assert stored(person, record) == 102


def test_one_entry_opens_alone_with_its_single_key(practice) -> None:
    person, record = practice.new_record()
    content = demo_data.first_patient()
    report = import_sources(
        practice.ada, record, [bytes_source("1", content)], reference_store()
    )
    number = len(report.entries) // 2
    entry = report.entries[number]
    part = practice.ada.part(record)
    key = entry_key(part.epochs[part.seat().epoch], entry)
    line = next(
        one.entry for one in person.list_entries(record) if one.entry.entry == entry
    )
    read = state_read(part, part.seat(), [entry], "check")
    blob = part.line.fetch(part.keys.signing, Fetch(read, entry))
    sealed = SealedEntry(entry, blob, line.blob, line.key_commitment)
    assert open_entry(key, sealed) == raws(content)[number]


def test_one_fault_and_nothing_is_stored(practice) -> None:
    person, record = practice.new_record()
    content = bundle(patient(), condition(), patient(id="q", gender="x"))
    with pytest.raises(NothingStored) as caught:
        import_sources(
            practice.ada, record, [bytes_source("1", content)], ReferenceStore()
        )
    [fault] = caught.value.report.faults
    assert (fault.number, fault.path, fault.code) == (
        3,
        "Patient.gender",
        findings.UNKNOWN_CODE,
    )
    assert stored(person, record) == 0


def test_keep_going_stores_what_is_good(practice) -> None:
    person, record = practice.new_record()
    content = bundle(patient(), patient(id="q", gender="x"), condition())
    report = import_sources(
        practice.ada,
        record,
        [bytes_source("1", content)],
        ReferenceStore(),
        Choices(keep_going=True),
    )
    assert (report.found, report.stored, len(report.faults)) == (3, 2, 1)
    assert stored(person, record) == 2


def test_a_wrong_target_is_found_across_files(practice) -> None:
    _, record = practice.new_record()
    wrong = condition(id="w", subject={"reference": "urn:uuid:c"})
    sources = [
        bytes_source("1", bundle(wrong)),
        bytes_source("2", bundle(condition(), fullUrl="urn:uuid:c")),
    ]
    report = import_sources(
        practice.ada, record, sources, ReferenceStore(), Choices(keep_going=True)
    )
    [fault] = report.faults
    assert (fault.source, fault.code) == ("1", findings.WRONG_TARGET)
    assert report.stored == 1


def test_loose_references_and_equal_names_are_noted(practice) -> None:
    _, record = practice.new_record()
    content = bundle(
        patient(), patient(), condition(subject={"reference": "Patient/x"})
    )
    report = import_sources(
        practice.ada, record, [bytes_source("1", content)], ReferenceStore()
    )
    assert report.stored == 3
    assert [(one.number, one.code) for one in report.notes] == [
        (2, findings.REPEATED_ID),
        (3, findings.UNRESOLVED),
    ]


SECRET = {
    "meta": {
        "security": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
                "code": "R",
            }
        ]
    }
}


def test_sensitive_resources_wait_for_a_named_context(practice) -> None:
    person, record = practice.new_record()
    sources = [bytes_source("1", bundle(patient(), condition(**SECRET)))]
    with pytest.raises(NothingStored) as caught:
        import_sources(practice.ada, record, sources, ReferenceStore())
    [one] = caught.value.report.sensitive
    assert (one.number, one.type) == (2, "Condition")
    report = import_sources(
        practice.ada, record, sources, ReferenceStore(), Choices(keep_going=True)
    )
    assert (report.stored, stored(person, record)) == (1, 1)
    elsewhere = Choices(keep_going=True, into=bytes(32))
    assert (
        import_sources(
            practice.ada, record, sources, ReferenceStore(), elsewhere
        ).stored
        == 0
    )
    named = Choices(into=record)
    assert (
        import_sources(practice.ada, record, sources, ReferenceStore(), named).stored
        == 1
    )
    assert stored(person, record) == 2


def test_the_same_again_stores_nothing(practice) -> None:
    person, record = practice.new_record()
    sources = [bytes_source("1", bundle(patient(), patient(), condition()))]
    first = import_sources(practice.ada, record, sources, ReferenceStore())
    again = import_sources(practice.ada, record, sources, ReferenceStore())
    assert (first.stored, again.stored, again.already) == (3, 0, 3)
    assert again.transactions == 0
    assert stored(person, record) == 3


def test_entry_ids_differ_between_records(practice) -> None:
    sources = [bytes_source("1", bundle(patient(), condition()))]
    seen = set()
    for _ in range(2):
        _, record = practice.new_record()
        seen.update(
            import_sources(practice.ada, record, sources, ReferenceStore()).entries
        )
    assert len(seen) == 4


def test_what_was_erased_does_not_come_back(practice) -> None:
    person, record = practice.new_record()
    content = bundle(patient(), *(condition(id=f"c{n}") for n in range(6)))
    report = import_sources(
        practice.ada, record, [bytes_source("1", content)], ReferenceStore()
    )
    person.erase(record, [report.entries[3]])
    practice.network.wait(4 * 86_400_000)
    more = bundle(patient(), *(condition(id=f"c{n}") for n in range(9)))
    again = import_sources(
        practice.ada, record, [bytes_source("2", more)], ReferenceStore()
    )
    assert (again.already, again.stored, again.erased_before) == (6, 3, 1)
    assert report.entries[3] not in recorded_ids(practice.ada.part(record))


def test_entries_with_many_links_take_more_transactions(practice) -> None:
    person, record = practice.new_record()
    links = [{"detail": [{"reference": f"Condition/{n:060}"} for n in range(32)]}]
    many = [condition(id=f"{n:060}", evidence=links) for n in range(120)]
    content = bundle(patient(), *many)
    report = import_sources(
        practice.ada, record, [bytes_source("1", content)], ReferenceStore()
    )
    assert report.stored == stored(person, record) == 121
    assert report.transactions > 2


def test_progress_is_told(practice) -> None:
    _, record = practice.new_record()
    told: list[Progress] = []
    content = demo_data.first_patient()
    import_sources(
        practice.ada,
        record,
        [bytes_source("1", content)],
        reference_store(),
        Choices(listener=told.append),
    )
    assert told[0].stage == "judging"
    assert told[-1] == Progress("storing", len(raws(content)), len(raws(content)))


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
