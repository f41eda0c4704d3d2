"""Security labels: what must not go into the first record that comes to hand.

A record is one care context. A resource labelled restricted, or as about mental
health, addiction, HIV and such, is only imported into a context that the user
named for it. Labels are themselves sensitive: they are sealed with the resource
and never logged. A label of an unknown system counts as sensitive, for nobody
here can say that it is not.

Source: https://hl7.org/fhir/R4/security-labels.html, HL7 DS4P.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from careledger.fhir.nesting import Json, nested, objects
from careledger.fhir.schema import sensitivity_codes

_CONFIDENTIALITY: Final = (
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "http://hl7.org/fhir/v3/Confidentiality",
    "urn:oid:2.16.840.1.113883.5.25",
)
_ACT_CODES: Final = (
    "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "http://hl7.org/fhir/v3/ActCode",
    "urn:oid:2.16.840.1.113883.5.4",
)
_HARMLESS_SYSTEMS: Final = (
    "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
)
"""Systems of labels that say what a resource is for, or how good it is."""
_NOT_RESTRICTED: Final = ("U", "L", "M", "N")


class Label(msgspec.Struct, frozen=True):
    """One security label, as received.

    Attributes:
        system: the code system; empty: none was given.
        code: such as `R` or `PSY`; empty: none was given.
    """

    system: str
    code: str


def sensitive_labels(resource: Json) -> list[Label]:
    """Return the labels for which the user must name a target context.

    Those of contained resources, and of resources in a bundle, count too.
    """
    return [label for label in _labels(resource) if is_sensitive(label)]


def is_sensitive(label: Label) -> bool:
    """Tell whether a resource with this label needs a context of its own."""
    if label.system in _CONFIDENTIALITY:
        return label.code not in _NOT_RESTRICTED
    if label.system in _ACT_CODES:
        return label.code in sensitivity_codes()
    return label.system not in _HARMLESS_SYSTEMS


def _labels(resource: Json) -> Iterator[Label]:
    meta = resource.get("meta")
    if isinstance(meta, dict):
        for _, each in objects(meta, ("security",)):
            yield Label(_text(each.get("system")), _text(each.get("code")))
    for _, inner in nested(resource):
        yield from _labels(inner)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
