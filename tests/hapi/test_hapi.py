"""The HAPI validator as a second opinion on HL7's examples (slow, needs Java)."""

import os
import shutil
import tarfile
from pathlib import Path

import pytest
import zstandard

from tools.fhir_differences import DOCUMENT, Fault, compare, report

DATA = Path(
    os.environ.get("CARELEDGER_TEST_DATA", Path(__file__).parents[2] / "../shared/data")
)
EXAMPLES = DATA / "fhir" / "hl7-r4-examples.tar.zst"


@pytest.mark.large
@pytest.mark.skipif(not EXAMPLES.exists(), reason="HL7's R4 examples are not here")
@pytest.mark.skipif(
    not (shutil.which("mvn") and shutil.which("java")), reason="needs Java and Maven"
)
def test_every_difference_is_known_and_explained(tmp_path):
    with (
        zstandard.open(EXAMPLES) as packed,
        tarfile.open(fileobj=packed, mode="r|") as tar,
    ):
        tar.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    assert compare(folder) == DOCUMENT.read_text(encoding="utf-8")


def test_a_difference_that_nobody_explained_stops_the_report():
    with pytest.raises(KeyError):
        report(1, [Fault("a.json", "NEW")], [])
    with pytest.raises(LookupError):
        report(1, [], [Fault("a.json", "fhir.missing-element")])
