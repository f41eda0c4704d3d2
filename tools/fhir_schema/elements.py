"""The elements of each definition, as the structure definitions state them.

A structure definition names elements by path (`Observation.component.code`), the
JSON schema by definition and property (`Observation_Component`, `code`): here
the first is translated to the second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tools.fhir_schema.sources import Json

_PROFILE: Final = "http://hl7.org/fhir/StructureDefinition/"


@dataclass(frozen=True)
class Element:
    """One element of one definition of the JSON schema.

    Attributes:
        owner: the definition, such as `Observation_Component`.
        name: the element without `[x]`.
        types: type name to allowed reference targets (none: any).
        choice: `value[x]`.
        required: at least one.
        value_set: the required binding, without version; empty: none.
    """

    owner: str
    name: str
    types: dict[str, tuple[str, ...]]
    choice: bool
    required: bool
    value_set: str

    def properties(self) -> tuple[str, ...]:
        """Return the JSON names under which the element may appear."""
        if not self.choice:
            return (self.name,)
        return tuple(self.name + kind[0].upper() + kind[1:] for kind in self.types)


def elements(structure: Json, definitions: Json) -> Iterator[Element]:
    """Yield the elements of `structure` that the schema knows."""
    for raw in structure["snapshot"]["element"]:
        *parents, name = raw["path"].split(".")
        owner = _owner(parents, definitions) if parents else ""
        if owner and "type" in raw:
            yield _element(owner, name, raw)


def _element(owner: str, name: str, raw: Json) -> Element:
    binding = raw.get("binding", {})
    required = binding.get("strength") == "required"
    return Element(
        owner,
        name.removesuffix("[x]"),
        {kind["code"]: _targets(kind) for kind in raw["type"]},
        name.endswith("[x]"),
        raw["min"] > 0,
        binding.get("valueSet", "").split("|")[0] if required else "",
    )


def _targets(kind: Json) -> tuple[str, ...]:
    found = [each.removeprefix(_PROFILE) for each in kind.get("targetProfile", [])]
    return () if "Resource" in found else tuple(sorted(found))


def _owner(parents: list[str], definitions: Json) -> str:
    name, *rest = parents
    for each in rest:
        properties = definitions.get(name, {}).get("properties", {})
        name = type_of(properties.get(each, {}))
    return name if "properties" in definitions.get(name, {}) else ""


def type_of(prop: Any) -> str:
    """Return the definition that a property refers to, or an empty name."""
    reference: str = prop.get("items", prop).get("$ref", "")
    return reference.removeprefix("#/definitions/")
