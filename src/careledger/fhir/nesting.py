"""Whole resources inside a resource: contained, in bundles, in parameters."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Place = tuple[str | int, ...]
"""JSON names and indexes from a resource down."""


def nested(resource: Json) -> Iterator[tuple[Place, Json]]:
    """Yield each resource directly inside `resource` and its place."""
    yield from objects(resource, ("contained",))
    match resource.get("resourceType"):
        case "Bundle":
            for place, entry in objects(resource, ("entry",)):
                yield from _below(place, entry, "resource")
                for deeper, response in _below(place, entry, "response"):
                    yield from _below(deeper, response, "outcome")
        case "Parameters":
            yield from _parameters(resource, (), "parameter")


def objects(holder: Json, place: Place) -> Iterator[tuple[Place, Json]]:
    """Yield the objects in the array at the last step of `place`."""
    found = holder.get(str(place[-1]), ())
    for index, each in enumerate(found if isinstance(found, list) else ()):
        if isinstance(each, dict):
            yield (*place, index), each


def _below(place: Place, holder: Json, name: str) -> Iterator[tuple[Place, Json]]:
    found = holder.get(name)
    if isinstance(found, dict):
        yield (*place, name), found


def _parameters(holder: Json, place: Place, name: str) -> Iterator[tuple[Place, Json]]:
    for deeper, parameter in objects(holder, (*place, name)):
        yield from _below(deeper, parameter, "resource")
        yield from _parameters(parameter, deeper, "part")
