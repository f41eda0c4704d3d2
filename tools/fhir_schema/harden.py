"""HL7's JSON schema made strict, before any knowledge of single elements.

As shipped it accepts a string where an object belongs, empty objects and empty
arrays, and knows no `null` in an array of primitives (which FHIR uses to keep
places: https://hl7.org/fhir/R4/json.html#primitive).
"""

from typing import Any, Final

from tools.fhir_schema.elements import type_of
from tools.fhir_schema.primitives import PRIMITIVES
from tools.fhir_schema.sources import Json

NULLABLE: Final = "-or-null"
"""Ends the name of a definition that also takes `null`."""

_ANY_RESOURCE: Final = {"type": "object", "required": ["resourceType"]}


def reference(name: str) -> Json:
    """Return a reference to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def harden(definitions: Json) -> Json:
    """Return every definition without texts, closed and never empty."""
    hard = {name: _complex(each) for name, each in definitions.items()}
    hard |= {name: dict(each) for name, each in PRIMITIVES.items()}
    for name, each in PRIMITIVES.items():
        hard[name + NULLABLE] = each | {"type": [each["type"], "null"]}
    hard["Element" + NULLABLE] = hard["Element"] | {"type": ["object", "null"]}
    # What stands inside is judged on its own, by its own type.
    hard["ResourceList"] = dict(_ANY_RESOURCE)
    return hard


def _complex(definition: Json) -> Json:
    properties = definition.get("properties", {})
    hard: Json = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {name: _property(each) for name, each in properties.items()},
        "allOf": [],
    }
    if "required" in definition:
        hard["required"] = sorted(definition["required"])
    for name in properties:
        if "_" + name in properties and properties[name].get("type") == "array":
            _keep_places(hard, name)
    return hard


def _property(prop: Json) -> Json:
    hard: Json = {name: each for name, each in prop.items() if name != "description"}
    if "items" in hard:
        hard["items"] = _property(hard["items"])
        hard["minItems"] = 1
    return hard


def _keep_places(hard: Json, name: str) -> None:
    """Let an array of primitives hold `null` where its twin holds an element."""
    for each in (name, "_" + name):
        items = hard["properties"][each]["items"]
        hard["properties"][each]["items"] = _or_null(items)
    holds_null: Any = {"properties": {name: {"contains": {"type": "null"}}}}
    hard["allOf"].append(
        {
            "if": holds_null | {"required": [name]},
            "then": {"required": ["_" + name]},
        }
    )


def _or_null(items: Json) -> Json:
    if "enum" in items:
        return {"enum": [*items["enum"], None]}
    return reference(type_of(items) + NULLABLE)
