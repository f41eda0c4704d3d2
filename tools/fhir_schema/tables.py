"""Small tables that the validator needs beside the schema.

`choices`: JSON name of a choice to its element and type, for paths.
`references`: where references stand, and which types each may point to.
`sensitivity`: HL7's codes for sensitive information.
"""

from collections.abc import Iterable
from typing import Final

from tools.fhir_schema.elements import Element, type_of
from tools.fhir_schema.sources import Json

_EVERYWHERE: Final = ("extension", "modifierExtension", "contained")
"""Any object may have these: they are found by counting, not by walking."""


def choices(elements: Iterable[Element]) -> Json:
    """Return {owner: {JSON name: [element, type]}}."""
    found: Json = {}
    for each in elements:
        if each.choice:
            names = zip(each.properties(), each.types, strict=True)
            named = {name: [each.name, kind] for name, kind in names}
            found.setdefault(each.owner, {}).update(named)
    return found


def references(elements: Iterable[Element], definitions: Json) -> Json:
    """Return {owner: {JSON name: targets, or the definition that leads on}}."""
    found: Json = {}
    for each in elements:
        names = zip(each.properties(), each.types.items(), strict=True)
        for name, (kind, targets) in names:
            if kind == "Reference":
                found.setdefault(each.owner, {})[name] = list(targets)
    while _lead_on(found, definitions):
        pass
    return found


def _lead_on(found: Json, definitions: Json) -> bool:
    before = sum(len(fields) for fields in found.values())
    for owner, definition in definitions.items():
        for name, prop in definition.get("properties", {}).items():
            kind = type_of(prop)
            if kind in found and name not in (*_EVERYWHERE, *found.get(owner, ())):
                found.setdefault(owner, {})[name] = kind
    return sum(len(fields) for fields in found.values()) > before
