"""The bundled patients are what the script makes with Synthea."""

import shutil

import pytest

from careledger import demo_data
from tools import make_patients


def test_only_white_space_between_tokens_is_taken_away():
    text = b'{ "a b" : [ 1.00 , "x \\" : y " ] ,\n\t"c": null }\n'
    assert make_patients.minified(text) == b'{"a b":[1.00,"x \\" : y "],"c":null}'


def test_each_practitioner_that_a_patient_mentions_is_there():
    kept = demo_data.practitioners() + demo_data.hospitals()
    mentioned = {
        name
        for bundle in demo_data.patients()
        for _, name in make_patients._SEARCHED.findall(bundle)
    }
    assert mentioned
    for name in mentioned:
        system, _, value = name.partition(b"|")
        assert b'"system":"%s","value":"%s"' % (system, value) in kept


@pytest.mark.large
@pytest.mark.skipif(
    not (shutil.which("mvn") and shutil.which("java")), reason="needs Java and Maven"
)
def test_the_patients_can_be_made_again(tmp_path, monkeypatch):
    before = list(demo_data.patients()), demo_data.first_patient()
    after = tmp_path / "after"
    after.mkdir()
    monkeypatch.setattr(make_patients, "TARGET", after)
    make_patients.write(make_patients.run_synthea(tmp_path))
    monkeypatch.setattr(demo_data, "_FOLDER", after)
    assert (list(demo_data.patients()), demo_data.first_patient()) == before
