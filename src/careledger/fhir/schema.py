"""The rules of FHIR R4, as data: HL7's schema made strict, and two tables.

`r4.schema.json` and `r4.tables.json` are written by `python -m tools.fhir_schema`
and never by hand. Each resource type gets a validator of its own, made when the
first resource of that type arrives (a few milliseconds).
"""

from functools import cache
from importlib.resources import files
from typing import Any, Final

import jsonschema_rs
import msgspec

Json = dict[str, Any]

_PREFIX: Final = "#/definitions/"


@cache
def definitions() -> Json:
    """Return every definition of the schema, by name."""
    return _load("r4.schema.json")


@cache
def choices() -> dict[str, dict[str, list[str]]]:
    """Return {definition: {JSON name: [element, type]}} for `value[x]` and such."""
    return _load("r4.tables.json")["choices"]  # type: ignore[no-any-return]


@cache
def reference_table() -> dict[str, dict[str, tuple[str, ...] | str]]:
    """Return {definition: {JSON name: allowed targets, or where to look on}}."""
    table: dict[str, dict[str, list[str] | str]]
    table = _load("r4.tables.json")["references"]
    return {
        owner: {
            name: leads if isinstance(leads, str) else tuple(leads)
            for name, leads in fields.items()
        }
        for owner, fields in table.items()
    }


@cache
def sensitivity_codes() -> frozenset[str]:
    """Return HL7's codes (v3 ActCode) for sensitive information, such as `PSY`."""
    return frozenset(_load("r4.tables.json")["sensitivity"])


@cache
def resource_types() -> frozenset[str]:
    """Return the names of the resource types of R4."""
    return frozenset(
        name
        for name, each in definitions().items()
        if "const" in each.get("properties", {}).get("resourceType", {})
    )


@cache
def validator(resource_type: str) -> jsonschema_rs.Draft7Validator:
    """Return the validator of one resource type (one of `resource_types`)."""
    needed = {name: definitions()[name] for name in _reachable(resource_type)}
    schema = {"$ref": _PREFIX + resource_type, "definitions": needed}
    # Not the default engine: this one cannot be made slow by its input.
    linear = jsonschema_rs.RegexOptions()
    return jsonschema_rs.Draft7Validator(schema, pattern_options=linear)


def definition_of(owner: str, name: str) -> str:
    """Return the definition of a property; empty where there is none."""
    prop = definitions().get(owner, {}).get("properties", {}).get(name, {})
    found: str = prop.get("items", prop).get("$ref", "")
    return found.removeprefix(_PREFIX)


def _load(name: str) -> Json:
    raw = files("careledger.fhir").joinpath(name).read_bytes()
    found: Json = msgspec.json.decode(raw)
    return found


def _reachable(name: str) -> list[str]:
    waiting, found = [name], {name: None}
    while waiting:
        for each in _mentioned(definitions()[waiting.pop()]):
            if each not in found:
                found[each] = None
                waiting.append(each)
    return list(found)


def _mentioned(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for each in schema for name in _mentioned(each)]
    if not isinstance(schema, dict):
        return []
    here = schema.get("$ref")
    inside = [name for each in schema.values() for name in _mentioned(each)]
    return [*inside, here.removeprefix(_PREFIX)] if isinstance(here, str) else inside
