"""Judging: every fault is found, with its path; nothing good is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.fhir import findings, schema
from careledger.fhir.findings import MESSAGES
from careledger.fhir.json_text import MAX_RESOURCE, BadText, parse
from careledger.fhir.validate import examine, findings_of
from tests.fhir.corruptions import CONDITION, CORRUPTIONS, GOOD, OBSERVATION, PATIENT


def faults(resource):
    found = findings_of(json.dumps(resource).encode())
    return sorted((each.path, each.code) for each in found)


def changed(resource, place, value=...):
    """Return a copy with one place set, or taken away."""
    copy = json.loads(json.dumps(resource))
    *way, last = place
    inside = copy
    for step in way:
        inside = inside[step]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return copy


@pytest.mark.parametrize("resource", GOOD)
def test_a_good_resource_has_no_finding(resource):
    assert faults(resource) == []


@pytest.mark.parametrize(("good", "place", "value", "path", "code"), CORRUPTIONS)
def test_each_kind_of_fault_is_found_where_it_is(good, place, value, path, code):
    assert (path, code) in faults(changed(good, place, value))


def test_all_faults_are_reported_at_once():
    bad = changed(changed(changed(OBSERVATION, ["status"]), ["id"], ""), ["nme"], 1)
    bad = changed(bad, ["valueQuantity", "value"], "1")
    assert [path for path, _ in faults(bad)] == [
        "Observation", "Observation.id", "Observation.status",
        "Observation.value.ofType(Quantity).value",
    ]  # fmt: skip


def test_two_contained_resources_need_two_ids():
    twice = changed(PATIENT, ["contained"], PATIENT["contained"] * 2)
    assert faults(twice) == [("Patient.contained[1].id", findings.REPEATED_ID)]


def test_resources_in_bundles_and_parameters_are_judged():
    bad = {"resourceType": "Basic"}
    bundle = {"resourceType": "Bundle", "type": "batch-response", "entry": [
        {"resource": bad}, {"response": {"status": "200", "outcome": {"resourceType": "OperationOutcome"}}}]}  # fmt: skip
    assert faults(bundle) == [
        ("Bundle.entry[0].resource.code", findings.MISSING_ELEMENT),
        ("Bundle.entry[1].response.outcome.issue", findings.MISSING_ELEMENT),
    ]
    parameters = {"resourceType": "Parameters", "parameter": [
        {"name": "a", "part": [{"name": "b", "resource": bad}]}]}  # fmt: skip
    path = "Parameters.parameter[0].part[0].resource.code"
    assert faults(parameters) == [(path, findings.MISSING_ELEMENT)]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", findings.BROKEN_JSON),
        (b'{"a":NaN}', findings.BROKEN_JSON),
        (b'{"a":1e999}', findings.BROKEN_JSON),
        (b'{"a":1,}', findings.BROKEN_JSON),
        (b'{"a":"\xff"}', findings.WRONG_ENCODING),
        (b"\xef\xbb\xbf{}", findings.WRONG_ENCODING),
        ("{}".encode("utf-16-le"), findings.WRONG_ENCODING),
        (bytes(8), findings.BROKEN_JSON),
        (b"[]", findings.NOT_A_RESOURCE),
        (b"{}", findings.NOT_A_RESOURCE),
        (b'{"a":1,"a":2}', findings.REPEATED_NAME),
        (b'{"a":{"b":1,"\\u0062" : 2}}', findings.REPEATED_NAME),
        (b'{"x":"\\u003a","a":1,"a":2}', findings.REPEATED_NAME),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, findings.TOO_DEEP),
        (b'{"a":1' + b"0" * 9999 + b"}", findings.BROKEN_JSON),
        (b'{"a":"' + b"z" * MAX_RESOURCE + b'"}', findings.TOO_LARGE),
    ],
)
def test_text_that_cannot_be_read_is_named(raw, code):
    [found] = findings_of(raw)
    assert (found.path, found.code) == ("", code)


@given(
    st.recursive(
        st.text(max_size=5),
        lambda v: st.dictionaries(st.text(max_size=3), v, max_size=4),
    )
)
def test_what_has_no_name_twice_is_read(value):
    for text in (
        json.dumps({"v": value}, ensure_ascii=False),
        json.dumps({"v": value}, indent=1),
    ):
        assert parse(text.encode()) == {"v": value}


@given(st.text(max_size=5), st.integers(0, 3))
def test_a_name_twice_is_never_read(name, spaces):
    written = json.dumps(name)
    text = f'{{"x\\u003a":":",{written}:"a:\\":",{written}{" " * spaces}:"b"}}'
    with pytest.raises(BadText) as caught:
        parse(text.encode())
    assert caught.value.fault == findings.REPEATED_NAME


@given(st.sampled_from(GOOD), st.data())
def test_no_finding_repeats_what_the_resource_says(resource, data):
    secret = "Zz9-secret"
    text = json.dumps(resource).encode()
    for _ in range(3):
        at = data.draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + data.draw(
                st.sampled_from(
                    [secret.encode(), b'"' + secret.encode() + b'":1,', b"1"]
                )
            )
            + text[at:]
        )
    for found in findings_of(text):
        assert secret not in found.path + found.code + found.message


def test_references_are_all_found_with_their_targets():
    found = examine(json.dumps(PATIENT).encode()).references
    assert {(each.text, each.targets) for each in found} == {
        ("#org", ("Organization",)), ("urn:uuid:7", ())
    }  # fmt: skip
    escaped = json.dumps(CONDITION).replace('"reference"', '"r\\u0065ference"').encode()
    assert len(examine(escaped).references) == 2


def test_every_code_has_a_message():
    codes = {
        value
        for name, value in vars(findings).items()
        if name.isupper() and isinstance(value, str)
    }
    assert codes == set(MESSAGES)


def test_the_unknown_element_is_named_by_its_place():
    [found] = findings_of(json.dumps(changed(PATIENT, ["nme"], 1)).encode())
    assert (found.path, found.place) == ("Patient", len(PATIENT) + 1)
    assert "element 8" in found.message


def test_r4_knows_its_types():
    assert {"Patient", "Bundle", "Questionnaire"} < schema.resource_types()
    assert len(schema.resource_types()) == 146


def test_deep_nesting_ends_in_a_finding():
    inner = b'{"url":"x"}'
    for _ in range(600):
        inner = b'{"url":"x","extension":[' + inner + b"]}"
    raw = b'{"resourceType":"Patient","extension":[' + inner + b"]}"
    assert [each.code for each in findings_of(raw)] == [findings.TOO_DEEP]


def test_a_hostile_number_of_faults_is_cut():
    unknown = {f"x{number}": 1 for number in range(findings.MOST_FINDINGS + 9)}
    found = findings_of(json.dumps(PATIENT | unknown).encode())
    assert len(found) == findings.MOST_FINDINGS + 1
    assert found[-1].code == findings.TOO_MANY


def test_what_was_judged_is_named():
    examined = examine(json.dumps(OBSERVATION).encode())
    assert (examined.type, examined.id) == ("Observation", "o1")
