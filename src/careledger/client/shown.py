r"""Text that somebody else wrote, as it may be shown.

A terminal obeys control characters, and bidirectional ones turn a line around
(Trojan Source, CVE-2021-42574): both are shown as escapes, such as `\x1b`. The
two joiners stay, for Persian, Indic scripts and emoji are not written without.
Nothing is lost: what is stored, proven or exported as bytes is not touched.
"""

import json
import re
from typing import Final

_HIDDEN: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f"
    r"\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
"""Controls (Cc), formats (Cf), separators of lines, and halves of characters."""

_IN_TEXT: Final = re.compile(f"[{_HIDDEN}]")
_IN_LINE: Final = re.compile(rf"[{_HIDDEN}\t\r\n]")


def shown_line(text: str) -> str:
    """Return a text as one line, with everything that is hidden made visible."""
    return _IN_LINE.sub(_escape, text)


def shown_text(text: str) -> str:
    """Return a text of many lines; tabs and line breaks stay as they are."""
    return _IN_TEXT.sub(_escape, text)


def shown_json(text: str) -> str:
    """Return JSON on one line that means the same, with no hidden character in it.

    Only texts within it hold any, so that JSON's own escapes take their place.
    """
    return _IN_LINE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
