"""Makes the golden home of the present version: once, when it is released.

    python tests/vectors/make_golden_home.py

A hospital with ledger and vault, a patient, a practitioner, a proof: everything
that is on disk after a short life. Clock and chance are fixed; what libraries draw
for themselves (HPKE, RSA) is not. Homes of earlier versions are never made again.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "src")]

from careledger import __version__  # noqa: E402
from careledger.primitives.hashing import sha256  # noqa: E402
from tests.golden.house import Golden, at, pack, serving_here  # noqa: E402
from tools.canaries.writings import noise  # noqa: E402

MOMENT = 1_767_600_000_000
"""2026-01-05T08:00:00Z."""

PASSPHRASES = {
    "hospital": "golden hospital, open to everybody",
    "patient": "golden patient, open to everybody",
    "practitioner": "golden practitioner, open to everybody",
}
NAME = "Dr. Golden Practitioner"
PATIENT = {"resourceType": "Patient", "name": [{"family": "Golden", "given": ["Ünal"]}]}


def observation(text: str) -> dict:
    """Return a resource that says `text`."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "valueString": text,
    }


RESOURCES = {
    "personal": PATIENT,
    "first": observation("pulse 61/min"),
    "second": observation("temperature 36.6 °C"),
    "large": observation(noise("large", 70_000).hex()),
}


class Chance:
    """Bytes that are the same each time."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return noise(f"golden {self.count}", size)


def main() -> None:
    """Live a short life; pack what is left of it."""
    with (
        tempfile.TemporaryDirectory(prefix="g") as made,
        tempfile.TemporaryDirectory() as desk,
        at(MOMENT, Chance()),
    ):
        golden = Golden({"passphrases": PASSPHRASES}, Path(made))
        facts = live(golden, Path(desk))
        pack(__version__, Golden(golden.facts | facts, golden.folder))


def live(golden: Golden, desk: Path) -> dict:
    """Return what is to be recorded of a life."""
    hospital, patient = golden.actor("hospital"), golden.actor("patient")
    hospital.do(
        "network", "init", "golden.example", "--simulated",
        "--organisation", "Golden Hospital", "--entity", "GOLDEN-1",
    )
    with serving_here(hospital):
        record, entries = treat(golden, desk)
        events = patient.do("patient", "history", record)["events"]
    proof = golden.folder / "proof"
    hospital.do("proof", "make", str(proof), "--transaction", events[0]["transaction"])
    status = hospital.do("node", "status")
    kept = ("network", "chain", "height", "leaves", "log_root", "state_root")
    words = patient.do("patient", "kit")["words"]
    return {
        "version": __version__,
        "moment": MOMENT,
        "record": record,
        "entries": entries,
        "events": len(events),
        "proven": events[0]["transaction"],
        "ledger": {name: status[name] for name in kept},
        "words": sha256(words.encode()).hex(),
    }


def treat(golden: Golden, desk: Path) -> tuple[str, dict[str, str]]:
    """Return the record, and the SHA-256 of each entry's content."""
    files = {name: desk / name for name in RESOURCES}
    for name, content in RESOURCES.items():
        files[name].write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    record = join(golden, desk, str(files["personal"]))
    patient, practitioner = golden.actor("patient"), golden.actor("practitioner")
    added = [str(files[name]) for name in ("first", "second", "large")]
    practitioner.do("practitioner", "append", record, *added)
    entries = {}
    for listed in patient.do("patient", "entries", record)["entries"]:
        entry = listed["entry"]
        patient.do("patient", "read", record, entry, "--to", str(desk / entry))
        entries[entry] = hashlib.sha256((desk / entry).read_bytes()).hexdigest()
    return record, entries


def join(golden: Golden, desk: Path, personal: str) -> str:
    """Return the record of a patient who has joined."""
    hospital, patient = golden.actor("hospital"), golden.actor("patient")
    practitioner, node = golden.actor("practitioner"), str(hospital.path)
    request, paper, admission = (str(desk / one) for one in ("r", "p", "a"))
    practitioner.do("practitioner", "new", request, "--node", node, "--name", NAME)
    hospital.do("hospital", "vouch", request, paper)
    hospital.do("registrar", "endorse", request)
    practitioner.do("practitioner", "join", paper)
    key = patient.do("patient", "new", "--node", node)["patient"]
    hospital.do("hospital", "admit", key, admission)
    record = patient.do(
        "patient", "register", admission, "--personal", personal, "--practitioner", NAME
    )["record"]
    practitioner.do("practitioner", "inbox")
    practitioner.do("practitioner", "accept", record)
    return record


if __name__ == "__main__":
    main()
