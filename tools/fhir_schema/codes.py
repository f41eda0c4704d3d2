"""The codes of a required value set, expanded from HL7's own code systems."""

from pathlib import Path
from typing import Final

from tools.fhir_schema.sources import Json, resources

ACT_CODES: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
"""HL7's code system that holds, among much else, the sensitivity labels."""

_SENSITIVITY: Final = "_InformationSensitivityPolicy"
_FILES: Final = ("valuesets.json", "v3-codesystems.json", "v2-tables.json")

Codes = tuple[tuple[str, str], ...]
"""Pairs of (code system, code)."""


class ValueSets:
    """HL7's value sets, by address."""

    def __init__(self, folder: Path) -> None:
        self._found = {
            (each["resourceType"], each.get("url", "")): each
            for each in resources(folder, *_FILES)
        }

    def expand(self, url: str) -> Codes:
        """Return every code of a value set; none if HL7 does not list them.

        Left out on purpose: sets over systems that HL7 does not own (media
        types, units, currencies), whose codes are not in these files.
        """
        compose = self._found.get(("ValueSet", url), {}).get("compose", {})
        found: list[tuple[str, str]] = []
        for include in compose.get("include", []):
            codes = self._included(include)
            if not codes:
                return ()
            found.extend(codes)
        return tuple(sorted(set(found))) if "exclude" not in compose else ()

    def sensitivity_codes(self) -> list[str]:
        """Return the codes that mark a resource as sensitive, such as `PSY`."""
        for each in _flatten(self._found["CodeSystem", ACT_CODES]["concept"]):
            if each["code"] == _SENSITIVITY:
                codes = [inner["code"] for inner in _flatten(each["concept"])]
                return sorted(code for code in codes if not code.startswith("_"))
        raise LookupError(_SENSITIVITY)

    def _included(self, include: Json) -> list[tuple[str, str]]:
        if "filter" in include or "valueSet" in include:
            return []
        system = include["system"]
        concepts = include.get("concept")
        if concepts is None:
            known = self._found.get(("CodeSystem", system), {})
            concepts = _flatten(known.get("concept", []))
        return [(system, each["code"]) for each in concepts]


def _flatten(concepts: list[Json]) -> list[Json]:
    found = []
    for each in concepts:
        found += [each, *_flatten(each.get("concept", []))]
    return found
