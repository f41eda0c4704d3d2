"""The primitive types of FHIR R4, written so that a wrong value is refused.

HL7's own patterns let 2020-02-31 pass and do not bound an integer (a `pattern`
says nothing about a number). Source: https://hl7.org/fhir/R4/datatypes.html.
"""

from typing import Final

from tools.fhir_schema.sources import Json

_YEAR: Final = r"(?:[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])"
_LEAP: Final = (
    r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
)
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = (
    rf"(?:{_YEAR}-(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    rf"|{_YEAR}-(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    rf"|{_YEAR}-02-(?:0[1-9]|1\d|2[0-8])|{_LEAP}-02-29)"
)
_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
_ZONE: Final = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_PARTIAL: Final = rf"{_YEAR}(?:-{_MONTH})?|{_DAY}"


def _text(pattern: str) -> Json:
    return {"type": "string", "pattern": f"^(?:{_ascii(pattern)})$"}


def _ascii(pattern: str) -> str:
    # In a JSON schema \d may mean any digit of Unicode; FHIR means 0 to 9.
    return pattern.replace(r"\d", "[0-9]")


PRIMITIVES: Final[dict[str, Json]] = {
    "base64Binary": _text(r"(?:(?:\s*[0-9a-zA-Z+/=]){4})+\s*"),
    "boolean": {"type": "boolean"},
    "canonical": _text(r"\S+"),
    "code": _text(r"[^\s]+(?: [^\s]+)*"),
    "date": _text(_PARTIAL),
    "dateTime": _text(rf"{_PARTIAL}|{_DAY}T{_CLOCK}{_ZONE}"),
    "decimal": {"type": "number"},
    "id": _text(r"[A-Za-z0-9\-.]{1,64}"),
    "instant": _text(rf"{_DAY}T{_CLOCK}{_ZONE}"),
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "markdown": {"type": "string", "minLength": 1},
    "oid": _text(r"urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+"),
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "string": {"type": "string", "minLength": 1},
    "time": _text(_CLOCK),
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    "uri": _text(r"\S+"),
    "url": _text(r"\S+"),
    "uuid": _text(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "xhtml": {"type": "string", "minLength": 1},
}
"""Type name to JSON schema."""
