r"""Half characters: an escape such as `\ud800` without its other half.

JSON's grammar lets it pass, Unicode does not: it has no UTF-8, so whoever reads the
text could neither show nor write it. Such text is refused; here is looked up where
it stands, so that its author finds it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from careledger.fhir.nesting import Json, Place
from careledger.fhir.paths import known_path
from careledger.fhir.value_count import MAX_VALUES, has_at_most

_HALF: Final = re.compile("[\ud800-\udfff]")
_HALF_ESCAPED: Final = re.compile(rb"\\u[dD][89abAB]|\\u[dD][c-fC-F]")


def half_character(raw: bytes) -> str | None:
    """Return the FHIRPath of the first half character; none: there is none to name.

    Only the JSON value with which `raw` begins is looked at; one that is broken in
    another way, or has more values than a resource may, has none. A name is not
    shown: its path is that of its object.

    Raises:
        RecursionError: nested too deep to look.
    """
    if not _HALF_ESCAPED.search(raw) or not has_at_most(raw, MAX_VALUES):
        return None
    text = raw.decode("utf-8", errors="ignore").lstrip()
    try:
        content, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    place = next(_halves(content), None)
    if place is None:
        return None
    return known_path(content, place) if isinstance(content, dict) else ""


def _halves(content: Any) -> Iterator[Place]:
    """Yield the places of half characters, in the order of the text."""
    waiting: list[tuple[Place, Any]] = [((), content)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str) and _HALF.search(value):
            yield place
        elif isinstance(value, list):
            below = [((*place, index), each) for index, each in enumerate(value)]
            waiting += reversed(below)
        elif isinstance(value, dict):
            if any(map(_HALF.search, value)):
                yield place
            waiting += reversed(_members(place, value))


def _members(place: Place, value: Json) -> list[tuple[Place, Any]]:
    return [((*place, name), each) for name, each in value.items()]
