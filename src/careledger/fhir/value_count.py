"""How many values a JSON text has, before any of them takes memory.

A parsed value takes up to eighty times the room of its text, and a fault of one a
thousand times. So values are counted in the text.
"""

import re
from itertools import islice
from typing import Final

MAX_VALUES: Final = 500_000
"""The most values of one resource."""

MOST_LISTED: Final = 20_000
"""With more values, only the first fault of a resource is looked for."""

# A text without an end counts as one, so that nothing is looked at twice.
_MARK: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|([,{\[])', re.DOTALL)


def has_at_most(raw: bytes, most: int) -> bool:
    """Tell whether `raw` has so few values: commas, and brackets that open.

    `[1,{"a":2}]` has three. Punctuation in texts does not count.
    """
    if len(raw) <= most or sum(map(raw.count, (b",", b"{", b"["))) <= most:
        return True
    marks = (found for found in _MARK.finditer(raw) if found[1])
    return next(islice(marks, most, None), None) is None
