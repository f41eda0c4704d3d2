"""One record as a page to open offline: every resource, every event, everybody.

The summary shows what is usually asked for; this shows all of it, element by
element, under FHIR's own names. No script: a resource unfolds by HTML alone.
"""

import json
from html import escape
from typing import Any, Final

from careledger.client.watching import Access, Event
from careledger.fhir.html_page import html_frame, html_table
from careledger.fhir.summary import Row, Table
from careledger.fhir.taking import Taken, TakenEntry
from careledger.primitives.moments import day, moment

_LONGEST_TEXT: Final = 4000
"""Characters of one text; attachments are longer and nothing to read."""

_DEEPEST: Final = 30
"""Levels that unfold; what is deeper stands there as JSON."""

_NOTE: Final = "Every resource of this record, newest first; click to unfold one."


def reader_page(one: Taken) -> bytes:
    """Return the page of one record."""
    people = author_names(one.access)
    resources = "\n".join(_resource(each, people) for each in reversed(one.entries))
    body = "\n".join(
        [
            f"<h2>Resources</h2>\n{resources or '<p>None recorded.</p>'}",
            *(
                html_table(_aside(title, entries, people))
                for title, entries in (
                    ("Entries that their author sealed wrongly", one.unreadable),
                    ("Entries that no vault had: they are not here", one.missing),
                )
                if entries
            ),
            html_table(_access(one.access)),
            html_table(_history(one.events)),
        ]
    )
    return html_frame(one.label or "Record", _NOTE, body)


def author_names(access: list[Access]) -> dict[int, str]:
    """Return what to call who sits on each seat."""
    names = {each.line.number: each.person.name for each in access}
    return names | {0: "you"}


def _resource(entry: TakenEntry, people: dict[int, str]) -> str:
    listed, manifest = entry.listed.entry, entry.listed.manifest
    kind = manifest.resource_type if manifest else ""
    title = manifest.label if manifest else ""
    added = f"{day(listed.time)}, {people.get(listed.author, '')}"
    corrected = " (corrects an earlier one)" if listed.supersedes else ""
    head = f"<b>{escape(kind)}</b> {escape(title)}{corrected}"
    return (
        f"<details><summary>{head} <small>added {escape(added)}</small></summary>\n"
        f"{_content(entry.content)}\n</details>"
    )


def _content(raw: bytes) -> str:
    """Return a resource as nested lists; as text, where it is no JSON."""
    try:
        return _value(json.loads(raw, parse_float=str, parse_int=str), 0)
    except (ValueError, RecursionError):
        return f"<pre>{_shown(raw.decode(errors='replace'))}</pre>"


def _value(value: Any, depth: int) -> str:
    if depth > _DEEPEST:
        return _shown(json.dumps(value, ensure_ascii=False))
    if isinstance(value, dict):
        rows = "".join(
            f"<dt>{escape(name)}</dt><dd>{_value(each, depth + 1)}</dd>"
            for name, each in value.items()
        )
        return f"<dl>{rows}</dl>"
    if isinstance(value, list):
        return "".join(f"<div>{_value(each, depth + 1)}</div>" for each in value)
    return _shown(value if isinstance(value, str) else json.dumps(value))


def _shown(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return escape(text)
    return escape(text[:_LONGEST_TEXT]) + f"… ({len(text)} characters in all)"


def _aside(title: str, entries: list[TakenEntry], people: dict[int, str]) -> Table:
    rows: list[Row] = [
        (
            moment(each.listed.entry.time),
            people.get(each.listed.entry.author, ""),
            each.listed.entry.entry.hex(),
        )
        for each in entries
    ]
    columns = ("Added (UTC)", "By", "Entry")
    return Table(title, columns, rows)


def _access(access: list[Access]) -> Table:
    rows: list[Row] = [
        (
            "you" if not each.line.number else each.person.name or "without a card",
            each.person.organisation,
            each.line.role,
            "" if not each.line.number else _yes(each.person.verified),
            _yes(each.line.active),
        )
        for each in access
    ]
    columns = ("Who", "Organisation", "Role", "Verified", "Takes part now")
    return Table("Who takes or took part", columns, rows)


def _history(events: list[Event]) -> Table:
    rows: list[Row] = [
        (
            moment(each.time),
            ", ".join(str(one.__struct_config__.tag) for one in each.actions),
            each.code,
            each.tx_id.hex()[:16],
        )
        for each in reversed(events)
    ]
    columns = ("When (UTC)", "What", "Verdict", "Transaction")
    return Table("History", columns, rows)


def _yes(value: object) -> str:
    return "yes" if value else "no"
