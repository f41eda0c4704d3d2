"""Cut a Bundle into its entries: exact bytes, bounded memory, any size.

A window slides over the file. In it the end of an entry is guessed, by the name
with which the next one begins, and a parser must accept all before the guess as
complete entries. A wrong guess (inside a text, inside an entry) is never
accepted, for a quote or a bracket would stay open: so guessing is fast and never
wrong. The parser hands back the bytes of each resource as they stand.

Where nothing is accepted, the first entry in the window is broken or too large:
it is named, and cutting goes on where the next one seems to begin. Each costs a
few passes over the window: after `MOST_BROKEN` the rest of the file is one fault.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

import msgspec

from careledger.fhir import findings
from careledger.fhir.entries import cut_entry
from careledger.fhir.half_characters import half_character
from careledger.fhir.json_text import MAX_RESOURCE, BadText, parse
from careledger.fhir.pieces import MAX_HELD, NotABundle, Piece, WrongBundleType
from careledger.fhir.window import Window

TYPES: Final = ("transaction", "batch", "collection", "searchset")
"""The types of Bundle that are taken apart."""

MOST_BROKEN: Final = 100
"""Broken entries of one file that are named one by one."""

_TRIES: Final = 4
"""Guesses that are tried; each costs a pass over what is held."""
_NEAR_END: Final = 2**16
_TRUNCATED: Final = "Input data was truncated"
"""How the parser says that a text is well-formed so far (pinned by a test)."""
_FAULT: Final = re.compile(r"\(byte ([0-9]+)\)$")
"""How it says where a text is no JSON any more (pinned by a test)."""
_TRAILING: Final = re.compile(
    r"JSON is malformed: trailing characters \(byte ([0-9]+)\)"
)
"""How it says where a whole text ended and another began (pinned by a test)."""
_ENTRIES: Final = re.compile(rb'"entry"\s*:\s*\[')
_LIKELY: Final = re.compile(
    rb'\}(\s*,)\s*(?=\{\s*"(?:fullUrl|resource|request|response|search|link)"\s*:)'
)
_POSSIBLE: Final = re.compile(rb"\}(\s*,)\s*(?=\{)")
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_BAD: Final = (msgspec.DecodeError, RecursionError)


def cut_bundle(stream: BinaryIO) -> Iterator[Piece]:
    """Yield every entry of the Bundle in `stream`, in order.

    Raises:
        NotABundle: the file is no Bundle, or does not end as one; what was
            readable has been yielded by then.
        WrongBundleType: a document, message or history.
    """
    yield from cut_window(Window(stream))


def cut_window(window: Window) -> Iterator[Piece]:
    """Do as `cut_bundle` does, with a window that stands at the file's start."""
    head, number, broken = _open(window), 0, 0
    while head:
        raws = _take(window)
        end = 0 if raws else _array_end(window.held)
        if end:
            raws = _RAWS.decode(b"[" + window.held[:end])
        for raw in raws:
            number += 1
            yield cut_entry(number, bytes(raw))
        if end:
            _close(head + b"[]" + window.held[end:])
            return
        if not raws:
            number, broken = number + 1, broken + 1
            yield Piece(number, fault=_why(window, broken))
            if broken > MOST_BROKEN or not _skip(window):
                return


def _open(window: Window) -> bytes:
    """Move to the first entry; return what stands before it, up to the colon."""
    while True:
        for found in islice(_ENTRIES.finditer(window.held), _TRIES):
            head = window.held[: found.end() - 1]
            if _outer(head + b"[]}") is not None:
                window.drop(found.end())
                return head
        if window.ended or len(window.held) > MAX_RESOURCE:
            _close(window.held)
            return b""
        window.grow()


def _outer(text: bytes) -> dict[str, Any] | None:
    """Return the Bundle around the entries, as far as it is known."""
    try:
        outer = parse(text)
    except BadText:
        return None
    if outer.get("resourceType", "Bundle") != "Bundle":
        raise NotABundle
    if outer.get("type", TYPES[0]) not in TYPES:
        raise WrongBundleType
    return outer


def _close(text: bytes) -> None:
    """Check the Bundle without its entries, now that all of it is known."""
    outer = _outer(text)
    if outer is None or not {"resourceType", "type"} <= outer.keys():
        raise NotABundle


def _take(window: Window) -> list[msgspec.Raw]:
    """Move past some entries and return them; none: the first is not whole."""
    while True:
        for guess in _guesses(window.held):
            raws = _accept(window.held[: guess.start() + 1])
            if raws:
                window.drop(guess.end())
                return raws
        if window.ended or _hopeless(window.held):
            return []
        window.grow()


def _guesses(held: bytes) -> Iterator[re.Match[bytes]]:
    """Yield likely ends of an entry: the last ones, before a fault, the first ones."""
    for pattern in (_LIKELY, _POSSIBLE):
        near_end = max(0, len(held) - _NEAR_END)
        last = list(pattern.finditer(held, near_end))[-_TRIES:]
        first = list(islice(pattern.finditer(held), _TRIES))
        if first:
            yield from reversed(last)
            yield from _before_fault(pattern, held)
            yield from first
            return


def _before_fault(pattern: "re.Pattern[bytes]", held: bytes) -> list[re.Match[bytes]]:
    """Return the last likely end before the first fault: all before it is whole."""
    try:
        _RAWS.decode(b"[" + held)
    except _BAD as error:
        found = _FAULT.search(str(error))
        fault = int(found[1]) - 1 if found else 0
        near = max(0, fault - _NEAR_END)
        return list(pattern.finditer(held, near, fault))[-1:]
    return []


def _accept(entries: bytes) -> list[msgspec.Raw]:
    try:
        return _RAWS.decode(b"[" + entries + b"]")
    except _BAD:
        return []


def _array_end(held: bytes) -> int:
    """Return where what follows the array of entries begins; 0: not here."""
    try:
        _RAWS.decode(b"[" + held)
    except RecursionError:
        return 0
    except msgspec.DecodeError as error:
        found = _TRAILING.fullmatch(str(error))
        # Counted from 1, and with the bracket that was put before.
        return int(found[1]) - 2 if found else 0
    return len(held)


def _hopeless(held: bytes) -> bool:
    """Tell whether reading on cannot make the first entry whole."""
    if len(held) > MAX_HELD:
        return True
    return not _unfinished(held) and not _array_end(held)


def _unfinished(held: bytes) -> bool:
    """Tell whether all that is held is well-formed so far."""
    # Up to a comma, for a number or an escape cut in two would look broken.
    until = held.rfind(b",") + 1
    try:
        _RAWS.decode(b"[" + held[:until])
    except RecursionError:
        return False
    except msgspec.DecodeError as error:
        return str(error) == _TRUNCATED
    return True


def _why(window: Window, broken: int) -> str:
    if broken > MOST_BROKEN:
        return findings.TOO_MANY
    if len(window.held) > MAX_HELD and _unfinished(window.held):
        return findings.TOO_LARGE
    try:
        half = half_character(window.held)
    except RecursionError:
        return findings.BROKEN_JSON
    return findings.BROKEN_JSON if half is None else findings.HALF_CHARACTER


def _skip(window: Window) -> bool:
    """Move to where the next entry seems to begin; tell whether there is one."""
    while True:
        if found := _LIKELY.search(window.held):
            window.drop(found.end())
            return True
        if window.ended:
            return False
        # Keep what the beginning of an entry may need to be recognised.
        window.drop(len(window.held) - _NEAR_END)
        window.grow()
