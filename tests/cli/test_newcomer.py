"""What somebody meets who uses the commands for the first time."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger import __version__
from careledger.cli import main
from careledger.cli.beginnings import find_by_beginning
from careledger.cli.problems import WhichOne
from careledger.client.directory import MOST_NAME
from careledger.client.patient import OWN_RECORD
from careledger.client.reading import MOST_PURPOSE
from careledger.node.problems import NothingHere
from careledger.sealing.seeds import join_recovery_secret
from tests.cli.houses import ENV, Home
from tests.cli.practice import Practice
from tests.cli.terminal import PASSPHRASE, Terminal
from tests.cli.test_records import PATIENT

IDS = st.lists(st.binary(min_size=16, max_size=16), min_size=1, unique=True)


@given(IDS, st.data())
def test_a_beginning_finds_one_or_is_refused(
    ids: list[bytes], data: st.DataObject
) -> None:
    meant = data.draw(st.sampled_from(ids)).hex()
    text = meant[: data.draw(st.integers(0, 32))]
    alike = [one for one in ids if one.hex().startswith(text)]
    if text and len(alike) == 1:
        assert find_by_beginning([*ids, *ids], text.upper(), NothingHere) == alike[0]
    else:
        with pytest.raises(WhichOne):
            find_by_beginning(ids, text, NothingHere)


def test_what_nothing_begins_with_is_absent() -> None:
    with pytest.raises(NothingHere):
        find_by_beginning([bytes(16)], "1", NothingHere)


def test_nobody_accepts_or_sees_what_was_not_named(practice: Practice) -> None:
    patient, record = practice.patient()
    invited = patient.ok("patient", "invite", record, "Dr. Ada Lind")["invitation"]
    assert practice.ada.fails("practitioner", "accept", "") == "cli.usage"
    assert len(practice.ada.ok("practitioner", "inbox")["invitations"]) == 1
    assert patient.fails("patient", "who-looked", " ") == "cli.usage"
    assert patient.fails("patient", "read", record, "") == "cli.usage"
    patient.ok("patient", "withdraw", record, invited[:60])


def test_nobody_reads_without_saying_why(practice: Practice) -> None:
    patient, record = practice.patient()
    [entry] = patient.ok("patient", "entries", record)["entries"]
    words = ("practitioner", "read", record, entry["entry"])
    assert practice.ada.fails(*words) == "client.no-purpose"
    assert practice.ada.fails(*words, "--purpose", " ") == "cli.usage"
    long = practice.ada.fails(*words, "--purpose", "x" * (MOST_PURPOSE + 1))
    assert long == "client.purpose-too-long"
    assert patient.ok("patient", "who-looked", record)["looks"] == []
    practice.ada.ok(*words, "--purpose", "y" * MOST_PURPOSE)
    patient.ok("patient", "read", record, entry["entry"])
    looks = patient.ok("patient", "who-looked", record)["looks"]
    assert [one["purpose"] for one in looks] == ["y" * MOST_PURPOSE, OWN_RECORD]


@pytest.mark.parametrize("bad", ["\u200b", "x" * (MOST_NAME + 1), "A\nB", "A\x1b[2J"])
def test_a_name_that_no_list_can_show_makes_no_home(
    practice: Practice, bad: str
) -> None:
    home, request = Home(practice.folder / "never"), practice.folder / "never.request"
    words = ("new", str(request), "--node", str(practice.hospital.path))
    assert home.fails("practitioner", *words, "--name", bad) == "client.bad-name"
    assert not home.path.exists()
    assert not request.exists()


BAD = {
    "cut": (b'{"resourceType":"Patient","name":[', "fhir.not-valid"),
    "invalid": (b'{"resourceType":"Patient","gender":"x"}', "fhir.not-valid"),
    "other": (b'{"resourceType":"Basic","code":{"text":"x"}}', "cli.not-a-patient"),
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_is_sent_with_a_bad_personal_entry(
    practice: Practice, name: str
) -> None:
    content, code = BAD[name]
    home, paper = Home(practice.folder / f"bad-{name}"), practice.folder / f"a-{name}"
    node = str(practice.hospital.path)
    key = home.ok("patient", "new", "--node", node)["patient"]
    practice.hospital.ok("hospital", "admit", key, str(paper))
    words = ("patient", "register", str(paper), "--personal")
    assert home.fails(*words, practice.file("bad.json", content)) == code
    good = practice.file("good.json", PATIENT)
    assert home.ok(*words, good)["record"]  # the admission was not used up


def test_all_appended_files_are_valid_or_none_is_added(practice: Practice) -> None:
    patient, record = practice.patient()
    files = [practice.file("good.json", PATIENT)]
    files.append(practice.file("bad.json", BAD["invalid"][0]))
    code, out, _ = patient.run("patient", "append", record, *files)
    [finding] = json.loads(out)["findings"]
    assert (code, finding["file"], finding["path"]) == (1, "bad.json", "Patient.gender")
    assert len(patient.ok("patient", "entries", record)["entries"]) == 1


@pytest.mark.parametrize("before", [True, False])
def test_the_passphrase_comes_from_standard_input(
    practice: Practice, *, before: bool
) -> None:
    option = ["--passphrase-fd", "0"]
    words = ["practitioner", "records", "--home", str(practice.ada.path), "--json"]
    given = option + words if before else words + option
    done = subprocess.run(
        [sys.executable, "-m", "careledger", *given],
        env=ENV,
        input=PASSPHRASE.encode() + b"\n",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_kit_is_for_records_and_its_shares_are_told_apart(
    practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    early = Home(practice.folder / "early")
    early.ok("patient", "new", "--node", str(practice.hospital.path))
    assert early.fails("patient", "kit") == "cli.not-joined"
    patient, _ = practice.patient()
    lines = Terminal(patient.path, capsys).run("patient", "kit").out.splitlines()
    at = [n for n, line in enumerate(lines) if line.startswith("share ")]
    assert [lines[n].split(",")[0] for n in at] == [
        f"share {n} of 3" for n in (1, 2, 3)
    ]
    join_recovery_secret([lines[n + 1] for n in at[:2]])
    assert "two printings" in lines[at[-1] + 2]


def test_an_empty_list_says_so(
    practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    patient, record = practice.patient()
    at = Terminal(patient.path, capsys)
    assert "Nobody has read" in at.run("patient", "who-looked", record).out
    assert "Nothing is waiting." in at.run("patient", "inbox").out
    ada = at.at(practice.ada.path).run("practitioner", "inbox").out
    assert ada.count("Nothing is waiting.") == 1


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"careledger {__version__}\n"


def test_what_a_check_of_an_export_covers_is_said_and_true(practice: Practice) -> None:
    patient, _ = practice.patient()
    folder = practice.folder / "taken"
    patient.ok("patient", "export", str(folder))
    assert "It does not cover" in (folder / "README.txt").read_text()
    said = patient.ok("patient", "check-export", str(folder))["not_covered"]
    names = [one.replace("-N", "-1") for one in said if " " not in one]
    for name in names:
        (folder / name).unlink()
    patient.ok("patient", "check-export", str(folder))
    left = [one for one in folder.rglob("*") if one.is_file()]
    assert left
    for one in left:
        content = one.read_bytes()
        one.unlink()
        assert patient.fails("patient", "check-export", str(folder)), one
        one.write_bytes(content)
