"""What is read of an exported folder: lines, and facts that proof files prove.

Nothing that is read here is believed for standing there: whoever reads a line
compares it with what the ledger committed to.
"""

import time
from pathlib import Path
from typing import TypeVar

import msgspec

from careledger import offline
from careledger.fhir.export_problems import ExportDamaged
from careledger.primitives.notes import VerifierKey

L = TypeVar("L")


class SealedLine(msgspec.Struct):
    """A line of `unreadable.ndjson`, as far as it is checked."""

    entry: str
    key: str


class EntryLine(SealedLine):
    """A line of `entries.ndjson`, as far as it is checked."""

    sha256: str
    own_file: bool


class EventLine(msgspec.Struct):
    """A line of `history.ndjson`, as far as it is checked."""

    transaction: str
    verdict: str
    core: str


def proven(path: Path, log_key: VerifierKey) -> tuple[bytes, bytes]:
    """Return the state key and the value that a proof file proves.

    Raises:
        ExportDamaged: it is missing, or not good under this log's key.
    """
    trust: list[list[str]] = [[str(log_key)], [], []]
    try:
        fact = offline.verify(read_file(path), trust, int(time.time()))
        return bytes.fromhex(fact["key"]), bytes.fromhex(fact["value"] or "")
    except (offline.ProofRefused, KeyError):
        raise ExportDamaged(path.name) from None


def read_lines(path: Path, kind: type[L]) -> list[L]:
    """Return the lines of a file.

    Raises:
        ExportDamaged: it is missing, or a line is not of this kind.
    """
    try:
        return [
            msgspec.json.decode(line, type=kind)
            for line in read_file(path).splitlines()
        ]
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ExportDamaged(path.name) from None


def read_file(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        ExportDamaged: it is missing.
    """
    try:
        return path.read_bytes()
    except OSError:
        raise ExportDamaged(path.name) from None
