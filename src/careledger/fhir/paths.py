"""From a place in JSON to FHIRPath: https://hl7.org/fhirpath/N1/."""

from collections.abc import Sequence

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
