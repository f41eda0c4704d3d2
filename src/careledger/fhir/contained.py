"""Contained resources: each has an id of its own, and every `#id` is there.

Source: https://hl7.org/fhir/R4/references.html#contained.
"""

from typing import Final

from careledger.fhir import findings
from careledger.fhir.findings import Finding
from careledger.fhir.nesting import Json, objects
from careledger.fhir.paths import fhirpath
from careledger.fhir.references import Reference

_CONTAINER: Final = "#"
"""A contained resource names its container so."""


def contained_faults(
    kind: str, resource: Json, references: list[Reference]
) -> list[Finding]:
    """Return what is wrong with the contained resources of `resource`.

    Args:
        kind: the type of `resource`.
        resource: the container.
        references: those of `resource` and of what it contains.
    """
    faults, known = [], {_CONTAINER}
    for place, inner in objects(resource, ("contained",)):
        path, name = fhirpath(kind, place), inner.get("id")
        if not isinstance(name, str):
            faults.append(Finding(path + ".id", findings.MISSING_ELEMENT))
        elif "#" + name in known:
            faults.append(Finding(path + ".id", findings.REPEATED_ID))
        else:
            known.add("#" + name)
        if "contained" in inner:
            faults.append(Finding(path + ".contained", findings.NESTED_CONTAINED))
    for each in references:
        if each.text.startswith("#") and each.text not in known:
            path = fhirpath(kind, each.place)
            faults.append(Finding(path, findings.NOT_CONTAINED))
    return faults
