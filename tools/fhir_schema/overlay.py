"""What the structure definitions demand and HL7's JSON schema leaves out.

Required primitives (the schema cannot say "this or its `_` twin"), one type only
for a choice such as `value[x]`, and the codes of required bindings.
"""

from typing import Final

from tools.fhir_schema.codes import Codes, ValueSets
from tools.fhir_schema.elements import Element
from tools.fhir_schema.harden import NULLABLE, reference
from tools.fhir_schema.primitives import PRIMITIVES
from tools.fhir_schema.sources import Json

_MOST_CODES: Final = 1000
"""A longer list is left to a terminology server."""


def overlay(element: Element, definitions: Json, value_sets: ValueSets) -> None:
    """Add to `definitions` what is known about `element`."""
    owner = definitions[element.owner]
    if element.choice:
        _type_the_choice(element, owner)
    if element.required:
        _require(element, owner)
    if element.value_set and not element.choice:
        _bind(element, definitions, value_sets)


def one_type_only(element: Element, owner: Json) -> None:
    """Add the rule that a choice has one type; once all requirements are known."""
    names = [name for name in element.properties() if name in owner["properties"]]
    if not names:
        return
    options: list[Json] = [{"anyOf": _present([name], owner)} for name in names]
    options.append({"not": {"anyOf": _present(names, owner)}})
    # An object too small to hold two of them need not be looked at.
    needed = len(owner.get("required", ())) + _required_primitives(owner)
    two = 1 if element.required else 2
    owner["allOf"].append(
        {"if": {"minProperties": needed + two}, "then": {"oneOf": options}}
    )


def _required_primitives(owner: Json) -> int:
    return sum("anyOf" in rule for rule in owner["allOf"])


def _present(names: list[str], owner: Json) -> list[Json]:
    twins = [name for each in names for name in (each, "_" + each)]
    return [{"required": [name]} for name in twins if name in owner["properties"]]


def _type_the_choice(element: Element, owner: Json) -> None:
    for name, kind in zip(element.properties(), element.types, strict=True):
        if kind in PRIMITIVES and name in owner["properties"]:
            owner["properties"][name] = reference(kind)


def _require(element: Element, owner: Json) -> None:
    names = [name for name in element.properties() if name in owner["properties"]]
    if not names or names[0] in owner.get("required", ()):
        return
    choices = _present(names, owner)
    if len(choices) == 1:
        owner["required"] = sorted([*owner.get("required", ()), *names])
    else:
        owner["allOf"].append({"anyOf": choices})


def _bind(element: Element, definitions: Json, value_sets: ValueSets) -> None:
    prop = definitions[element.owner]["properties"].get(element.name)
    codes = value_sets.expand(element.value_set)
    if prop is None or not 0 < len(codes) <= _MOST_CODES:
        return
    name = "codes:" + element.value_set.rsplit("/", 1)[1]
    items = prop.get("items", prop)
    if "code" in element.types:
        definitions[name] = {"enum": sorted({code for _, code in codes})}
        definitions[name + NULLABLE] = {"enum": [*definitions[name]["enum"], None]}
        null = None in items.get("enum", ()) or NULLABLE in items.get("$ref", "")
        replaced = reference(name + NULLABLE if null else name)
    else:
        definitions[name] = _one_coding(codes)
        replaced = {"allOf": [reference("CodeableConcept"), reference(name)]}
    items.clear()
    items.update(replaced)


def _one_coding(codes: Codes) -> Json:
    by_system: dict[str, list[str]] = {}
    for system, code in codes:
        by_system.setdefault(system, []).append(code)
    known = [
        {
            "required": ["system", "code"],
            "properties": {"system": {"const": system}, "code": {"enum": found}},
        }
        for system, found in by_system.items()
    ]
    return {
        "required": ["coding"],
        "properties": {"coding": {"contains": {"anyOf": known}}},
    }
