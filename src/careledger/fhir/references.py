"""Where a resource points: found, classed, checked against the allowed types.

Forms (https://hl7.org/fhir/R4/references.html): `#id` (contained), `urn:uuid:…`
(same bundle), `Type/id`, an address, and in transactions `Type?search`.
"""

import re
from typing import Any, Final

import msgspec

from careledger.fhir import schema
from careledger.fhir.nesting import Json, Place

_ID: Final = r"[A-Za-z0-9\-.]{1,64}"
_TYPED: Final = re.compile(rf"(?:.*/)?([A-Z][A-Za-z]+)/{_ID}(?:/_history/{_ID})?")
_CONDITIONAL: Final = re.compile(r"([A-Z][A-Za-z]+)\?[^?#\s]+")
_PLAIN: Final = ("urn:uuid:", "#")
_OTHER: Final = re.compile(r"#[^\s]*|urn:(?:uuid|oid):\S+|[a-z][a-z0-9+.\-]*:\S+")


class Reference(msgspec.Struct, frozen=True, gc=False):
    """One reference of a resource.

    Attributes:
        place: JSON names and indexes down to the Reference object.
        text: as received, such as `urn:uuid:…` or `Practitioner/7`.
        targets: the types it may point to; none: any type.
    """

    place: Place
    text: str
    targets: tuple[str, ...] = ()


def type_pointed_to(text: str) -> str:
    """Return the resource type that a reference names; empty: it names none."""
    if text.startswith(_PLAIN):
        return ""
    found = _CONDITIONAL.fullmatch(text) or _TYPED.fullmatch(text)
    name = found[1] if found else ""
    return name if name in schema.resource_types() else ""


def may_point_to(reference: Reference, kind: str) -> bool:
    """Tell whether a resource of type `kind` (empty: unknown) is allowed here."""
    return not kind or not reference.targets or kind in reference.targets


def is_known_form(text: str) -> bool:
    """Tell whether FHIR knows a reference of this form."""
    return bool(type_pointed_to(text) or _OTHER.fullmatch(text))


def is_conditional(text: str) -> bool:
    """Tell whether the reference is a search, to be answered with one resource."""
    return _CONDITIONAL.fullmatch(text) is not None


def references_in(resource_type: str, resource: Json) -> list[Reference]:
    """Return the references that FHIR defines in a resource, extensions apart."""
    found: list[Reference] = []
    _walk(resource_type, resource, (), found)
    return found


def _walk(owner: str, holder: Json, place: Place, found: list[Reference]) -> None:
    fields = schema.reference_table().get(owner, {})
    for name, value in holder.items():
        leads = fields.get(name)
        if leads is None:
            continue
        if isinstance(value, dict):
            _visit(leads, value, (*place, name), found)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, dict):
                    _visit(leads, each, (*place, name, index), found)


def _visit(
    leads: str | tuple[str, ...], value: Json, place: Place, found: list[Reference]
) -> None:
    """Follow one object: to a definition, or to the targets of a Reference."""
    if isinstance(leads, str):
        _walk(leads, value, place, found)
        return
    text = value.get("reference")
    if isinstance(text, str):
        found.append(Reference(place, text, leads))


def all_references_in(resource: Json) -> list[Reference]:
    """Return every reference, extensions included, whatever its allowed types."""
    found: list[Reference] = []
    waiting: list[tuple[Place, Any]] = [((), resource)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, list):
            waiting += [((*place, index), each) for index, each in enumerate(value)]
        elif isinstance(value, dict):
            waiting += [((*place, name), each) for name, each in value.items()]
            if isinstance(value.get("reference"), str):
                found.append(Reference(place, value["reference"]))
    return found
