"""Import: byte for byte, all or nothing, once, and into the context that was meant."""

from itertools import islice
from pathlib import Path

import pytest

from careledger import demo_data
from careledger.client.reading import state_read
from careledger.client.session_problems import NotInThisHome
from careledger.fhir import findings
from careledger.fhir.delivering import recorded_ids
from careledger.fhir.files import fhir_files
from careledger.fhir.import_problems import NothingStored
from careledger.fhir.import_report import Progress
from careledger.fhir.importing import Choices, import_sources
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import bytes_source, file_source
from careledger.node.questions import Fetch
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.keys import entry_key
from tests.fhir.bundles import (
    bundle,
    check_round_trip,
    condition,
    opened,
    patient,
    raws,
    reference_store,
    stored,
)

SYNTHEA = Path(__file__).parents[3] / "shared" / "data" / "synthea"


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
    again = import_sources(practice.ada, record, sources, store)
    assert again.reference_already == len(store)
    assert not again.notes
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
    with pytest.raises(NotInThisHome):
        import_sources(practice.ada, record, sources, ReferenceStore(), elsewhere)
    assert stored(person, record) == 1
    named = Choices(into=record)
    assert (
        import_sources(practice.ada, record, sources, ReferenceStore(), named).stored
        == 1
    )
    assert stored(person, record) == 2


def test_sensitive_resources_go_to_their_context_and_the_rest_does_not(
    practice,
) -> None:
    person, record = practice.new_record()
    secret_person, secret = practice.new_record()
    evidence = [{"detail": [{"reference": "Condition/hidden"}]}]
    content = bundle(
        patient(), condition(id="hidden", **SECRET), condition(evidence=evidence)
    )
    sources = [bytes_source("1", content)]
    named = Choices(into=secret)
    report = import_sources(practice.ada, record, sources, ReferenceStore(), named)
    plain_1, hidden, plain_2 = raws(content)
    assert sorted(opened(person, record)) == sorted([plain_1, plain_2])
    assert opened(secret_person, secret) == [hidden]
    assert (report.stored, len(report.sensitive)) == (3, 1)
    # No manifest may tell one record's participants of an entry of the other.
    assert [(one.number, one.code) for one in report.notes] == [
        (2, findings.UNRESOLVED),
        (3, findings.UNRESOLVED),
    ]
    own = {one.entry.entry for one in person.list_entries(record)}
    links = [one.manifest.references for one in person.list_entries(record)]
    assert {one.entry_id for some in links for one in some} <= own
    again = import_sources(practice.ada, record, sources, ReferenceStore(), named)
    assert (again.stored, again.already) == (0, 3)


def test_a_patient_imports_into_the_own_record(practice) -> None:
    person, record = practice.new_record()
    content = bundle(patient(), condition())
    sources = [bytes_source("1", content)]
    assert import_sources(person, record, sources, ReferenceStore()).stored == 2
    assert sorted(opened(person, record)) == sorted(raws(content))


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
