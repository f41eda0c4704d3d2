"""From a place in JSON to FHIRPath: https://hl7.org/fhirpath/N1/."""

from collections.abc import Sequence
from typing import Any

from careledger.fhir import schema


def fhirpath(resource_type: str, place: Sequence[str | int]) -> str:
    """Return FHIRPath for the JSON keys and indexes in `place`.

    `valueQuantity` becomes `value.ofType(Quantity)`, `_status` (which holds the
    extensions of `status`) becomes `status`. Every name in `place` but the last
    is one that FHIR defines.
    """
    path, owner = resource_type, resource_type
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += "." + element_name(owner, step)
            owner = schema.definition_of(owner, step)
    return path


def known_path(content: dict[str, Any], place: Sequence[str | int]) -> str:
    """Return FHIRPath for `place` in an unjudged resource.

    It ends before the first name that FHIR does not define there: names of the
    sender's own are not repeated. Resources inside are followed by their own type.
    """
    owner = path = _type_of(content)
    inside: Any = content
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step in schema.definitions().get(owner, {}).get("properties", {}):
            path += "." + element_name(owner, step)
            owner = schema.definition_of(owner, step)
        else:
            break
        inside = inside[step]
        owner = _type_of(inside) or owner
    return path


def _type_of(value: Any) -> str:
    """Return the resource type that a value says it has; empty: none of R4."""
    kind = value.get("resourceType") if isinstance(value, dict) else None
    known = isinstance(kind, str) and kind in schema.resource_types()
    return str(kind) if known else ""


def element_name(owner: str, name: str) -> str:
    """Return the FHIRPath step for one JSON name of the definition `owner`."""
    plain = name.removeprefix("_")
    if plain in schema.choices().get(owner, {}):
        element, kind = schema.choices()[owner][plain]
        return f"{element}.ofType({kind})"
    return plain


def choice_name(owner: str, name: str) -> str:
    """Return the element that the JSON name stands for, without its type."""
    return schema.choices().get(owner, {}).get(name, [name])[0]
