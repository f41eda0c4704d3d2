"""Write `r4.schema.json` and `r4.tables.json` again, byte for byte.

    python -m tools.fhir_schema [FOLDER-WITH-BOTH-PACKAGES-UNPACKED]

Without a folder the packages are fetched by `npm`.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from tools.fhir_schema import sources, tables
from tools.fhir_schema.codes import ValueSets
from tools.fhir_schema.elements import Element, elements
from tools.fhir_schema.harden import harden
from tools.fhir_schema.overlay import one_type_only, overlay
from tools.fhir_schema.sources import Json

TARGET: Final = Path(__file__).parents[2] / "src" / "careledger" / "fhir"


def derive(folder: Path) -> dict[str, bytes]:
    """Return each file's name and content, from both packages in `folder`."""
    original = sources.schema(folder)["definitions"]
    found = _elements(folder, original)
    definitions = harden(original)
    value_sets = ValueSets(folder)
    for element in found:
        overlay(element, definitions, value_sets)
    for element in found:
        if element.choice:
            one_type_only(element, definitions[element.owner])
    for definition in definitions.values():
        if not definition.get("allOf", True):
            del definition["allOf"]
    return {
        "r4.schema.json": _lines(definitions),
        "r4.tables.json": _lines(
            {
                "choices": tables.choices(found),
                "references": tables.references(found, original),
                "sensitivity": value_sets.sensitivity_codes(),
            }
        ),
    }


def _elements(folder: Path, definitions: Json) -> list[Element]:
    kept = {}
    for structure in sources.structures(folder):
        # Constraints on a type, such as SimpleQuantity, are no type of their own.
        if structure.get("derivation") != "constraint":
            for element in elements(structure, definitions):
                kept[element.owner, element.name] = element
    return [kept[key] for key in sorted(kept)]


def _lines(content: Json) -> bytes:
    # One entry a line: small, and a change can be read in review.
    rows = (
        f"{json.dumps(name)}:{json.dumps(each, sort_keys=True, separators=(',', ':'))}"
        for name, each in sorted(content.items())
    )
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()


def main() -> None:
    """Derive and write both files."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        if len(sys.argv) == 1:
            sources.fetch(folder)
        for name, content in derive(folder).items():
            (TARGET / name).write_bytes(content)
            print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
