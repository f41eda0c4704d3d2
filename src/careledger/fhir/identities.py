"""The names by which a resource can be pointed to.

Its fullUrl, `Type/id`, and each identifier as the search that finds it:
`Practitioner?identifier=system|value`. The first two belong to one resource only.
"""

from typing import Generic, TypeVar
from urllib.parse import unquote

import msgspec

from careledger.fhir.nesting import Json, objects

T = TypeVar("T")


class Names(msgspec.Struct, frozen=True):
    """What one resource is called.

    Attributes:
        own: fullUrl and `Type/id`, as far as given: nobody else's.
        shared: searches by identifier, which may find several.
    """

    own: tuple[str, ...]
    shared: tuple[str, ...]


class Identities(Generic[T]):
    """Names to the things of one kind that bear them."""

    def __init__(self) -> None:
        self._own: dict[str, T] = {}
        self._shared: dict[str, list[T]] = {}

    def add(self, names: Names, thing: T) -> bool:
        """Learn the names of `thing`; tell whether its own names were free."""
        if any(name in self._own for name in names.own):
            return False
        for name in names.own:
            self._own[name] = thing
        for name in names.shared:
            self._shared.setdefault(name, []).append(thing)
        return True

    def find(self, text: str) -> T | None:
        """Return the one thing that `text` points to, or nothing.

        A search that finds several finds nothing: guessing is not resolving.
        """
        if text in self._own:
            return self._own[text]
        found = self._shared.get(_search(text), ())
        return found[0] if len(found) == 1 else None


def names_of(content: Json, full_url: str = "") -> Names:
    """Return the names of a resource, given its parsed form and its fullUrl."""
    kind, own_id = content.get("resourceType"), content.get("id")
    own = [full_url] if full_url else []
    if isinstance(own_id, str):
        own.append(f"{kind}/{own_id}")
    shared = []
    for _, identifier in objects(content, ("identifier",)):
        system, value = identifier.get("system", ""), identifier.get("value")
        if isinstance(value, str):
            shared += [
                f"{kind}?identifier={system}|{value}",
                f"{kind}?identifier={value}",
            ]
    return Names(tuple(own), tuple(shared))


def _search(text: str) -> str:
    """Return a search as the index writes it: nothing percent-encoded."""
    kind, mark, query = text.partition("?")
    return f"{kind}?{unquote(query)}" if mark else ""
