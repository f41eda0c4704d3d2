"""FHIR in and out, between separate processes: whole, once, and named where bad."""

import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from careledger import demo_data
from careledger.cli.output import Output
from careledger.fhir.files import read_pieces
from careledger.fhir.findings import MESSAGES
from tests.cli.terminal import Terminal
from tests.cli.test_records import PATIENT, Home, House, joined, start

BUNDLE = demo_data.first_patient()
SECRET = {
    "security": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
            "code": "R",
        }
    ]
}


def raws(content: bytes) -> list[bytes]:
    return [piece.raw for piece in read_pieces(io.BytesIO(content)) if piece.raw]


def condition(**more: object) -> dict[str, object]:
    subject = {"reference": "Patient/p"}
    return {"resourceType": "Condition", "subject": subject, **more}


def bundle(*resources: object) -> bytes:
    entries = [{"resource": one} for one in resources]
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return json.dumps(whole).encode()


def exported(folder: Path) -> list[bytes]:
    """Return the exact bytes of every resource of an export."""
    found = []
    for record in sorted(folder.glob("record-*")):
        lines = (record / "resources.ndjson").read_bytes().splitlines()
        about = (record / "entries.ndjson").read_bytes().splitlines()
        for one in map(json.loads, about):
            own = record / "resources" / f"{one['line']:06}.json"
            found.append(
                own.read_bytes() if one["own_file"] else lines[one["line"] - 1]
            )
    return found


@dataclass
class Practice:
    """A hospital that serves, a practitioner, and patients as they come."""

    hospital: House
    ada: Home
    folder: Path
    patients: int = 0

    def patient(self) -> tuple[Home, str]:
        """Return the home of a new patient, and the record that Ada may write to."""
        self.patients += 1
        who = Home(self.folder / f"pat{self.patients}", apart=self.patients == 1)
        paper, personal = self.folder / f"adm{self.patients}", self.folder / "personal"
        personal.write_bytes(PATIENT)
        key = who.ok("patient", "new", "--node", str(self.hospital.path))["patient"]
        self.hospital.ok("hospital", "admit", key, str(paper))
        record = who.ok(
            "patient", "register", str(paper), "--personal", str(personal),
            "--practitioner", "Dr. Ada Lind",
        )["record"]  # fmt: skip
        self.ada.ok("practitioner", "accept", record)
        return who, str(record)

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


@pytest.fixture(scope="module")
def practice(
    founded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Practice]:
    folder = tmp_path_factory.mktemp("f")
    house = House(folder / "h")
    shutil.copytree(founded, house.path)
    house.begin()
    yield Practice(house, joined(house, folder, "Dr. Ada Lind"), folder)
    house.end()


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


HUGE = b'{"resourceType":"Condition","note":[{"text":"' + b"x" * 100_000_000 + b'"}]}'
GOOD = bundle(condition(id="good"))
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "broken": (lambda: bundle(condition(id="b"))[:-9], "fhir.broken-json"),
    "utf16": (lambda: GOOD.decode().encode("utf-16"), "fhir.file-not-utf8"),
    "mark": (lambda: b"\xef\xbb\xbf" + GOOD, "fhir.file-not-utf8"),
    "latin1": (
        lambda: bundle(condition(code={"text": "X"})).replace(b'"X"', b'"M\xfcller"'),
        "fhir.wrong-encoding",
    ),
    "huge": (lambda: HUGE, "fhir.too-large"),
    "huge in a bundle": (
        lambda: GOOD.replace(b"[", b'[{"resource":' + HUGE + b"},", 1),
        "fhir.too-large",
    ),
    "empty": (lambda: b"", "fhir.not-a-bundle"),
    "text": (lambda: b"MSH|^~\\&|", "fhir.not-a-bundle"),
    "no such code": (
        lambda: bundle({"resourceType": "Patient", "gender": "x"}),
        "fhir.unknown-code",
    ),
}


@pytest.fixture(scope="module")
def someone(practice: Practice) -> tuple[Home, str]:
    """A patient into whose record everything bad is offered."""
    return practice.patient()


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_is_named_and_the_rest_is_usable(
    practice: Practice, someone: tuple[Home, str], name: str
) -> None:
    who, record = someone
    make, code = BAD[name]
    bad = practice.file("bad.json", make())
    good = practice.file("good.json", bundle(condition(id=name.replace(" ", "-"))))
    before = len(who.ok("patient", "entries", record)["entries"])
    for words in (("patient", "import", bad, good), ("fhir", "validate", bad, good)):
        status, out, err = who.run(*words)
        said = json.loads(out)
        assert status == 1, err
        assert "Traceback" not in err
        faults = said["faults"] if "faults" in said else said["findings"]
        assert code in {one["code"] for one in faults if one["file"] == "bad.json"}
    assert len(who.ok("patient", "entries", record)["entries"]) == before
    done = who.ok("patient", "import", bad, good, "--keep-going")
    stored = {"huge in a bundle": 2}.get(name, 1)
    assert done["stored"] == stored
    assert len(who.ok("patient", "entries", record)["entries"]) == before + stored


def test_equal_ids_are_noted_and_nothing_is_lost(
    practice: Practice, someone: tuple[Home, str]
) -> None:
    who, _ = someone
    twice = [condition(id="same"), condition(id="same", note=[{"text": "2"}])]
    done = who.ok("patient", "import", practice.file("twice.json", bundle(*twice)))
    assert done["stored"] == 2
    assert "fhir.repeated-id" in {one["code"] for one in done["notes"]}


@pytest.mark.parametrize(
    "name", ["\x1b[2J\u202egpj.json", "--help", "a\nb.json", "$(id).json", "x" * 200]
)
def test_hostile_file_names_are_only_shown(
    practice: Practice, someone: tuple[Home, str], name: str
) -> None:
    who, _ = someone
    path = practice.file(name, b"{")
    status, out, err = who.run("patient", "import", path)
    [fault] = json.loads(out)["faults"]
    assert status == 1
    assert fault["file"].isprintable()
    assert "\x1b" not in err


def test_a_full_disk_leaves_no_half_export(
    practice: Practice, someone: tuple[Home, str], tmp_path: Path
) -> None:
    """The limit on a file's size fails a write as a full disk does."""
    who, _ = someone
    folder, had = tmp_path / "out", resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, had[1]))
        code = who.fails("patient", "export", str(folder))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, had)
    assert code == "home.cannot-write"
    assert list(tmp_path.iterdir()) == []
    assert who.ok("patient", "export", str(folder))["resources"] > 1


def test_an_export_spares_what_is_there(
    someone: tuple[Home, str], tmp_path: Path
) -> None:
    who, _ = someone
    (tmp_path / "mine").write_text("x")
    assert who.fails("patient", "export", str(tmp_path)) == "fhir.folder-not-empty"
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]
    unfinished = tmp_path / "out.unfinished"
    unfinished.mkdir()
    words = ("patient", "export", str(tmp_path / "out"))
    assert who.fails(*words) == "fhir.folder-not-empty"
    (unfinished / "UNFINISHED-EXPORT").write_text("")  # as a killed export leaves it
    who.ok(*words)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine", "out"]


def test_a_home_with_several_records_must_say_which(practice: Practice) -> None:
    path = practice.file("any.json", GOOD)
    words = ("practitioner", "import", path)
    assert practice.ada.fails(*words) == "cli.which-record"


def test_what_people_read(
    practice: Practice, someone: tuple[Home, str], empty: Terminal
) -> None:
    path = practice.file("p.json", bundle({"resourceType": "Patient", "gender": "x"}))
    done = empty.run("fhir", "validate", path, "--keep-going")
    assert done.code == 1
    assert done.out == (
        "p.json, 1: Patient.gender: The code is not in the value set that this"
        " element requires. [fhir.unknown-code]\n"
        "1 resources judged, 1 of them faulty.\n"
    )
    assert done.err.startswith("error[fhir.not-valid]")
    assert empty.run("fhir", "validate", practice.file("g.json", GOOD)).code == 0


def test_validate_stops_after_a_faulty_file_unless_told_otherwise(
    practice: Practice, empty: Terminal
) -> None:
    files = [practice.file(f"v{n}.json", b"{") for n in range(2)]
    stopped = empty.run("fhir", "validate", *files, "--json").facts
    assert [one["file"] for one in stopped["findings"]] == ["v0.json"]
    went_on = empty.run("fhir", "validate", *files, "--json", "--keep-going").facts
    assert [one["file"] for one in went_on["findings"]] == ["v0.json", "v1.json"]


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
