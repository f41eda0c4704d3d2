"""Finds thousands of forms at once, in one pass over the bytes.

Whatever is at least 15 bytes long covers, wherever it lies, at least one aligned
word of 8 bytes whole. So the words of a window are looked up in the set of all
words that a form can show; only forms of words that occur are then searched for.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tools.canaries.forms import Form, Marker, forms_of

_WORD: Final = 8


@dataclass(frozen=True)
class Hit:
    """A form that was found.

    Attributes:
        marker: its name.
        encoding: in which it was found.
        offset: where in the window.
    """

    marker: str
    encoding: str
    offset: int


class Search:
    """A search for markers in all their forms.

    Attributes:
        markers: how many markers.
        forms: how many forms.
        reach: bytes of the longest form.
    """

    def __init__(self, markers: Iterable[Marker]) -> None:
        """Prepare the search.

        Raises:
            ValueError: a marker is too short; it says which.
        """
        listed = list(markers)
        forms = [form for marker in listed for form in forms_of(marker)]
        self.markers, self.forms = len(listed), len(forms)
        self.reach = max(len(form.raw) for form in forms)
        self._by_word: dict[int, list[Form]] = defaultdict(list)
        for form in forms:
            for start in range(_WORD):
                self._by_word[_word(form.raw, start)].append(form)
        self._words = frozenset(self._by_word)

    def hits(self, window: bytes) -> list[Hit]:
        """Return what is in a window, each form at each place."""
        padded = window + bytes(-len(window) % _WORD)
        words = memoryview(padded).cast("Q")
        if self._words.isdisjoint(words):
            return []
        shown = {
            id(f): f for w in self._words.intersection(words) for f in self._by_word[w]
        }
        return [
            Hit(form.marker, form.encoding, offset)
            for form in shown.values()
            for offset in _places(window, form.raw)
        ]


def _word(raw: bytes, start: int) -> int:
    return int.from_bytes(raw[start : start + _WORD], sys.byteorder)


def _places(window: bytes, raw: bytes) -> Iterator[int]:
    at = window.find(raw)
    while at >= 0:
        yield at
        at = window.find(raw, at + 1)
