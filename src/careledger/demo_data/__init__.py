"""Synthetic patients for demonstrations and tests; no real person is in them.

Made by `python -m tools.make_patients` with Synthea 3.3.0 (Apache-2.0), see
README.md. All functions return the exact bytes of FHIR R4 bundles.
"""

from collections.abc import Iterator
from importlib.resources import files
from io import BufferedReader
from typing import Final

import zstandard

__all__ = ["first_patient", "hospitals", "patients", "practitioners"]

_FOLDER: Final = files("careledger.demo_data")


def first_patient() -> bytes:
    """Return one small patient: a transaction bundle."""
    return _FOLDER.joinpath("first_patient.json").read_bytes()


def patients() -> Iterator[bytes]:
    """Yield every patient's transaction bundle, in the order of their ids."""
    with _FOLDER.joinpath("patients.ndjson.zst").open("rb") as packed:
        unpacked = zstandard.ZstdDecompressor().stream_reader(packed)
        for line in BufferedReader(unpacked):
            yield line.rstrip(b"\n")


def hospitals() -> bytes:
    """Return the organisations and places that the patients mention: a batch."""
    return _unpacked("hospitals.json.zst")


def practitioners() -> bytes:
    """Return the practitioners and their roles that the patients mention: a batch."""
    return _unpacked("practitioners.json.zst")


def _unpacked(name: str) -> bytes:
    packed = _FOLDER.joinpath(name).read_bytes()
    return zstandard.ZstdDecompressor().decompress(packed)
