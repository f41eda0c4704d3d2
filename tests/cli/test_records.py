"""Transcript of both workflows, between separate processes and homes."""

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careledger.cli.house.problems import NodeNotServing, NodeNotUnderstood
from careledger.cli.house.reach import Counters
from careledger.cli.house.wire import SOCKET, call
from tests.cli.houses import Home, House, joined

PATIENT = b'{"resourceType":"Patient","name":[{"family":"Bergstroem"}]}'
FIRST = b'{"resourceType":"Observation","code":{"text":"x"},"status":"final","valueString":"first"}'
SECOND = b'{"resourceType":"Observation","code":{"text":"x"},"status":"final","valueString":"second"}'
THIRD = b'{"resourceType":"Observation","code":{"text":"x"},"status":"final","valueString":"third"}'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what travels."""
    folder = tmp_path_factory.mktemp("d")
    for name, content in (("p", PATIENT), ("1", FIRST), ("2", SECOND), ("3", THIRD)):
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def hospital(founded: Path, desk: Path) -> Iterator[House]:
    """The hospital of a network, serving."""
    house = House(desk / "h")
    shutil.copytree(founded, house.path)
    house.begin()
    yield house
    house.end()


@dataclass
class Scene:
    """Everybody, after the patient has joined and Ada has accepted."""

    hospital: House
    ada: Home
    ben: Home
    patient: Home
    record: str
    desk: Path


@pytest.fixture(scope="module")
def scene(hospital: House, desk: Path) -> Scene:
    ada = joined(hospital, desk, "Dr. Ada Lind")
    ben = joined(hospital, desk, "Dr. Ben Roth")
    patient, paper = Home(desk / "pat"), str(desk / "admission")
    key = patient.ok("patient", "new", "--node", str(hospital.path))["patient"]
    hospital.ok("hospital", "admit", key, paper)
    record = patient.ok(
        "patient", "register", paper, "--personal", str(desk / "p"),
        "--practitioner", "Dr. Ada Lind",
    )["record"]  # fmt: skip
    [invitation] = ada.ok("practitioner", "inbox")["invitations"]
    assert invitation["record"] == record
    assert ada.ok("practitioner", "accept", record[:8])["record"] == record
    assert ada.ok("practitioner", "inbox")["invitations"] == []
    return Scene(hospital, ada, ben, patient, record, desk)


def test_both_workflows_between_processes(scene: Scene) -> None:
    record, ada, ben, patient = scene.record, scene.ada, scene.ben, scene.patient
    files = [str(scene.desk / one) for one in "12"]
    one, two = ada.ok("practitioner", "append", record, *files)["entries"]
    listed = patient.ok("patient", "entries", record)["entries"]
    assert [e["type"] for e in listed] == ["Patient", "Observation", "Observation"]
    to = scene.desk / "opened"
    patient.ok("patient", "read", record, one, "--to", str(to))
    assert to.read_bytes() == FIRST

    ada.ok(
        "practitioner", "refer", record, "Dr. Ben Roth", "--entry", one,
        "--note", "please have a look",
    )  # fmt: skip
    [invitation] = ben.ok("practitioner", "inbox")["invitations"]
    assert invitation["from"] == "Dr. Ada Lind"
    assert invitation["note"] == "please have a look"
    ben.ok("practitioner", "accept", record)
    read = ben.ok("practitioner", "read", record, one, "--purpose", "second opinion")
    assert read["content"].encode() == FIRST
    ada.ok("practitioner", "refer", record, "Dr. Ben Roth", "--entry", two)
    assert ben.fails("practitioner", "accept", record) == "cli.takes-part"
    why = ("--purpose", "curious")
    forbidden = ben.fails("practitioner", "read", record, two, *why)
    absent = ben.fails("practitioner", "read", record, "ab" * 16, *why)
    assert forbidden == absent == "node.nothing-here"
    # What begins so may be forbidden or absent: this home cannot know, and nobody asks.
    for text in (two[:8], "ab" * 4, "zz" * 16):
        ended = ben.fails("practitioner", "read", record, text, *why)
        assert ended == "cli.no-such-entry"

    seats = patient.ok("patient", "who-has-access", record)["seats"]
    assert [(s["name"], s["verified"], s["active"]) for s in seats] == [
        ("", False, True),
        ("Dr. Ada Lind", True, True),
        ("Dr. Ben Roth", True, True),
    ]
    looks = patient.ok("patient", "who-looked", record)["looks"]
    assert [(look["name"], look["purpose"]) for look in looks] == [
        ("", "own record"),
        ("Dr. Ben Roth", "second opinion"),
    ]

    assert patient.ok("patient", "revoke", record, "1")["name"] == "Dr. Ada Lind"
    assert patient.fails("patient", "revoke", record, "1") == "cli.seat-ended"
    [new] = patient.ok("patient", "append", record, str(scene.desk / "3"))["entries"]
    for gone in (ada, ben):
        ended = gone.fails("practitioner", "read", record, new, *why)
        assert ended == "cli.part-ended"

    patient.ok("patient", "invite", record, "Dr. Ben Roth", "--note", "again")
    ben.ok("practitioner", "accept", record)
    again = ben.ok("practitioner", "read", record, new, "--purpose", "follow-up")
    assert again["content"].encode() == THIRD
    ben.ok("practitioner", "leave", record)
    assert ben.fails("practitioner", "entries", record) == "cli.part-ended"

    history = patient.ok("patient", "history", record)
    assert history["complete"] is True
    assert {event["code"] for event in history["events"]} == {"ok"}
    folder = scene.desk / "taken"
    taken = patient.ok("patient", "export", str(folder))
    assert (taken["records"], taken["resources"]) == (1, 4)
    lines = (folder / "record-1" / "resources.ndjson").read_bytes().splitlines()
    assert set(lines) == {PATIENT, FIRST, SECOND, THIRD}
    assert patient.ok("patient", "check-export", str(folder))["resources"] == 4


def test_a_kit_has_words_and_shares(scene: Scene) -> None:
    kit = scene.patient.ok("patient", "kit")
    assert (len(kit["words"].split()), len(kit["shares"])) == (24, 3)


def test_an_admission_is_for_one_patient_and_once(scene: Scene) -> None:
    other = Home(scene.desk / "oth")
    other.ok("patient", "new", "--node", str(scene.hospital.path))
    paper, personal = str(scene.desk / "admission"), str(scene.desk / "p")
    words = ("patient", "register", paper, "--personal", personal)
    assert other.fails(*words) == "client.paper-of-another"
    assert scene.patient.fails(*words) == "cli.joined-already"


def test_who_was_not_checked_is_not_endorsed(scene: Scene) -> None:
    eve = Home(scene.desk / "eve")
    request, paper = str(scene.desk / "eve.request"), str(scene.desk / "eve.paper")
    node = str(scene.hospital.path)
    eve.ok("practitioner", "new", request, "--node", node, "--name", "Dr. Eve")
    scene.hospital.ok("hospital", "vouch", request, paper)
    assert eve.fails("practitioner", "join", paper) == "client.not-checked"


def test_who_was_dismissed_is_endorsed_no_longer(scene: Scene) -> None:
    registrar = scene.hospital
    fay = joined(registrar, scene.desk, "Dr. Fay Hill")
    member = registrar.ok("registrar", "endorse", str(scene.desk / "Hill.request"))
    here = ("registrar", "dismiss", member["practitioner"][:8])
    assert registrar.ok(*here)["enrolled"] == member["enrolled"] - 1
    assert registrar.fails(*here) == "cli.not-enrolled"
    assert fay.fails("practitioner", "fill-pool") == "client.not-checked"


def test_a_restarted_node_goes_on_and_says_nothing_new(scene: Scene) -> None:
    [personal, *_] = scene.patient.ok("patient", "entries", scene.record)["entries"]
    words = ("read", scene.record, personal["entry"])
    scene.hospital.end()
    assert scene.patient.fails("patient", *words) == "cli.node-not-serving"
    leaves = scene.hospital.ok("node", "status")["leaves"]
    scene.hospital.begin()
    assert scene.patient.ok("patient", *words)["content"].encode() == PATIENT
    scene.hospital.end()
    assert scene.hospital.ok("node", "status")["leaves"] == leaves + 2  # read, block
    scene.hospital.begin()


def test_a_node_survives_what_it_does_not_understand(scene: Scene) -> None:
    home = scene.hospital.path
    for raw in (b"", b"\0\0", b"\0\0\0\5abc", b"\xff" * 8, b"\0\0\0\3abc"):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(home / SOCKET))
            line.sendall(raw)
    for name, given in (("nothing", b""), ("ask", b"junk"), ("keep", b"")):
        with pytest.raises(NodeNotUnderstood):
            call(home, name, given)
    with pytest.raises(NodeNotServing):
        call(scene.patient.path, "time", b"")
    assert Counters(home).token_key.exponent


def test_homes_say_what_they_are(scene: Scene) -> None:
    assert scene.patient.ok()["state"] == "patient"
    assert not [one for one in scene.patient.ok()["next"] if "register" in one]
    settings = scene.patient.path / "careledger.toml"
    before = settings.read_text()
    settings.write_text(before.replace("joined = true\n", ""))  # as older homes have it
    assert "patient register" in scene.patient.ok()["next"][0]
    settings.chmod(0o400)
    scene.patient.path.chmod(0o500)
    scene.patient.ok("patient", "records")
    scene.patient.path.chmod(0o700)
    settings.chmod(0o600)
    scene.patient.ok("patient", "records")
    assert settings.read_text() == before
    assert scene.ada.ok()["state"] == "practitioner"
    assert scene.hospital.fails("patient", "records") == "home.no-such-key"
    assert scene.ada.fails("node", "serve") == "home.no-such-key"
    unknown = scene.ada.fails("practitioner", "entries", "00ff")
    assert unknown == "client.not-in-this-home"


@pytest.mark.parametrize("kind", ["request", "paper"])
def test_files_that_were_cut_are_refused(scene: Scene, kind: str) -> None:
    cut = scene.desk / f"cut.{kind}"
    cut.write_bytes((scene.desk / f"Lind.{kind}").read_bytes()[:-1])
    if kind == "request":
        words = ("hospital", "vouch", str(cut), str(scene.desk / "never"))
        assert scene.hospital.fails(*words) == "home.half-written"
    else:
        assert scene.ada.fails("practitioner", "join", str(cut)) == "home.half-written"
