"""What is wrong with a resource: where, which rule, in words.

A finding never repeats what the resource says, not even the name of an unknown
element: findings are shown, counted and logged. `path` is FHIRPath, built from
names that FHIR defines and from positions.
"""

from typing import Final

import msgspec

BROKEN_JSON: Final = "fhir.broken-json"
WRONG_ENCODING: Final = "fhir.wrong-encoding"
HALF_CHARACTER: Final = "fhir.half-character"
REPEATED_NAME: Final = "fhir.repeated-name"
TOO_DEEP: Final = "fhir.too-deep"
TOO_LARGE: Final = "fhir.too-large"
TOO_MANY_VALUES: Final = "fhir.too-many-values"
NOT_A_RESOURCE: Final = "fhir.not-a-resource"
UNKNOWN_TYPE: Final = "fhir.unknown-type"
UNKNOWN_ELEMENT: Final = "fhir.unknown-element"
MISSING_ELEMENT: Final = "fhir.missing-element"
SEVERAL_TYPES: Final = "fhir.several-types"
WRONG_TYPE: Final = "fhir.wrong-type"
BAD_FORMAT: Final = "fhir.bad-format"
UNKNOWN_CODE: Final = "fhir.unknown-code"
EMPTY: Final = "fhir.empty"
OUT_OF_RANGE: Final = "fhir.out-of-range"
BAD_REFERENCE: Final = "fhir.bad-reference"
WRONG_TARGET: Final = "fhir.wrong-target"
NOT_CONTAINED: Final = "fhir.not-contained"
NESTED_CONTAINED: Final = "fhir.nested-contained"
REPEATED_ID: Final = "fhir.repeated-id"
TOO_MANY: Final = "fhir.too-many-findings"
FIRST_ONLY: Final = "fhir.first-finding-only"
UNRESOLVED: Final = "fhir.unresolved-reference"

MOST_FINDINGS: Final = 1000
"""Faults that are listed for one resource; a hostile one could have millions."""

MESSAGES: Final[dict[str, str]] = {
    BROKEN_JSON: "This is not well-formed JSON.",
    WRONG_ENCODING: "The bytes are not UTF-8.",
    HALF_CHARACTER: "An escape such as \\ud800 is only half of a character.",
    REPEATED_NAME: "An object has the same name twice, so its meaning is open.",
    TOO_DEEP: "Objects are nested deeper than any resource needs.",
    TOO_LARGE: "This is larger than a resource may be; attach the content instead.",
    TOO_MANY_VALUES: "There are more than 500,000 values; make several resources.",
    NOT_A_RESOURCE: "This is no FHIR resource: it has no resourceType.",
    UNKNOWN_TYPE: "FHIR R4 has no resource type of this name.",
    UNKNOWN_ELEMENT: "FHIR R4 has no element of this name here.",
    MISSING_ELEMENT: "A required element is missing.",
    SEVERAL_TYPES: "Only one type may be given here, and there are several.",
    WRONG_TYPE: "The JSON type is not the one that this element has.",
    BAD_FORMAT: "The text does not have the form that this element requires.",
    UNKNOWN_CODE: "The code is not in the value set that this element requires.",
    EMPTY: "FHIR does not allow this to be empty.",
    OUT_OF_RANGE: "The number is outside the range of this element.",
    BAD_REFERENCE: "The reference has none of the forms that FHIR knows.",
    WRONG_TARGET: "The reference points to a type that is not allowed here.",
    NOT_CONTAINED: "The reference names a contained resource that is not there.",
    NESTED_CONTAINED: "A contained resource may not contain another.",
    REPEATED_ID: "Two resources have the same identity.",
    TOO_MANY: "There are more faults than are listed here.",
    FIRST_ONLY: "With so many values only the first fault is listed.",
    UNRESOLVED: "The reference points to nothing that is known here.",
}
"""Code to text. Codes are permanent."""


class Finding(msgspec.Struct, frozen=True):
    """One fault.

    Attributes:
        path: FHIRPath from the resource type on, such as `Patient.name[0].use`.
        code: permanent; a key of `MESSAGES`.
        place: for an unknown element, its place (1, 2, …) in its object; else 0.
    """

    path: str
    code: str
    place: int = 0

    @property
    def message(self) -> str:
        """Return the fault in words."""
        where = f" (element {self.place} of the object)" if self.place else ""
        return MESSAGES[self.code] + where
