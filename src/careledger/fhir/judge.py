"""From the schema's complaints to findings."""

from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs

from careledger.fhir import findings, schema
from careledger.fhir.findings import Finding
from careledger.fhir.paths import choice_name, fhirpath

_CODES: Final[dict[str, str]] = {
    "const": findings.UNKNOWN_TYPE,
    "contains": findings.UNKNOWN_CODE,
    "enum": findings.UNKNOWN_CODE,
    "maximum": findings.OUT_OF_RANGE,
    "minItems": findings.EMPTY,
    "minLength": findings.EMPTY,
    "minProperties": findings.EMPTY,
    "minimum": findings.OUT_OF_RANGE,
    "pattern": findings.BAD_FORMAT,
    "type": findings.WRONG_TYPE,
}

Json = dict[str, Any]


def judge(resource_type: str, resource: Json) -> Iterator[Finding]:
    """Yield what the schema finds wrong with `resource`, each fault once."""
    validator = schema.validator(resource_type)
    if validator.is_valid(resource):
        return
    for error in validator.iter_errors(resource):
        yield from _translate(resource_type, resource, error)


def judge_first(resource_type: str, resource: Json) -> Iterator[Finding]:
    """Yield the first fault, and that others were not looked for.

    The schema's engine collects every fault before it names one, in 2 kB each.
    """
    try:
        schema.validator(resource_type).validate(resource)
    except jsonschema_rs.ValidationError as error:
        yield from _translate(resource_type, resource, error)
        yield Finding(resource_type, findings.FIRST_ONLY)


def _translate(
    resource_type: str, resource: Json, error: jsonschema_rs.ValidationError
) -> Iterator[Finding]:
    path = fhirpath(resource_type, error.instance_path)
    kind = error.kind.name
    if kind == "additionalProperties":
        yield from _unknown(path, resource, error)
    elif kind in _CODES:
        yield Finding(path, _CODES[kind])
    else:
        name = _named(kind, error)
        code = findings.SEVERAL_TYPES if kind == "oneOf" else findings.MISSING_ELEMENT
        yield Finding(f"{path}.{name}", code)


def _unknown(
    path: str, resource: Json, error: jsonschema_rs.ValidationError
) -> Iterator[Finding]:
    inside: Any = resource
    for step in error.instance_path:
        inside = inside[step]
    unexpected = frozenset(error.kind.as_dict()["unexpected"])
    for place, name in enumerate(inside, start=1):
        if name in unexpected:
            yield Finding(path, findings.UNKNOWN_ELEMENT, place)


def _named(kind: str, error: jsonschema_rs.ValidationError) -> str:
    """Return the element that a `required`, `anyOf` or `oneOf` is about."""
    if kind == "required":
        return str(error.kind.as_dict()["property"]).removeprefix("_")
    rule: Any = schema.definitions()
    _, owner, *rest = error.schema_path
    rule = rule[owner]
    for step in rest:
        rule = rule[step]
    while not isinstance(rule, dict) or "required" not in rule:
        rule = rule[0] if isinstance(rule, list) else rule["anyOf"]
    return choice_name(str(owner), rule["required"][0])
