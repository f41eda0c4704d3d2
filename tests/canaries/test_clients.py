"""What clients show to others: arguments, environment, output, files of their homes.

Each command here is a process of its own, as people run it; the wrong ones too, with
stack traces.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from careledger.client.home import SEED
from tools.canaries.actors import Actor
from tools.canaries.forms import Marker
from tools.canaries.known import secrets_of_home, secrets_of_person, secrets_of_records
from tools.canaries.scan import scan, scan_files
from tools.canaries.search import Search
from tools.canaries.sources import of_bytes
from tools.canaries.story import TEXTS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="arguments are read by /proc"
)
WRONG = "twelve wrong herons in a row"


class Seen(NamedTuple):
    """What others could see of a command."""

    code: int
    arguments: bytes
    environment: bytes
    out: bytes
    err: bytes


def watch(actor: Actor, *words: str) -> Seen:
    """Run a command with stack traces; return what others could see of it."""
    pipe = subprocess.PIPE
    with actor.start(*words, "--debug", stdout=pipe, stderr=pipe) as run:
        while not (arguments := Path(f"/proc/{run.pid}/cmdline").read_bytes()):
            assert run.poll() is None
        environment = Path(f"/proc/{run.pid}/environ").read_bytes()
        out, err = run.communicate(timeout=300)
    return Seen(run.returncode, arguments, environment, out, err)


@pytest.fixture(scope="module")
def secrets(lived) -> list[Marker]:
    """The markers of the patient."""
    patient = lived.scene.patient
    return [
        *secrets_of_home("patient", patient),
        *secrets_of_person("patient", patient),
        *secrets_of_records("patient", patient),
        Marker("a wrong passphrase", WRONG.encode(), text=True),
    ]


TEXT_MARKERS = [Marker(name, t.encode(), text=True) for name, t in TEXTS.items()]


def check(secrets, seen: Seen, texts_in_output: bool) -> None:
    """No secret anywhere; clinical texts only where they were asked for."""
    everything = Search([*secrets, *TEXT_MARKERS])
    output = Search(secrets) if texts_in_output else everything
    for search, name in (
        (everything, "arguments"),
        (everything, "environment"),
        (output, "out"),
        (everything, "err"),
    ):
        report = scan(search, [of_bytes(getattr(seen, name), name)])
        assert report.found == [], name


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (True, ("patient", "who-looked", "RECORD")),
        (False, ("patient", "history", "RECORD")),
    ],
)
def test_commands_show_no_secret(lived, secrets, texts, words):
    said = [lived.record if word == "RECORD" else word for word in words]
    seen = watch(lived.scene.patient, *said)
    assert seen.code == 0, seen
    assert b"passphrase-fd" in seen.arguments
    assert b"PYTHONPATH=" in seen.environment
    check(secrets, seen, texts)


def spoilt(actor: Actor, to: Path, name: str) -> Actor:
    """Return a copy of a home in which a file is cut."""
    shutil.copytree(actor.path, to)
    (to / name).write_bytes((to / name).read_bytes()[:-1])
    return Actor(to, actor.passphrase)


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("sealing.wrong-passphrase", lambda a, _: Actor(a.path, WRONG)),
        ("home.keystore-damaged", lambda a, to: spoilt(a, to, "keystore")),
        ("sealing.damaged-lock", lambda a, to: spoilt(a, to, SEED)),
    ],
)
def test_a_home_that_does_not_open_shows_no_secret(
    lived, secrets, tmp_path, code, spoil
):
    actor = spoil(lived.scene.patient, tmp_path / "copy")
    seen = watch(actor, "patient", "records")
    assert seen.code == 1
    assert code.encode() in seen.out
    assert b"Traceback" in seen.err
    check(secrets, seen, texts_in_output=False)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("client.not-in-this-home", ("entries", "ffff")),
        ("node.nothing-here", ("read", "RECORD", "ab" * 16, "--purpose", "x")),
        ("cli.seat-ended", ("revoke", "RECORD", "1")),
        ("client.no-such-person", ("invite", "RECORD", "Dr. Nobody")),
    ],
)
def test_what_is_refused_shows_no_secret(lived, secrets, code, words):
    said = [lived.record if word == "RECORD" else word for word in words]
    seen = watch(lived.scene.patient, "patient", *said)
    assert seen.code == 1
    assert code.encode() in seen.out
    check(secrets, seen, texts_in_output=False)


def test_content_that_is_refused_is_not_repeated(lived, secrets, tmp_path):
    """The parser's own error has the whole text: it must not travel on."""
    file = tmp_path / "broken.json"
    file.write_text('{"resourceType": "Observation", "x": ' + TEXTS["MRN"])
    words = ("patient", "append", lived.record, str(file))
    seen = watch(lived.scene.patient, *words)
    assert seen.code == 1
    assert b"fhir.not-valid" in seen.out
    check(secrets, seen, texts_in_output=False)


def test_a_fault_shows_no_secret(lived, secrets, tmp_path):
    """Something that nobody foresaw, in the middle of unlocked keys."""
    broken = tmp_path / "copy"
    shutil.copytree(lived.scene.patient.path, broken)
    (broken / "network.keys").write_bytes(b"\xff\xfe no keys")
    seen = watch(
        Actor(broken, lived.scene.patient.passphrase),
        "patient",
        "entries",
        lived.record,
    )
    assert seen.code == 1
    check(secrets, seen, texts_in_output=False)


def test_homes_have_no_secret_and_no_content_in_the_clear(lived, secrets):
    report = scan_files(Search([*secrets, *TEXT_MARKERS]), lived.scene.patient.path)
    assert report.found == []
    names = [name for name, _ in report.searched]
    assert {SEED, "keystore", "careledger.toml"} <= set(names)


def test_a_secret_in_arguments_would_be_found(lived, secrets):
    seen = watch(
        lived.scene.patient, "patient", "entries", lived.scene.patient.passphrase
    )
    with pytest.raises(AssertionError, match="arguments"):
        check(secrets, seen, texts_in_output=False)
