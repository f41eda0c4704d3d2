"""FHIR in and out, between separate processes: whole, once, and named where bad."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from careledger import demo_data
from careledger.cli.output import Output
from careledger.fhir.findings import MESSAGES
from tests.cli.houses import Home, start
from tests.cli.practice import SECRET, Practice, bundle, condition, exported, raws
from tests.cli.terminal import Terminal
from tests.cli.test_records import PATIENT

BUNDLE = demo_data.first_patient()


def contents_of(who: Home, folder: Path) -> list[bytes]:
    who.ok("patient", "export", str(folder))
    return sorted(exported(folder))


def test_a_bundle_goes_in_and_comes_out_byte_for_byte(
    practice: Practice, tmp_path: Path
) -> None:
    who, record = practice.patient()
    hospitals = practice.file("hospitals.json", demo_data.hospitals())
    staff = practice.file("staff.json", demo_data.practitioners())
    path = practice.file("bundle.json", BUNDLE)
    sent = raws(BUNDLE)
    judged = Home(tmp_path / "none").ok("fhir", "validate", path, hospitals, staff)
    assert (judged["findings"], judged["notes"]) == ([], [])

    words = ("practitioner", "import", path, hospitals, staff, "--record", record)
    done = practice.ada.ok(*words)
    assert (done["found"], done["stored"], done["notes"]) == (len(sent), len(sent), [])
    reference = sum(done["reference"].values())
    assert reference == len(raws(demo_data.hospitals())) + len(
        raws(demo_data.practitioners())
    )
    # Reference data stays in the home: the next import needs no such file.
    again = practice.ada.ok("practitioner", "import", path, "--record", record)
    assert (again["stored"], again["already"], again["notes"]) == (0, len(sent), [])

    folder = tmp_path / "out"
    assert contents_of(who, folder) == sorted([*sent, PATIENT])
    keys = str(folder / "network.keys")
    nobody = Home(tmp_path / "none", apart=True)
    checked = nobody.ok("patient", "check-export", str(folder), "--keys", keys)
    assert checked["resources"] == len(sent) + 1
    verified = subprocess.run(
        [
            *(sys.executable, "verify.py", "record-1/history.tlog-proof", "--key"),
            checked["log"],
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert verified.stdout.startswith("PROVEN")
    blob = folder / "record-1" / "sealed" / "000002.blob"
    blob.write_bytes(blob.read_bytes()[:-1])
    changed = nobody.fails("patient", "check-export", str(folder), "--keys", keys)
    assert changed == "fhir.export-damaged"


def test_a_patient_imports_and_every_form_is_taken(
    practice: Practice, tmp_path: Path
) -> None:
    who, _ = practice.patient()
    kinds = [
        bundle(condition(id="b")).replace(b"transaction", kind)
        for kind in (b"batch", b"collection", b"searchset")
    ]
    lines = b"\n".join(json.dumps(condition(id=f"n{n}")).encode() for n in range(3))
    files = [
        *(practice.file(f"k{n}.json", one) for n, one in enumerate(kinds)),
        practice.file("l.ndjson", lines),
        practice.file("one.json", json.dumps(condition(id="o"), indent=1).encode()),
    ]
    done = who.ok("patient", "import", *files, files[0])  # a file twice is a slip
    assert done["stored"] == done["found"] == 7
    sent = [raw for path in files for raw in raws(Path(path).read_bytes())]
    assert contents_of(who, tmp_path / "out") == sorted([*sent, PATIENT])


def kill_in_the_middle(practice: Practice, words: list[str]) -> None:
    """Kill an import when the vault has kept its first transactions."""
    vault = practice.hospital.path / "vault.db-wal"
    before, until = vault.stat().st_mtime_ns, time.monotonic() + 60
    child = start(practice.ada.path, *words)
    for _ in range(2):
        while vault.stat().st_mtime_ns == before and time.monotonic() < until:
            time.sleep(0.001)
        before = vault.stat().st_mtime_ns
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL


def test_a_killed_import_goes_on_without_duplicates(
    practice: Practice, tmp_path: Path
) -> None:
    who, record = practice.patient()
    bodies = [bundle(*json_of(one)) for one in islice(demo_data.patients(), 10)]
    files = [practice.file(f"big{n}.json", one) for n, one in enumerate(bodies)]
    words = ["practitioner", "import", *files, "--record", record]
    kill_in_the_middle(practice, words)
    sent = [raw for one in bodies for raw in raws(one)]
    left = len(who.ok("patient", "entries", record)["entries"]) - 1
    assert left < len(sent), "the import was over before it was killed"
    done = practice.ada.ok(*words)
    assert (done["already"], done["stored"]) == (left, len(sent) - left)
    assert contents_of(who, tmp_path / "out") == sorted([*sent, PATIENT])


def json_of(content: bytes) -> list[Any]:
    return [json.loads(raw) for raw in raws(content)]


def test_sensitive_resources_need_a_context(practice: Practice) -> None:
    who, record = practice.patient()
    path = practice.file("s.json", bundle(condition(), condition(meta=SECRET)))
    code, out, err = who.run("patient", "import", path)
    said = json.loads(out)
    assert (code, said["error"]["code"]) == (1, "fhir.nothing-stored"), err
    told = "Sensitive resources need a record of their own: --into RECORD."
    assert said["error"]["to_do"] == told
    assert said["sensitive"] == [{"file": "s.json", "number": 2, "type": "Condition"}]
    assert len(who.ok("patient", "entries", record)["entries"]) == 1
    assert who.ok("patient", "import", path, "--keep-going")["stored"] == 1
    assert who.ok("patient", "import", path, "--into", record)["stored"] == 1


def test_sensitive_resources_go_to_the_record_that_was_named(
    practice: Practice, tmp_path: Path
) -> None:
    (one, record), (other, apart) = practice.patient(), practice.patient()
    plain, secret = condition(id="plain"), condition(id="secret", meta=SECRET)
    path = practice.file("both.json", bundle(plain, secret))
    words = ("practitioner", "import", path, "--record", record, "--into", apart)
    assert practice.ada.ok(*words)["stored"] == 2
    assert practice.ada.ok(*words)["already"] == 2
    expected = [(one, plain), (other, secret)]
    for who, resource_ in expected:
        kept = [json.dumps(resource_).encode(), PATIENT]
        assert contents_of(who, tmp_path / who.path.name) == sorted(kept)


@pytest.mark.parametrize("code", MESSAGES)
def test_every_finding_is_explained(empty: Terminal, code: str) -> None:
    assert empty.ok("explain", code)["happened"] == MESSAGES[code]


def test_progress_without_a_terminal_is_a_line_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    times = iter([0.0, 1.0, 5.5, 5.5, 6.0, 11.0, 11.0])
    monkeypatch.setattr("careledger.cli.output.time.monotonic", lambda: next(times))
    with Output(as_json=False, debug=False).progress("import") as step:
        step(1, 0, "judging")
        step(2, 0, "judging")
        step(3, 9, "storing")
        step(4, 9)
    said = capsys.readouterr()
    assert said.err == "import: judging 2/?\nimport 4/9\n"
    assert said.out == ""


def test_progress_on_a_terminal_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr("careledger.cli.output._errors", lambda: screen)
    with Output(as_json=False, debug=False).progress("import") as step:
        step(1, 0, "judging")
        step(3, 9, "storing")
    assert isinstance(screen.file, io.StringIO)
    assert "import: storing" in screen.file.getvalue()
    assert "3/9" in screen.file.getvalue()
