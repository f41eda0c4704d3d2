"""A resource's title for a list on a screen; it is sealed, never logged."""

from typing import Any, Final

from careledger.fhir.nesting import Json

LONGEST: Final = 200
"""Characters that a manifest has room for."""

_CODED: Final = (
    "code",
    "vaccineCode",
    "medicationCodeableConcept",
    "type",
    "category",
    "class",
)
"""Elements that say what a resource is about, the most telling first."""


def title_of(resource: Json) -> str:
    """Return what a resource is about in its sender's words, or nothing.

    At most `LONGEST` characters, printable ones only.
    """
    for name in _CODED:
        if words := _words(resource.get(name)):
            return _fit(words)
    return ""


def _words(value: Any) -> str:
    """Return the text of a CodeableConcept or Coding, or of the first of several."""
    if isinstance(value, list):
        return _words(value[0]) if value else ""
    if not isinstance(value, dict):
        return ""
    for name in ("text", "display"):
        if isinstance(value.get(name), str) and value[name].strip():
            return str(value[name])
    return _words(value.get("coding"))


def _fit(words: str) -> str:
    shown = words
    if not words.isprintable():
        shown = "".join(each if each.isprintable() else " " for each in words)
    shown = shown.strip()
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
