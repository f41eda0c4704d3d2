"""Bad input, between processes: named, nothing lost, the rest usable."""

import json
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.houses import Home
from tests.cli.practice import Practice, bundle, condition
from tests.cli.terminal import Terminal

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
    while practice.patients < 2:
        practice.patient()
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
        "1 resource judged; 1 place is faulty.\n"
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
