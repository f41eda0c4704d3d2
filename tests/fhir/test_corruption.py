"""One resource in a hundred is spoilt: each is found, and no other is accused."""

import io
import json
import os
import random
import tarfile
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
import zstandard

from careledger import demo_data
from careledger.fhir.entry_ids import EntryIds
from careledger.fhir.files import fhir_files, read_pieces
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import bytes_source
from careledger.fhir.surveying import survey_sources
from careledger.fhir.validate import examine, findings_of
from tests.fhir.spoil import KINDS

DATA = Path(
    os.environ.get("CARELEDGER_TEST_DATA", Path(__file__).parents[2] / "../shared/data")
)
EXAMPLES = DATA / "fhir" / "hl7-r4-examples.tar.zst"


@cache
def all_resources():
    bundles = map(io.BytesIO, demo_data.patients())
    return [piece.raw for bundle in bundles for piece in read_pieces(bundle)]


def test_each_of_one_percent_is_found():
    rng = random.Random(20260101)
    spoilt, missed, seen = 0, [], set()
    for number, raw in enumerate(all_resources()[::100]):
        kind, spoil = rng.choice(list(KINDS.items()))
        bad = spoil(rng, json.loads(raw))
        if bad is None:
            continue
        spoilt += 1
        seen.add(kind)
        if not findings_of(bad):
            missed.append((kind, number))
    assert missed == []
    assert spoilt > 100
    assert seen == set(KINDS)


def bundles_of(folder):
    """Return patients' bundles: the first bundled ones, or those of a folder."""
    if folder == "bundled":
        return list(islice(demo_data.patients(), 30))
    if not (DATA / "synthea" / folder).is_dir():
        pytest.skip(f"no Synthea data: {folder}")
    files = fhir_files(DATA / "synthea" / folder)
    return [one.read_bytes() for one in files if "Information" not in one.name]


def spoil_bundle(rng, content):
    """Spoil one resource in a hundred; return the bundle and their numbers."""
    wrong = set()
    for piece in read_pieces(io.BytesIO(content)):
        if rng.random() < 0.01:
            bad = rng.choice(list(KINDS.values()))(rng, json.loads(piece.raw))
            if bad is not None and content.count(piece.raw) == 1:
                content = content.replace(piece.raw, bad)
                wrong.add(piece.number)
    return content, wrong


@pytest.mark.parametrize("folder", ["bundled", "generated", "sample"])
def test_an_import_names_each_of_one_percent_and_no_other(folder):
    rng = random.Random(20260101)
    count = 0
    for content in bundles_of(folder):
        spoilt, wrong = spoil_bundle(rng, content)
        source, ids = bytes_source("x", spoilt), EntryIds(bytes(32), b"record")
        survey = survey_sources([source], ReferenceStore(), ids, lambda _: None)
        assert {one.number for one in survey.report.faults} == wrong
        count += len(wrong)
    assert count > 15


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_wherever_it_is(kind):
    rng = random.Random(kind)
    tried = 0
    for number, raw in enumerate(all_resources()[::150]):
        if bad := KINDS[kind](rng, json.loads(raw)):
            tried += 1
            assert findings_of(bad), (kind, number)
    assert tried > 20


@pytest.mark.large
def test_no_bundled_resource_is_accused():
    assert [each for raw in all_resources() for each in examine(raw).findings] == []


# What HL7 published although it breaks a rule of R4: see docs/fhir-differences.md.
BROKEN_EXAMPLES = {
    "DeviceMetric-example.json",
    "DeviceUseStatement-example.json",
    "ImplementationGuide-fhir.json",
    "MedicationRequest-medrx0301.json",
    "Observation-clinical-gender.json",
    "Questionnaire-qs1.json",
    "ig-r4.json",
    "package.json",
}


def hl7_examples():
    with (
        zstandard.open(EXAMPLES) as packed,
        tarfile.open(fileobj=packed, mode="r|") as tar,
    ):
        for member in tar:
            if member.name.endswith(".json"):
                yield Path(member.name).name, tar.extractfile(member).read()


@pytest.mark.skipif(not EXAMPLES.exists(), reason="HL7's R4 examples are not here")
def test_hl7s_own_examples_are_accepted():
    accused = {name for name, raw in hl7_examples() if findings_of(raw)}
    assert accused == BROKEN_EXAMPLES
