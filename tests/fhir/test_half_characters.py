"""Half characters are refused where they stand; whole ones stay as they were given."""

import json

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from careledger.fhir import findings
from careledger.fhir.judging import judge_sources
from careledger.fhir.sources import bytes_source
from careledger.fhir.validate import examine, findings_of

ANY = st.text(st.characters(exclude_categories=()), min_size=1, max_size=8)
"""Half characters too: Python's texts may have them."""

CODE = findings.HALF_CHARACTER


def patient(text, *, ascii_only=True):
    value = {"resourceType": "Patient", "name": [{"given": ["Ana", text]}]}
    return json.dumps(value, ensure_ascii=ascii_only).encode()


def whole(text):
    return not any("\ud800" <= one <= "\udfff" for one in text)


@given(ANY, st.booleans())
@example("\U0001f600", True)
@example("\U0010ffff\U00010000", True)
def test_whole_characters_are_taken_exactly_as_given(text, ascii_only):
    assume(whole(text) and not text.isspace())
    raw = patient(text, ascii_only=ascii_only)
    examined = examine(raw)
    assert examined.raw == raw
    assert examined.content["name"][0]["given"] == ["Ana", text]
    assert text.encode().decode() == text


@given(ANY, st.sampled_from([chr(one) for one in (0xD800, 0xDBFF, 0xDC00, 0xDFFF)]))
def test_half_a_character_is_named_where_it_stands(text, half):
    # A high half before a low one is a whole character when written as escapes.
    raw = patient(text + half)
    assume(not whole(json.loads(raw)["name"][0]["given"][1]))
    [found] = findings_of(raw)
    assert (found.path, found.code) == ("Patient.name[0].given[1]", CODE)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (rb'{"resourceType":"Patient","gender":"\ud800"}', "Patient.gender"),
        (rb'{"resourceType":"Patient","gender":"\uD83Dx"}', "Patient.gender"),
        (rb'{"resourceType":"Patient","gender":"\ude00\ud83d"}', "Patient.gender"),
        (rb'{"resourceType":"Patient","gender":"\\\udc00"}', "Patient.gender"),
        (rb'{"resourceType":"Patient","active":1,"\udbff":2}', "Patient"),
        (rb'{"resourceType":"Patient","Zz9":{"b":["\ud800"]}}', "Patient"),
        (rb'{"resourceType":"Zz9","gender":"\ud800"}', ""),
        (rb'{"resourceType":["Patient"],"gender":"\ud800"}', ""),
        (rb'["\ud800"]', ""),
        (
            rb'{"resourceType":"Observation","valueString":"\ud800"}',
            "Observation.value.ofType(string)",
        ),
        (
            rb'{"resourceType":"Parameters","parameter":[{"resource":BASIC}]}'.replace(
                b"BASIC", rb'{"resourceType":"Basic","id":"\ud800"}'
            ),
            "Parameters.parameter[0].resource.id",
        ),
    ],
)
def test_the_path_has_names_of_fhir_only(raw, path):
    [found] = findings_of(raw)
    assert (found.path, found.code) == (path, CODE)


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"resourceType":"Patient","gender":"\\ud800"',
        rb'{"resourceType":"Patient","gender":"\ud83d\ude00",}',
        rb'{"resourceType":"Patient","gender":"\ud83d\ude00","a":NaN}',
    ],
)
def test_what_is_broken_in_another_way_is_said_so(raw):
    assert [each.code for each in findings_of(raw)] == [findings.BROKEN_JSON]


def test_half_a_character_deep_inside_ends_in_a_finding():
    raw = b'{"a":' * 9000 + rb'"\ud800"' + b"}" * 9000
    assert [each.code for each in findings_of(raw)] == [findings.TOO_DEEP]


DEEP = '{"extension":[' * 5000 + '{"url":"\\ud800"}' + "]}" * 5000


@pytest.mark.parametrize(
    ("middle", "code"),
    [
        ('{"resource":{"resourceType":"Patient","gender":"\\ud800"}}', CODE),
        ('{"fullUrl":"\\ud800","resource":{"resourceType":"Patient"}}', CODE),
        ('{"resource":{"resourceType":"Patient","gender":}}', findings.BROKEN_JSON),
        (f'{{"resource":{DEEP}}}', findings.BROKEN_JSON),
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_the_entry_of_a_bundle_is_named_and_the_others_are_judged(middle, code, last):
    good = '{"resource":{"resourceType":"Patient","gender":"other"}}'
    entries = ",".join([good, middle] if last else [good, middle, good])
    raw = f'{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}'
    report = judge_sources(
        [bytes_source("one", raw.encode())], lambda _: None, keep_going=True
    )
    assert report.found + sum(report.reference.values()) == (2 if last else 3)
    assert [(one.number, one.code) for one in report.faults] == [(2, code)]
