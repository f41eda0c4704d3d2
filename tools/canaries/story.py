"""Both record workflows with markers in them; then the node's home and memory.

The scanned process is `careledger node serve`: ledger, desk, vault and the
hospital's counters. Patients and practitioners act from this process, so whatever
of theirs is found there has crossed the line.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from tools.canaries.actors import Actor, serving
from tools.canaries.forms import Marker
from tools.canaries.known import (
    secrets_of_home,
    secrets_of_hospital,
    secrets_of_person,
    secrets_of_records,
)
from tools.canaries.scan import Report, scan_files, scan_memory
from tools.canaries.search import Search
from tools.canaries.writings import noise

ADA: Final = "Dr. Adalind Fjällström-Okonkwo"
BEN: Final = "Dr. Benedikt Ó Súilleabháin"
"""Practitioners are in the public directory: their names are there by design."""

TEXTS: Final = {
    "family name": "Öhrnquist-Wyrzykowska",
    "given name": "Þórhildur Xochiquetzal",
    "MRN": "MRN-7Q3F-5581-0094-ZX",
    "address": "Kvæðabrekka 17, 4th floor",
    "first finding": "erythema chronicum migrans, left knee",
    "second finding": 'Borrelia IgM 38.5 U/ml <positive> "repeat"',
    "third finding": "facial palsy House-Brackmann III",
    "attachment": "spirochaetes in synovial fluid, plate 12",
    "referral note": "kindly look at the left knee of this hiker",
    "invitation note": "please come back for the palsy",
    "purpose": "neurology second opinion of Tuesday",
    "label": "tick bites and whatever follows",
}  # fmt: skip
"""What must be seen by those only whom the patient let in."""

PASSPHRASES: Final = {
    "hospital": "nine bronze kettles under snow",
    "ada": "quartz lanterns above the weir",
    "ben": "seventeen plums on a velvet sledge",
    "patient": "gentle axolotls whistle at noon",
}


@dataclass(frozen=True)
class Scene:
    """A folder for what travels, and everybody."""

    desk: Path
    hospital: Actor
    ada: Actor
    ben: Actor
    patient: Actor


@dataclass(frozen=True)
class Told:
    """What the scan says.

    Attributes:
        files: secrets and names, the hospital's secrets too, in the home's files.
        memory: secrets and names of patients and practitioners, in the node.
        control_files, control_memory: the practitioners' public names there, which
            must be found.
    """

    files: Report
    memory: Report
    control_files: Report
    control_memory: Report


def tell(folder: Path, attachment: int = 200_000) -> Told:
    """Play both workflows in a folder, scan, and return what was found.

    Args:
        folder: an empty one, with a path short enough for a socket.
        attachment: bytes of the largest entry.
    """
    with stage(folder) as (scene, node):
        play(scene, attachment)
        return look(scene, node)


def look(scene: Scene, node: int) -> Told:
    """Return what the home of the hospital and the process that serves it hold."""
    people, hospital = list(_of_people(scene)), list(_of_hospital(scene))
    public = Search(Marker(name, name.encode(), text=True) for name in (ADA, BEN))
    home = scene.hospital.path
    return Told(
        files=scan_files(Search([*people, *hospital]), home),
        memory=scan_memory(Search(people), node),
        control_files=scan_files(public, home),
        control_memory=scan_memory(public, node),
    )


@contextmanager
def stage(folder: Path) -> Iterator[tuple[Scene, int]]:
    """Have a hospital's node serve; give everybody, and the node's process id."""
    names = ("hospital", "ada", "ben", "patient")
    actors = (Actor(folder / name, PASSPHRASES[name]) for name in names)
    scene = Scene(folder, *actors)
    scene.hospital.do(
        "network", "init", "canary.example", "--simulated",
        "--organisation", "Riverside Hospital", "--entity", "E-1",
    )  # fmt: skip
    with serving(scene.hospital) as node:
        yield scene, node.pid


def play(scene: Scene, attachment: int = 200_000) -> str:
    """Play both workflows; return the record's id."""
    record = _join(scene)
    first = _write(scene, record, attachment)
    _refer(scene, record, first)
    _revoke(scene, record)
    scene.patient.do("patient", "export", str(scene.desk / "taken"))
    scene.patient.do("patient", "kit")
    return record


def _of_people(scene: Scene) -> Iterator[Marker]:
    """Yield what a node and its vault must never have."""
    for name, text in TEXTS.items():
        yield Marker(name, text.encode(), text=True)
    for who, actor in (("ada", scene.ada), ("ben", scene.ben)):
        yield from chain(secrets_of_home(who, actor), secrets_of_person(who, actor))
    who, patient = "patient", scene.patient
    yield from chain(secrets_of_home(who, patient), secrets_of_person(who, patient))
    yield from secrets_of_records(who, patient)
    for number, share in enumerate(patient.do("patient", "kit")["shares"]):
        yield Marker(f"patient: share {number}", share.encode(), text=True)


def _of_hospital(scene: Scene) -> Iterator[Marker]:
    """Yield what the serving hospital has in memory, and no file may have."""
    yield from secrets_of_home("hospital", scene.hospital)
    yield from secrets_of_hospital("hospital", scene.hospital)


def _join(scene: Scene) -> str:
    node, patient = str(scene.hospital.path), scene.patient
    for actor, name in ((scene.ada, ADA), (scene.ben, BEN)):
        request, paper = f"{actor.path}.request", f"{actor.path}.paper"
        actor.do("practitioner", "new", request, "--node", node, "--name", name)
        scene.hospital.do("hospital", "vouch", request, paper)
        scene.hospital.do("registrar", "endorse", request)
        actor.do("practitioner", "join", paper)
    key = patient.do("patient", "new", "--node", node)["patient"]
    admission = str(scene.desk / "admission")
    scene.hospital.do("hospital", "admit", key, admission)
    record = patient.do(
        "patient", "register", admission, "--personal", _personal(scene),
        "--practitioner", ADA, "--label", TEXTS["label"],
    )["record"]  # fmt: skip
    scene.ada.do("practitioner", "inbox")
    scene.ada.do("practitioner", "accept", record, "--label", TEXTS["label"])
    return str(record)


def _write(scene: Scene, record: str, attachment: int) -> str:
    first = _finding(scene, "first finding")
    second = _finding(scene, "second finding")
    large = _finding(scene, "attachment", noise("plate", attachment // 2).hex())
    files = (first, second, large)
    entry = scene.ada.do("practitioner", "append", record, *files)["entries"][0]
    scene.patient.do("patient", "entries", record)
    scene.patient.do("patient", "read", record, entry, "--purpose", TEXTS["purpose"])
    return str(entry)


def _refer(scene: Scene, record: str, entry: str) -> None:
    note, purpose = TEXTS["referral note"], TEXTS["purpose"]
    words = ("refer", record, BEN, "--entry", entry, "--note", note)
    scene.ada.do("practitioner", *words)
    scene.ben.do("practitioner", "inbox")
    scene.ben.do("practitioner", "accept", record)
    scene.ben.do("practitioner", "read", record, entry, "--purpose", purpose)
    scene.ben.fail("practitioner", "read", record, "ab" * 16, "--purpose", purpose)
    scene.patient.do("patient", "who-has-access", record)
    scene.patient.do("patient", "who-looked", record)


def _revoke(scene: Scene, record: str) -> None:
    patient, ben = scene.patient, scene.ben
    patient.do("patient", "revoke", record, "1")
    third = _finding(scene, "third finding")
    [new] = patient.do("patient", "append", record, third)["entries"]
    scene.ada.fail("practitioner", "read", record, new, "--purpose", TEXTS["purpose"])
    note = TEXTS["invitation note"]
    patient.do("patient", "invite", record, BEN, "--note", note)
    ben.do("practitioner", "accept", record)
    ben.do("practitioner", "read", record, new, "--purpose", TEXTS["purpose"])
    ben.do("practitioner", "leave", record)
    patient.do("patient", "history", record)


def _personal(scene: Scene) -> str:
    name = {"family": TEXTS["family name"], "given": [TEXTS["given name"]]}
    return _resource(
        scene,
        "personal",
        {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:mrn", "value": TEXTS["MRN"]}],
            "name": [name],
            "address": [{"text": TEXTS["address"]}],
        },
    )


def _finding(scene: Scene, marker: str, more: str = "") -> str:
    code = {"text": "note"}
    content = {"resourceType": "Observation", "status": "final", "code": code}
    return _resource(scene, marker, {**content, "valueString": TEXTS[marker] + more})


def _resource(scene: Scene, name: str, content: dict[str, object]) -> str:
    path = scene.desk / f"{name.replace(' ', '-')}.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return str(path)
