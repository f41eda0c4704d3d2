"""Export: byte for byte, complete, proven, readable; and no name where none belongs."""

import csv
import dataclasses
import errno
import io
import json
import re

import pytest

from careledger import demo_data
from careledger.client.patient import full_access
from careledger.client.problems import CannotWrite
from careledger.client.writing import NewResource
from careledger.fhir import export_files
from careledger.fhir.disclosures import disclosures
from careledger.fhir.export_check import Checked, check_export
from careledger.fhir.export_files import FolderNotEmpty
from careledger.fhir.export_problems import ExportDamaged
from careledger.fhir.exporting import export_patient
from careledger.fhir.importing import import_sources
from careledger.fhir.reader import reader_page
from careledger.fhir.sources import bytes_source
from careledger.fhir.taking import records_of, take_record
from careledger.primitives.hashing import sha256
from tests.fhir.test_export_pages import HOSTILE
from tests.fhir.test_import import condition, raws, reference_store

PRETTY = json.dumps(condition(id="pretty", code={"text": "Gout"}), indent=2).encode()


@pytest.fixture(scope="module")
def log_key(practice):
    return practice.network.transport.log_key


@pytest.fixture(scope="module")
def exported(practice, tmp_path_factory):
    """Two records of one patient: a demo patient, and what is difficult."""
    person, record = practice.new_record()
    source = bytes_source("1", demo_data.first_patient())
    report = import_sources(practice.ada, record, [source], reference_store())
    practice.ada.read(record, report.entries[:5], "=cmd()")
    network = practice.network
    offers = [(network.listing(practice.ada), full_access())]
    second = person.open_record(
        network.hospitals[0], network.registrar, "Secret clinic", offers
    )
    [invitation] = practice.ada.inbox(network.office_of(practice.ada))
    practice.ada.accept(invitation)
    old, gone = practice.ada.append(
        second,
        NewResource(PRETTY),
        NewResource(json.dumps(condition(code={"text": HOSTILE})).encode()),
    )
    new = json.dumps(condition(id="new", code={"text": "Not gout"})).encode()
    practice.ada.append(second, NewResource(new, supersedes=old))
    person.erase(second, [gone])
    network.wait(4 * 86_400_000)
    folder = tmp_path_factory.mktemp("export") / "out"
    return (
        person,
        folder,
        export_patient(person, folder),
        [*raws(demo_data.first_patient()), PRETTY, new],
    )


def exact(folder) -> list[bytes]:
    found = []
    for record in sorted(folder.glob("record-*")):
        lines = (record / "resources.ndjson").read_bytes().splitlines()
        for about in map(
            json.loads, (record / "entries.ndjson").read_bytes().splitlines()
        ):
            own = record / "resources" / f"{about['line']:06}.json"
            found.append(
                own.read_bytes() if about["own_file"] else lines[about["line"] - 1]
            )
    return found


def test_every_byte_that_was_received_is_there(exported) -> None:
    _, folder, result, sent = exported
    assert sorted(exact(folder)) == sorted(sent)
    assert (result.records, result.resources, result.size) == (
        2,
        len(sent),
        sum(map(len, sent)),
    )


def test_ndjson_has_every_resource_on_one_line(exported) -> None:
    _, folder, _, sent = exported
    lines = [
        line
        for one in folder.glob("record-*/resources.ndjson")
        for line in one.read_bytes().splitlines()
    ]
    assert sorted(json.dumps(json.loads(line)) for line in lines) == sorted(
        json.dumps(json.loads(raw)) for raw in sent
    )


def test_the_folder_checks_offline(exported, log_key) -> None:
    _, folder, result, sent = exported
    assert check_export(folder, log_key) == Checked(2, len(sent), result.events, 1, 0)


def resource_changed(folder) -> None:
    path = folder / "record-2" / "resources.ndjson"
    path.write_bytes(path.read_bytes().replace(b"Not gout", b"Bad gout"))


def resource_and_hash_changed(folder) -> None:
    record = folder / "record-2"
    line = (record / "resources.ndjson").read_bytes().splitlines()[-1]
    resource_changed(folder)
    other = (record / "resources.ndjson").read_bytes().splitlines()[-1]
    path = record / "entries.ndjson"
    path.write_bytes(
        path.read_bytes().replace(
            sha256(line).hex().encode(), sha256(other).hex().encode()
        )
    )


def line_left_out(name):
    def leave_out(folder) -> None:
        path = folder / "record-2" / name
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))

    return leave_out


def entry_left_out(folder) -> None:
    for name in ("resources.ndjson", "entries.ndjson"):
        line_left_out(name)(folder)


def proof_swapped(folder) -> None:
    proofs = folder / "record-1" / "proofs"
    (proofs / "000001.tlog-proof").write_bytes(
        (proofs / "000002.tlog-proof").read_bytes()
    )


def core_changed(folder) -> None:
    path = folder / "record-1" / "history.ndjson"
    events = [json.loads(line) for line in path.read_bytes().splitlines()]
    events[0]["core"], events[1]["core"] = events[1]["core"], events[0]["core"]
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in events))


def proof_missing(folder) -> None:
    (folder / "record-1" / "history.tlog-proof").unlink()


def not_json(folder) -> None:
    (folder / "record-1" / "entries.ndjson").write_bytes(b"\xff{")


SPOILERS = {
    "resource changed": resource_changed,
    "resource and hash changed": resource_and_hash_changed,
    "event left out": line_left_out("history.ndjson"),
    "entry left out": entry_left_out,
    "resource left out": line_left_out("resources.ndjson"),
    "proof swapped": proof_swapped,
    "core changed": core_changed,
    "proof missing": proof_missing,
    "not json": not_json,
}


@pytest.mark.parametrize("name", SPOILERS)
def test_a_changed_folder_is_noticed(exported, log_key, tmp_path, name) -> None:
    copy = tmp_path / "copy"
    for path in exported[1].rglob("*"):
        target = copy / path.relative_to(exported[1])
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            target.write_bytes(path.read_bytes())
    check_export(copy, log_key)
    SPOILERS[name](copy)
    with pytest.raises(ExportDamaged):
        check_export(copy, log_key)


def test_no_file_name_says_anything(exported) -> None:
    _, folder, _, _ = exported
    known = re.compile(
        r"README\.txt|verify\.py|network\.keys|reader\.html|summary\.(html|pdf)|disclosures\.(csv|pdf)|record-\d+|resources|proofs|sealed"
        r"|(records|resources|entries|history)\.ndjson|history\.tlog-proof|\d{6}\.(json|tlog-proof|blob)"
    )
    assert [path for path in folder.rglob("*") if not known.fullmatch(path.name)] == []


def test_only_the_owner_can_read_it(exported) -> None:
    _, folder, _, _ = exported
    for path in [folder, *folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0


def test_the_page_runs_nothing_and_calls_nobody(exported) -> None:
    page = (exported[1] / "summary.html").read_text("utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<img|<link|<iframe|\bsrc=|href=|url\(", page)
    for title in (
        "Patient",
        "Allergies",
        "Problems",
        "Medication",
        "Results",
        "Accounting of disclosures",
    ):
        assert f"<h2>{title}</h2>" in page
    assert "Not gout" in page
    assert ">Gout<" not in page


def test_disclosures_say_who_when_what_and_why(exported) -> None:
    _, folder, _, _ = exported
    rows = list(
        csv.reader(io.StringIO((folder / "disclosures.csv").read_text("utf-8")))
    )
    assert rows[0] == ["When (UTC)", "Who", "Verified", "Context", "What", "Why"]
    [seen] = [row for row in rows if row[1].startswith("Dr. Ada Lind")]
    assert seen[2:4] == ["yes", "primary care"]
    assert seen[4].endswith("2 more")
    assert seen[5] == "'=cmd()"
    assert {row[1] for row in rows[1:]} == {"you", seen[1]}
    assert "Secret clinic" in {row[3] for row in rows}


def test_both_pdfs_are_there_and_name_nobody(exported) -> None:
    for name in ("summary.pdf", "disclosures.pdf"):
        content = (exported[1] / name).read_bytes()
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")
        assert b"Ada" not in content


def test_an_export_is_one_line_of_the_accounting(exported) -> None:
    person = exported[0]
    taken = take_record(person, records_of(person)[0])
    rows = disclosures([taken]).rows
    assert len(taken.looks) > len(rows)
    exports = [row for row in rows if row[5] == "export"]
    assert len(exports) == 1
    assert sum(row[1].startswith("Dr. Ada") for row in rows) == 1


def test_a_folder_in_use_is_left_alone(exported, tmp_path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(FolderNotEmpty):
        export_patient(exported[0], tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]


def test_a_folder_beside_that_is_not_ours_is_left_alone(exported, tmp_path) -> None:
    beside = tmp_path / "out.unfinished"
    beside.mkdir()
    (beside / "mine").write_text("x")
    with pytest.raises(FolderNotEmpty) as caught:
        export_patient(exported[0], tmp_path / "out")
    assert caught.value.detail == str(beside)
    assert (beside / "mine").read_text() == "x"
    (beside / "UNFINISHED-EXPORT").write_text("")  # as a killed export leaves it
    export_patient(exported[0], tmp_path / "out")
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("owner", "name"), [(export_files.os, "fdopen"), (export_files, "_sync_everything")]
)
def test_a_full_disk_is_named_and_leaves_nothing(
    exported, tmp_path, monkeypatch, owner, name
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, full)
        with pytest.raises(CannotWrite):
            export_patient(exported[0], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["file", "nowhere", "below a file"])
def test_what_cannot_be_a_folder_is_named(exported, tmp_path, what) -> None:
    path = tmp_path / "out"
    if what == "nowhere":
        path.symlink_to(tmp_path / "nothing")
    else:
        path.write_text("mine")
    target = path / "out" if what == "below a file" else path
    with pytest.raises(CannotWrite):
        export_patient(exported[0], target)
    assert list(tmp_path.iterdir()) == [path]


def test_the_reader_shows_every_resource(exported) -> None:
    _, folder, _, sent = exported
    pages = [path.read_text("utf-8") for path in sorted(folder.glob("*/reader.html"))]
    assert sum(page.count("<details>") for page in pages) == len(sent)
    assert "<dt>resourceType</dt><dd>Condition</dd>" in pages[1]
    assert "Not gout" in pages[1]
    assert "(corrects an earlier one)" in pages[1]
    for page in pages:
        assert not re.search(r"<(script|img|link|iframe|a|form|object)\b", page)
        for title in ("Resources", "Who takes or took part", "History"):
            assert f"<h2>{title}</h2>" in page


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"<b>":["<i>",1.50,true,null]}', "<dt>&lt;b&gt;</dt>"),
        (b'{"a":1.50}', "<dd>1.50</dd>"),
        (b'{"a":[true,null]}', "<div>true</div><div>null</div>"),
        (b"<not json>", "<pre>&lt;not json&gt;</pre>"),
        (b"[" * 100_000, "[[["),
        (b"[" * 50 + b"]" * 50, "[[["),
        (b'{"data":"' + b"x" * 5_000 + b'"}', "(5000 characters in all)"),
    ],
)
def test_the_reader_survives_anything(exported, raw, shown) -> None:
    person = exported[0]
    taken = take_record(person, records_of(person)[1])
    strange = dataclasses.replace(taken.entries[0], content=raw)
    page = reader_page(dataclasses.replace(taken, entries=[strange])).decode()
    assert shown in page
    assert "<i>" not in page
