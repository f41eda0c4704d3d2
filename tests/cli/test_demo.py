"""The demonstration: no sentence without a query, and what the answers must be."""

import json
import os
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from careledger.cli.demo.bundles import slices
from careledger.cli.demo.clinic import promise, refusal_of
from careledger.cli.demo.problems import DemoFailed
from careledger.cli.demo.show import LAST, OFFICE, OWN, SCENES
from careledger.cli.demo.story import Story
from careledger.demo_data import first_patient, hospitals, patients, practitioners
from careledger.fhir.sources import bytes_source
from tests.cli.terminal import Terminal

ROOT = Path(__file__).parents[2]
PARTIES = (
    *("as the patient:", "as Dr. ", "as Nora Falk:", "as the auditor:", "as any "),
    *("as each patient:", "as each practitioner:", "as each colleague:"),
    *("as the insurer:", "as both practitioners:"),
)
ON_RECORDS = slice(-1 - len(OFFICE))
"""The scenes about records, before those about organisations and coin, and the end."""
PATIENTS = 3
"""Fewer than there are, so that the tests stay fast."""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one demonstration in a process of its own answers."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    home = str(tmp_path_factory.mktemp("home"))
    command = [sys.executable, "-m", "careledger", "demo", "--json", "--home", home]
    command += ["--patients", str(PATIENTS)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    assert found["simulated"] is True
    return found


@pytest.fixture(scope="module")
def scenes(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Its scenes."""
    found = facts["scenes"]
    assert isinstance(found, list)
    return found


@pytest.fixture(scope="module")
def answers(scenes: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers by query; the last one, where a query was made twice."""
    return {one["query"]: one["answer"] for scene in scenes for one in scene["told"]}


def answer_to(answers: dict[str, Any], beginning: str) -> Any:
    """Return the answer to the one query that begins so."""
    [found] = [v for k, v in answers.items() if k.startswith(beginning)]
    return found


def test_every_scene_tells_something_from_an_answer(scenes) -> None:
    titles = [scene["scene"] for scene in scenes]
    assert titles == [*(scene.title for scene in SCENES), LAST]
    for scene in scenes:
        assert scene["told"]
        for one in scene["told"]:
            assert one["says"]
            assert one["answer"] is not None


def test_what_is_said_about_records_was_asked_by_a_party(scenes) -> None:
    asked = [one["query"] for scene in scenes[ON_RECORDS] for one in scene["told"]]
    others = [query for query in asked if not query.startswith(PARTIES)]
    assert len(asked) > 20
    assert sorted(others) == [
        "as the three hospitals' agents: shares to release",
        "as whoever copies the node's files: names in ledger and vaults",
    ]


def test_the_killed_node_has_lost_nothing(answers) -> None:
    assert answers["exit code of the loading process"] == -9
    count = answer_to(answers, "receipts of")
    assert count["announced"] >= 1000
    assert count["lost"] == 0
    assert count["received"] >= count["announced"]


def test_another_process_checks_the_proof(answers) -> None:
    elsewhere = answers["offline.py in a process of its own"]
    assert (elsewhere["kind"], elsewhere["code"]) == ("transaction", "ok")
    assert "refused" in answers["offline.py, one digit changed"]


def test_both_workflows_are_played_for_every_patient(facts, answers) -> None:
    bundles = [json.loads(one) for one in islice(patients(), PATIENTS)]
    resources = sum(len(one["entry"]) for one in bundles)
    assert answers["as each patient: own records"] == PATIENTS
    assert answer_to(answers, "as each patient: who has access; as both") == {
        "named": PATIENTS,
        "pairs": PATIENTS,
    }
    assert answer_to(answers, "as the insurer") == {"own": PATIENTS, "entries": 0}
    imported = answer_to(answers, "as each practitioner: import")
    assert {imported[one] for one in ("found", "stored", "listed")} == {resources}
    read = answer_to(answers, "as each patient: read")
    assert read == {"equal": resources, "of": resources}
    referred = answer_to(answers, "as each colleague")
    assert (referred["equal"], referred["listed"]) == (PATIENTS, PATIENTS)
    assert 0 < referred["elsewhere"] < PATIENTS
    assert answer_to(answers, "as both practitioners") == {
        "pairs": PATIENTS,
        "looks": PATIENTS,
    }
    figures = facts["figures"]
    assert figures["patients"] == figures["single_entries_equal"] == PATIENTS
    assert figures["resources_imported"] == resources
    verified = answer_to(answers, "as whoever has the ledger's file")
    assert figures["transactions"] == verified["transactions"] > 10 * PATIENTS


def test_own_bundles_come_back_byte_for_byte(empty: Terminal, tmp_path: Path) -> None:
    content = first_patient()
    pretty = json.dumps(json.loads(content), indent=2).encode()
    (tmp_path / "one.json").write_bytes(content)
    (tmp_path / "two.json").write_bytes(pretty)
    # Told from patients' bundles by what is in it.
    (tmp_path / "staff.json").write_bytes(practitioners())
    (tmp_path / "houses.json").write_bytes(hospitals())
    (tmp_path / "notes.txt").write_bytes(b"no bundle")
    facts = empty.ok("demo", "--bundles", str(tmp_path))
    assert [one["scene"] for one in facts["scenes"]] == [*(s.title for s in OWN), LAST]
    figures, resources = facts["figures"], 2 * len(json.loads(content)["entry"])
    assert figures["patients"] == figures["single_entries_equal"] == 2
    assert figures["resources_found"] == figures["resources_imported"] == resources
    assert figures["resources_exported_equal"] == resources
    sizes = [len(raw) for raw in _slices(content) + _slices(pretty)]
    assert figures["bytes_received"] == sum(sizes)


def _slices(content: bytes) -> list[bytes]:
    return list(slices(bytes_source("x", content)))


@pytest.mark.parametrize("scene", ["filling", "consulting", "taking_home"])
def test_a_scene_that_finds_other_bytes_fails(
    empty: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene: str
) -> None:
    (tmp_path / "one.json").write_bytes(first_patient())
    name = f"careledger.cli.demo.{scene}.slices"
    others = lambda source: (raw + b" " for raw in slices(source))  # noqa: E731
    monkeypatch.setattr(name, others)
    empty.fails("cli.demo-failed", "demo", "--bundles", str(tmp_path))


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "cli.no-bundles"),
        ({"notes.txt": b"{}"}, "cli.no-bundles"),
        ({"staff.json": practitioners()}, "cli.no-bundles"),
        ({"a.json": b"[1]"}, "fhir.not-a-bundle"),
        ({"a.json": b"\xff\xfe{"}, "fhir.file-not-utf8"),
        ({"a.json": b'{"resourceType":"Bundle","type":"document","entry":[]}'},
         "fhir.wrong-bundle-type"),
        ({"a.json": first_patient()[:-9]}, "cli.bundle-not-valid"),
        ({"a.json": first_patient().replace(b'"birthDate":"', b'"birthDate":"x')},
         "cli.bundle-not-valid"),
    ],
)  # fmt: skip
def test_what_are_no_bundles_is_refused(
    empty: Terminal, tmp_path: Path, files: dict[str, bytes], code: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = empty.fails(code, "demo", "--bundles", str(tmp_path))
    if "a.json" in files:
        assert "a.json" in done.err


def test_a_directory_that_is_not_there_is_refused(
    empty: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(first_patient())
    for name in ("nothing", "file"):
        empty.fails("home.cannot-read", "demo", "--bundles", str(tmp_path / name))


def test_the_patient_opens_what_was_added(answers) -> None:
    resources = len(json.loads(first_patient())["entry"])
    read = answers["as the patient: read, opened with the own key"]
    assert read["equal"] == resources - 1  # all but the Patient, which is her own
    assert answers["as the patient: list of entries"][0] == resources


def test_the_recovery_kit_is_counted_and_never_shown(answers) -> None:
    assert answers["as the patient: own recovery kit"] == {"words": 24, "shares": 3}


def test_the_patient_sees_who_and_why(answers) -> None:
    assert [
        (one["who"], one["why"]) for one in answers["as the patient: who looked"]
    ] == [("Dr. Ada Lind", "first visit"), ("Dr. Ben Roth", "second opinion")]


def test_absent_and_forbidden_look_the_same(answers) -> None:
    codes = answer_to(answers, "as Dr. Ben Roth: read of another entry")
    assert codes == {"forbidden": "node.nothing-here", "absent": "node.nothing-here"}


def test_the_removed_practitioner_gets_nothing(answers) -> None:
    assert answers["as the patient: who has access"] == {
        "self": True,
        "Dr. Ada Lind": False,
        "Dr. Ben Roth": False,
    }
    assert answer_to(answers, "as Dr. Ada Lind, with all that she kept") == {
        "read": "node.nothing-here",
        "keys": "sealing.not-held",
        "vault": ["vault.not-served"],
    }


def test_the_emergency_is_reviewed_and_seen(answers) -> None:
    assert sum(answers["as the three hospitals' agents: shares to release"]) == 0
    assert answer_to(answers, "as the auditor: emergency access ") == "justified"
    assert answer_to(answers, "as Dr. Uma: read")["looks"] == 1


def test_the_history_is_complete_and_has_the_refused_attempt(answers) -> None:
    proven, codes = answer_to(answers, "as the patient: history of the record")
    assert sum(codes.values()) == proven
    assert codes["referral.beyond-own-rights"] == 1
    assert (
        answers["as the patient: the same history without one event"]
        == "history.not-complete"
    )


def test_the_node_has_no_name_of_the_patient(answers) -> None:
    found = answer_to(answers, "as whoever copies")
    assert found["patient"] == 0
    assert found["Dr. Ada Lind"] > 0


def test_the_demonstration_is_told_to_people(empty: Terminal) -> None:
    done = empty.run("demo", "--patients", "1")
    assert done.code == 0
    for scene in SCENES:
        assert scene.title in done.out
    assert "0 are lost" in done.out
    assert "simulated network" in done.out
    assert "transactions " in done.out


@pytest.mark.parametrize("terminal", [True, False])
def test_sentences_are_wrapped_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
    story = Story(aloud=True)
    story.begin("A scene")
    story.tell("as the patient: everything", 7, lambda n: "unabridged " * 30 + str(n))
    told = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert told.count("unabridged") == 30
    assert "  ‹as the patient: everything›" in told
    lines = told.splitlines()[2:]
    assert all(len(line) <= 80 for line in lines) == terminal
    assert len(lines) == (5 if terminal else 1)


def test_a_demonstration_that_loses_something_fails(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("careledger.cli.views.balance", lambda *_: 0)
    done = empty.fails("cli.demo-failed", "demo", "--patients", "1")
    assert "0 of" in done.facts["error"]["detail"]


def test_what_succeeds_or_is_not_so_stops_the_demonstration() -> None:
    with pytest.raises(DemoFailed):
        refusal_of(lambda: None)
    with pytest.raises(DemoFailed):
        promise(False, "x")
    promise(True, "x")
