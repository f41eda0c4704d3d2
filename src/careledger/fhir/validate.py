"""Judge one resource: every fault at once, with its path, and nothing it says.

    examined = examine(raw)
    for finding in examined.findings:
        print(finding.path, finding.code, finding.message)

The schema (see `schema`) does most of the work; what it cannot say is here: the
types of references, contained resources, and resources inside resources, each of
which is judged by its own type. Not checked: terminology beyond HL7's own
required value sets, profiles, and FHIRPath invariants.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

import msgspec

from careledger.fhir import findings, schema
from careledger.fhir.contained import contained_faults
from careledger.fhir.findings import Finding
from careledger.fhir.json_text import BadText, parse
from careledger.fhir.judge import judge, judge_first
from careledger.fhir.nesting import Json, nested
from careledger.fhir.paths import fhirpath
from careledger.fhir.references import (
    Reference,
    all_references_in,
    is_known_form,
    may_point_to,
    references_in,
    type_pointed_to,
)
from careledger.fhir.value_count import MOST_LISTED, has_at_most

_FOREIGN_NAMES: Final = (
    findings.NOT_A_RESOURCE,
    findings.UNKNOWN_ELEMENT,
    findings.UNKNOWN_TYPE,
)

_Judge = Callable[[str, Json], Iterator[Finding]]
"""Judges a resource, given its type, without the resources inside it."""


class Examined(msgspec.Struct, frozen=True):
    """A resource that was read and judged.

    Attributes:
        raw: the exact bytes, which are what is sealed.
        content: the parsed object; empty where the text could not be read.
        findings: every fault; none: the resource is valid.
        references: every reference, those in contained resources included.
    """

    raw: bytes
    content: Json
    findings: list[Finding]
    references: list[Reference]

    @property
    def type(self) -> str:
        """Return the resource type, or an empty text."""
        return _text(self.content, "resourceType")

    @property
    def id(self) -> str:
        """Return the id that the sender gave, or an empty text."""
        return _text(self.content, "id")


def examine(raw: bytes) -> Examined:
    """Read and judge one resource; faults are listed, never raised."""
    try:
        content = parse(raw)
        few = has_at_most(raw, MOST_LISTED)
        faults, found = _judge(content, judge if few else judge_first)
        # A path may only have names that FHIR defines, none of the sender's.
        if not any(each.code in _FOREIGN_NAMES for each in faults):
            found = _with_hidden(raw, content, found)
    except BadText as error:
        return Examined(raw, {}, [Finding(error.path, error.fault)], [])
    except RecursionError:
        return Examined(raw, {}, [Finding("", findings.TOO_DEEP)], [])
    kind = _text(content, "resourceType")
    for each in found:
        if fault := _fault_of(each):
            faults.append(Finding(fhirpath(kind, each.place), fault))
    return Examined(raw, content, _bounded(faults), found)


def _bounded(faults: list[Finding]) -> list[Finding]:
    if len(faults) <= findings.MOST_FINDINGS:
        return faults
    return [*faults[: findings.MOST_FINDINGS], Finding("", findings.TOO_MANY)]


def findings_of(raw: bytes) -> list[Finding]:
    """Return every fault of one resource (its exact bytes)."""
    return examine(raw).findings


def _text(content: Json, name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _judge(
    content: Json, judge: _Judge, *, contained: bool = False
) -> tuple[list[Finding], list[Reference]]:
    kind = content.get("resourceType")
    if not isinstance(kind, str):
        return [Finding("", findings.NOT_A_RESOURCE)], []
    if kind not in schema.resource_types():
        return [Finding("", findings.UNKNOWN_TYPE)], []
    faults = list(islice(judge(kind, content), findings.MOST_FINDINGS + 1))
    found = references_in(kind, content)
    for place, inner in nested(content):
        more, pointers = _judge(inner, judge, contained=place[0] == "contained")
        prefix = fhirpath(kind, place)
        inner_kind = _text(inner, "resourceType")
        faults += [_moved(prefix, inner_kind, fault) for fault in more]
        found += [
            Reference((*place, *each.place), each.text, each.targets)
            for each in pointers
        ]
    # A contained resource points to its siblings: judged with their container.
    if not contained:
        faults += contained_faults(kind, content, found)
    return faults, found


def _moved(prefix: str, kind: str, fault: Finding) -> Finding:
    path = prefix + fault.path.removeprefix(kind)
    return Finding(path, fault.code, fault.place)


def _fault_of(each: Reference) -> str:
    """Return the code of what is wrong with one reference, or an empty text."""
    if not is_known_form(each.text):
        return findings.BAD_REFERENCE
    kind = type_pointed_to(each.text)
    return findings.WRONG_TARGET if not may_point_to(each, kind) else ""


def _with_hidden(raw: bytes, content: Json, found: list[Reference]) -> list[Reference]:
    """Add the references in extensions.

    They are rare, and looking into every object is slow. So the text is asked how
    often it says "reference"; if that is explained, there are no others.
    """
    if raw.count(b'"reference"') == len(found) and b"\\u00" not in raw:
        return found
    known = {each.place for each in found}
    return found + [
        each for each in all_references_in(content) if each.place not in known
    ]
