"""The HAPI validator as a second opinion on HL7's examples (slow, needs Java)."""

import io
import json
import os
import random
import shutil
import tarfile
from pathlib import Path

import pytest
import zstandard

from careledger import demo_data
from careledger.fhir.files import read_pieces
from tests.fhir.spoil import KINDS
from tools.fhir_differences import DOCUMENT, Fault, compare, judged_by_hapi, report

DATA = Path(
    os.environ.get("CARELEDGER_TEST_DATA", Path(__file__).parents[2] / "../shared/data")
)
EXAMPLES = DATA / "fhir" / "hl7-r4-examples.tar.zst"


NEEDS_JAVA = pytest.mark.skipif(
    not (shutil.which("mvn") and shutil.which("java")), reason="needs Java and Maven"
)


@pytest.mark.large
@NEEDS_JAVA
@pytest.mark.skipif(not EXAMPLES.exists(), reason="HL7's R4 examples are not here")
def test_every_difference_is_known_and_explained(tmp_path):
    with (
        zstandard.open(EXAMPLES) as packed,
        tarfile.open(fileobj=packed, mode="r|") as tar,
    ):
        tar.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    assert compare(folder) == DOCUMENT.read_text(encoding="utf-8")


# HAPI judges a target only if it can follow the reference, and overlooks some arrays.
ONLY_WE_FIND = {"wrong target", "empty array"}


@pytest.mark.large
@NEEDS_JAVA
def test_hapi_agrees_that_spoilt_resources_are_spoilt(tmp_path):
    rng = random.Random(1)
    bundle = io.BytesIO(demo_data.first_patient())
    resources = [piece.raw for piece in read_pieces(bundle)]
    folder = tmp_path / "spoilt"
    folder.mkdir()
    for kind, spoil in KINDS.items():
        for number, raw in enumerate(resources[::5]):
            if bad := spoil(rng, json.loads(raw)):
                (folder / f"{kind}.{number}.json").write_bytes(bad)
    for number, raw in enumerate(resources):
        (folder / f"good.{number}.json").write_bytes(raw)
    count, faults = judged_by_hapi(folder, tmp_path / "jars")
    assert count == sum(1 for _ in folder.iterdir())
    accused = {each.file for each in faults}
    assert not {name for name in accused if name.startswith("good.")}
    unseen = {
        path.name.split(".")[0] for path in folder.iterdir() if path.name not in accused
    }
    assert unseen - {"good"} <= ONLY_WE_FIND


def test_a_difference_that_nobody_explained_stops_the_report():
    with pytest.raises(KeyError):
        report(1, [Fault("a.json", "NEW")], [])
    with pytest.raises(LookupError):
        report(1, [], [Fault("a.json", "fhir.missing-element")])
