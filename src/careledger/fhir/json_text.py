"""JSON as received, read once and strictly.

What is sealed is the text, what is judged is its parsed form: so text that two
readers may take in two ways (a name twice, bytes that are not UTF-8, half of a
character) is refused.
"""

import json
from typing import Any, ClassVar, Final

import msgspec

from careledger.errors import CareLedgerError
from careledger.fhir import findings
from careledger.fhir.half_characters import half_character
from careledger.fhir.value_count import MAX_VALUES, has_at_most

MAX_RESOURCE: Final = 16 * 2**20
"""The largest resource in bytes; more belongs into an attachment."""


class BadText(CareLedgerError):
    """Text that is not one JSON object with one meaning.

    Attributes:
        fault: the code of the finding that says why.
        path: FHIRPath to it; empty: of the whole text, or not known.
    """

    code: ClassVar[str] = "fhir.bad-text"
    happened: ClassVar[str] = "The bytes cannot be read as one JSON object."
    to_do: ClassVar[str] = "Send UTF-8 JSON in which no object repeats a name."

    def __init__(self, fault: str, path: str = "") -> None:
        super().__init__(fault)
        self.fault, self.path = fault, path


_DECODER: Final = msgspec.json.Decoder()
_ENCODER: Final = msgspec.json.Encoder()


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that `raw` holds.

    Raises:
        BadText: not UTF-8, not JSON, not an object, too large, too many values,
            too deep, half a character, or a name twice in one object.
    """
    if len(raw) > MAX_RESOURCE:
        raise BadText(findings.TOO_LARGE)
    if not has_at_most(raw, MAX_VALUES):
        raise BadText(findings.TOO_MANY_VALUES)
    try:
        value = _DECODER.decode(raw)
    except UnicodeDecodeError:
        raise BadText(findings.WRONG_ENCODING) from None
    except RecursionError:
        raise BadText(findings.TOO_DEEP) from None
    except (msgspec.DecodeError, ValueError):
        raise _why_broken(raw) from None
    if not isinstance(value, dict):
        raise BadText(findings.NOT_A_RESOURCE)
    _check_names(raw, value)
    return value


def _why_broken(raw: bytes) -> BadText:
    try:
        raw.decode("utf-8")
        half = half_character(raw)
    except UnicodeDecodeError:
        return BadText(findings.WRONG_ENCODING)
    except RecursionError:
        return BadText(findings.TOO_DEEP)
    if half is not None:
        return BadText(findings.HALF_CHARACTER, half)
    other = raw[:1] == b"\xef" or is_wide(raw)  # b"\xef": of a byte order mark
    return BadText(findings.WRONG_ENCODING if other else findings.BROKEN_JSON)


def is_wide(raw: bytes) -> bool:
    """Tell UTF-16 and UTF-32 by their first characters; NULs alone are neither."""
    start = raw[:4]
    return b"\0" in start and start.strip(b"\0") != b""


def _check_names(raw: bytes, value: dict[str, Any]) -> None:
    """Refuse a name twice in one object.

    Parsed, all but one of the repeated names are gone, and a colon with each. So
    colons are counted, which is fast; the text is read again, slowly, only where
    the numbers differ or a colon hides in an escape.
    """
    encoded = _ENCODER.encode(value)
    if raw.count(b":") == encoded.count(b":") and b"\\u003" not in raw:
        return
    try:
        json.loads(raw, object_pairs_hook=_unique)
    except RecursionError:
        raise BadText(findings.TOO_DEEP) from None
    except ValueError:
        raise BadText(findings.BROKEN_JSON) from None


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise BadText(findings.REPEATED_NAME)
