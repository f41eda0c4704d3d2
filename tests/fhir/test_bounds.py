"""What a hostile file may take: values are counted first, faults listed so far."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.fhir import findings
from careledger.fhir.judging import judge_sources
from careledger.fhir.sources import bytes_source
from careledger.fhir.surveying import MOST_FAULTS
from careledger.fhir.validate import findings_of
from careledger.fhir.value_count import MAX_VALUES, MOST_LISTED, has_at_most
from tests.fhir.bundles import bundle, patient

JSON = st.recursive(
    st.none() | st.integers() | st.text('a,{["\\', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('b:,{["\\', max_size=3), inner, max_size=4)
    ),
)


def marks(value):
    """Count what separates and opens, from the parsed form."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return 0
    return 1 + max(0, len(value) - 1) + sum(map(marks, value))


@given(JSON, st.booleans())
def test_values_are_counted_whatever_texts_say(value, spaced):
    raw = json.dumps(value, indent=1 if spaced else None).encode()
    count = marks(value)
    assert has_at_most(raw, count)
    assert count == 0 or not has_at_most(raw, count - 1)


@pytest.mark.parametrize("end", [b"", b"\\", b'\\"', b"\\\\"])
def test_a_text_without_an_end_is_one_text(end):
    assert has_at_most(b'["' + b'\\",' * 100 + end, 1)
    assert not has_at_most(b'[[[["' + b'\\",' * 100 + end, 3)


def names(count, unit=b"{}"):
    inside = b",".join([unit] * count)
    return b'{"resourceType":"Patient","name":[' + inside + b"]}"


def test_a_resource_of_too_many_values_is_refused_before_it_is_parsed():
    most = MAX_VALUES // 2 - 1
    good = names(most // 2, b'{"text":"a","id":"b"}')
    assert findings_of(good) == []
    [found] = findings_of(names(most + 2))
    assert found.code == findings.TOO_MANY_VALUES
    assert f"{MAX_VALUES:,}" in found.message


def test_with_many_values_the_first_fault_is_named():
    few, many = MOST_LISTED // 2 - 9, MOST_LISTED // 2
    assert len(findings_of(names(few))) == findings.MOST_FINDINGS + 1
    found = findings_of(names(many))
    assert [(each.path, each.code) for each in found] == [
        ("Patient.name[0]", findings.EMPTY),
        ("Patient", findings.FIRST_ONLY),
    ]
    assert findings_of(names(many, b'{"text":"a"}')) == []


def test_many_values_hide_no_fault_inside_another_resource():
    inner = b'{"resourceType":"Patient","gender":"z"}'
    fill = b",".join([b'{"resource":{"resourceType":"Patient"}}'] * MOST_LISTED)
    raw = b'{"resourceType":"Bundle","type":"collection","entry":['
    found = findings_of(raw + fill + b',{"resource":' + inner + b"}]}")
    assert [(each.path, each.code) for each in found] == [
        (f"Bundle.entry[{MOST_LISTED}].resource.gender", findings.UNKNOWN_CODE),
        (f"Bundle.entry[{MOST_LISTED}].resource", findings.FIRST_ONLY),
    ]


def judged(*sources):
    return judge_sources(sources, lambda _: None, keep_going=True)


def test_a_source_of_nothing_but_faults_is_not_read_to_its_end():
    bad = b'{"resourceType":"Bundle","type":"collection","entry":['
    bad += b",".join([b"{}"] * (MOST_FAULTS + 50)) + b"]}"
    report = judged(bytes_source("bad", bad), bytes_source("good", bundle(patient())))
    assert report.found == MOST_FAULTS + 1
    *listed, last = report.faults
    assert {one.code for one in listed} == {findings.NOT_A_RESOURCE}
    assert (last.source, last.number, last.code) == ("bad", 0, findings.TOO_MANY)


def test_hospitals_before_a_patient_are_entries_and_alone_they_are_not():
    hospital = {"resourceType": "Organization", "id": "o", "name": "Clinic"}
    alone = judged(bytes_source("alone", bundle(hospital, hospital | {"name": "B"})))
    assert (alone.found, alone.reference) == (0, {"Organization": 2})
    assert [one.code for one in alone.notes] == [findings.REPEATED_ID]
    mixed = judged(bytes_source("mixed", bundle(hospital, patient(), hospital)))
    assert (mixed.found, mixed.reference) == (3, {})


_HOSTILE = [
    names(MAX_VALUES // 2 - 9),
    names(MAX_VALUES - 9, b"1.5"),
    names(MAX_VALUES // 2 - 9, b'{"a":1}'),
    names(6_000_000),
    names(MOST_LISTED // 2 - 9, b'{"a":1}'),
    b'{"resourceType":"Patient",'
    + b",".join(b'"%x":0' % number for number in range(MAX_VALUES - 9))
    + b"}",
]

_CHILD = """
import sys
from pathlib import Path
from careledger.fhir.validate import examine

def high():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith("VmHWM"))

examine(b'{"resourceType":"Patient"}')
raw = sys.stdin.buffer.read()
before = high()
assert examine(raw).findings
print((high() - before) // 1024)
"""


@pytest.mark.parametrize("raw", _HOSTILE, ids=len)
def test_no_resource_takes_more_than_a_quarter_of_a_gibibyte(raw):
    said = subprocess.run(
        [sys.executable, "-c", _CHILD], input=raw, capture_output=True, check=True
    )
    assert int(said.stdout) < 256
