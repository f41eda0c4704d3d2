"""Homes of every version so far open in this one, to the content they had."""

import hashlib
import json
import shutil

import pytest

from careledger import __version__
from tests.golden import house
from tests.golden.house import (
    FOLDER,
    HOUR,
    Golden,
    at,
    checksums,
    golden_versions,
    serving_here,
    unpack,
)


@pytest.fixture(scope="module", params=golden_versions())
def golden(request, tmp_path_factory) -> Golden:
    """A copy of the homes of a version, to work on."""
    return unpack(request.param, tmp_path_factory.mktemp("g"))


@pytest.fixture(scope="module")
def later(golden):
    """An hour after they were left: the node serves in this version."""
    with (
        at(golden.facts["moment"] + HOUR),
        serving_here(golden.actor("hospital")),
    ):
        yield golden


def test_this_version_has_a_golden_home():
    assert __version__ in golden_versions()


def test_ledger_and_checkpoint_are_as_recorded(golden):
    hospital, recorded = golden.actor("hospital"), golden.facts["ledger"]
    verified = hospital.do("ledger", "verify")
    assert verified["log_root"] == recorded["log_root"]
    assert verified["leaves"] == recorded["leaves"]
    assert hospital.do("ledger", "audit")["violations"] == 0
    with at(golden.facts["moment"]):
        status = hospital.do("node", "status")
    assert {name: status[name] for name in recorded} == recorded
    assert status["signed_leaves"] > 0


def test_an_old_proof_is_good(golden):
    patient, proof = golden.actor("patient"), golden.folder / "proof"
    found = patient.do("proof", "verify", str(proof))
    assert found["tx_id"] == golden.facts["proven"]
    assert found["root"] == golden.facts["ledger"]["log_root"]
    spoilt = golden.folder / "spoilt"
    spoilt.write_bytes(proof.read_bytes().replace(b"\n\n", b"\n", 1))
    assert patient.fail("proof", "verify", str(spoilt)) == "cli.proof-refused"


@pytest.mark.parametrize("who", ["patient", "practitioner"])
def test_everybody_reads_what_was_there(later, tmp_path, who):
    actor, facts = later.actor(who), later.facts
    [found] = actor.do(who, "records")["records"]
    assert found["record"] == facts["record"]
    listed = actor.do(who, "entries", facts["record"])["entries"]
    assert {one["entry"] for one in listed} == set(facts["entries"])
    for entry, content in facts["entries"].items():
        file, why = tmp_path / entry, ("--purpose", "years later")
        actor.do(who, "read", facts["record"], entry, *why, "--to", str(file))
        assert hashlib.sha256(file.read_bytes()).hexdigest() == content


def test_life_goes_on_in_it(later, tmp_path):
    record, patient = later.facts["record"], later.actor("patient")
    before = len(patient.do("patient", "history", record)["events"])
    assert before >= later.facts["events"]
    words = patient.do("patient", "kit")["words"]
    assert hashlib.sha256(words.encode()).hexdigest() == later.facts["words"]
    new = tmp_path / "new.json"
    new.write_text(
        '{"resourceType":"Observation","status":"final","code":{"text":"x"}}'
    )
    [entry] = later.actor("practitioner").do(
        "practitioner", "append", record, str(new)
    )["entries"]
    read = patient.do("patient", "read", record, entry)
    assert read["content"] == new.read_text()
    history = patient.do("patient", "history", record)
    assert history["complete"] is True
    assert len(history["events"]) == before + 2


@pytest.mark.parametrize("version", golden_versions())
def test_the_archive_is_the_recorded_one_and_small(version, tmp_path):
    golden = unpack(version, tmp_path)
    names = set(checksums(tmp_path))
    assert {"hospital/ledger.db", "hospital/vault.db", "proof"} <= names
    assert any("vault.db.blobs/" in name for name in names)
    assert golden.facts["version"] == version
    assert (FOLDER / f"home-{version}.tar.zst").stat().st_size <= 300_000


def test_a_changed_archive_is_noticed(tmp_path, monkeypatch):
    for file in FOLDER.glob("home-*"):
        shutil.copy(file, tmp_path)
    [*_, facts] = sorted(tmp_path.glob("*.json"))
    recorded = json.loads(facts.read_text())
    recorded["files"]["patient/keystore"] = bytes(32).hex()
    facts.write_text(json.dumps(recorded))
    monkeypatch.setattr(house, "FOLDER", tmp_path)
    with pytest.raises(AssertionError):
        unpack(recorded["version"], tmp_path / "copy")
