"""A practice for tests: a hospital that serves, a practitioner, many patients."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

from careledger.fhir.files import read_pieces
from tests.cli.houses import Home, House
from tests.cli.test_records import PATIENT

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
        self.ada.ok("practitioner", "fill-pool")  # one handle for each patient
        self.ada.ok("practitioner", "accept", record)
        return who, str(record)

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)
