"""Resolving: every form of reference, to the right thing, or to a finding."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger import demo_data
from careledger.fhir import findings
from careledger.fhir.files import read_pieces
from careledger.fhir.reference_store import NotReferenceData, ReferenceStore
from careledger.fhir.resolve import Links
from careledger.fhir.validate import examine

NPI = "http://hl7.org/fhir/sid/us-npi"


def practitioner(name, npi="99"):
    return {
        "resourceType": "Practitioner",
        "id": name,
        "identifier": [{"system": NPI, "value": npi}],
    }


def observation(subject, performer=None):
    found = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    found["subject"] = {"reference": subject}
    if performer:
        found["performer"] = [{"reference": performer}]
    return found


PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"value": "7"}]}


@pytest.fixture
def store():
    found = ReferenceStore()
    for each in (practitioner("a"), practitioner("b", "1"), practitioner("c", "1")):
        assert found.add(each, json.dumps(each).encode(), f"urn:uuid:{each['id']}")
    return found


def resolved(store, resource, full_url="", patient_url="urn:uuid:1"):
    links = Links(store)
    assert links.learn(b"P", PATIENT, patient_url) == []
    examined = examine(json.dumps(resource).encode())
    return links.resolve(examined.type, examined.references, full_url)


@pytest.mark.parametrize(
    ("text", "full_url", "patient_url"),
    [
        ("urn:uuid:1", "", "urn:uuid:1"),
        ("Patient/p1", "urn:uuid:2", "urn:uuid:1"),
        ("Patient/p1/_history/3", "urn:uuid:2", "urn:uuid:1"),
        ("Patient/9", "https://a.example/Observation/2", "https://a.example/Patient/9"),
        ("https://a.example/Patient/9", "", "https://a.example/Patient/9"),
        ("Patient?identifier=7", "", ""),
        ("Patient?identifier=%7C7", "", ""),
    ],
)
def test_each_form_leads_to_the_entry(store, text, full_url, patient_url):
    found = resolved(store, observation(text), full_url, patient_url)
    assert found.findings == []
    assert (found.targets[text].where, found.targets[text].id) == ("entry", b"P")
    assert found.targets[text].type == "Patient"


@pytest.mark.parametrize(
    "text",
    [
        f"Practitioner?identifier={NPI}|99",
        f"Practitioner?identifier={NPI}%7C99",
        "Practitioner/a",
        "urn:uuid:a",
    ],
)
def test_practitioners_are_found_in_the_reference_store(store, text):
    found = resolved(store, observation("urn:uuid:1", text))
    assert (found.targets[text].where, found.targets[text].number) == ("reference", 0)
    assert found.findings == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("urn:uuid:9", findings.UNRESOLVED),
        ("Patient/9", findings.UNRESOLVED),
        (f"Practitioner?identifier={NPI}|2", findings.UNRESOLVED),
        (f"Practitioner?identifier={NPI}|1", findings.UNRESOLVED),  # two of them
        ("urn:uuid:b", None),
    ],
)
def test_what_leads_nowhere_is_listed_with_its_path(store, text, code):
    found = resolved(store, observation("urn:uuid:1", text))
    expected = [("Observation.performer[0]", code)] if code else []
    assert [(each.path, each.code) for each in found.findings] == expected


def test_a_target_of_a_wrong_type_is_found(store):
    found = resolved(store, observation("urn:uuid:a"))
    assert [(each.path, each.code) for each in found.findings] == [
        ("Observation.subject", findings.WRONG_TARGET)
    ]


def test_contained_and_outside_references_need_nothing(store):
    text = "https://elsewhere.example/fhir/Patient/1"
    held = observation(text, "#me") | {"contained": [practitioner("me")]}
    found = resolved(store, held)
    assert found.findings == []
    assert found.targets["#me"].where == "contained"
    assert found.targets[text].where == "outside"


def test_an_identity_is_taken_once(store):
    links = Links(store)
    assert links.learn(b"1", PATIENT) == []
    [found] = links.learn(b"2", PATIENT)
    assert (found.path, found.code) == ("Patient.id", findings.REPEATED_ID)
    assert links.learn(b"3", {"resourceType": "Basic"}, "urn:uuid:1") == []
    assert links.learn(b"4", {"resourceType": "Basic"}, "urn:uuid:1") != []


def test_the_store_keeps_each_once_and_no_patient(store):
    assert not store.add(practitioner("a"), b"{}", "urn:uuid:a")
    assert len(store) == 3
    assert store.counts() == {"Practitioner": 3}
    assert [kept.number for kept in store.resources()] == [0, 1, 2]
    with pytest.raises(NotReferenceData):
        store.add(PATIENT, b"{}")


@given(st.text(max_size=30))
def test_any_text_is_resolved_to_something(text):
    found = resolved(ReferenceStore(), observation(text))
    assert len(found.targets) == 1


def test_every_bundled_patient_is_valid_and_resolved():
    store = ReferenceStore()
    for raw in (demo_data.hospitals(), demo_data.practitioners()):
        for piece in read_pieces(io.BytesIO(raw)):
            examined = examine(piece.raw)
            assert examined.findings == []
            assert store.add(examined.content, piece.raw, piece.full_url)
    for raw in [demo_data.first_patient(), *list(demo_data.patients())[::6]]:
        pieces = list(read_pieces(io.BytesIO(raw)))
        assert 1 <= len(pieces) <= 150
        links = Links(store)
        judged = [(examine(piece.raw), piece.full_url) for piece in pieces]
        for examined, full_url in judged:
            assert examined.findings == []
            assert links.learn(full_url.encode(), examined.content, full_url) == []
        for examined, full_url in judged:
            found = links.resolve(examined.type, examined.references, full_url)
            assert found.findings == []


def test_there_are_patients_enough():
    assert sum(1 for _ in demo_data.patients()) >= 180
