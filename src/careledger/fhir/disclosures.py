"""Accounting of disclosures: who looked at what, when and why.

Source: 45 CFR 164.528 (what an accounting has to say). The reason is in the
reader's words; that somebody gave none is said, not left empty.
"""

import csv
import io
import re
from dataclasses import replace
from typing import Final

from careledger.client.shown import shown_line
from careledger.client.watching import Look
from careledger.fhir.summary import Row, Table
from careledger.fhir.taking import Taken
from careledger.primitives.moments import moment

COLUMNS: Final = ("When (UTC)", "Who", "Verified", "Context", "What", "Why")

_FORMULA: Final = re.compile(
    r"(?:^|(?<=[;|\t\r\n]))(?=[\s\"]*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])"
)
"""Where a spreadsheet takes a text for a formula and runs it.

Also behind what separates cells in some countries: there the quotes around a cell
do not hold, for a line is one cell to them until the first semicolon.
"""

_MOST_TITLES: Final = 3

_SOON: Final = 60_000
"""Milliseconds."""


def disclosures(records: list[Taken]) -> Table:
    """Return every reading of all records, the newest first."""
    found = [(look.time, _row(one, look)) for one in records for look in _merged(one)]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return Table("Accounting of disclosures", COLUMNS, [row for _, row in found])


def as_csv(table: Table) -> bytes:
    """Return a table as CSV (RFC 4180), UTF-8; no cell can run as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(table.columns)
    writer.writerows(
        [[_harmless(shown_line(cell)) for cell in row] for row in table.rows]
    )
    return text.getvalue().encode()


def _merged(one: Taken) -> list[Look]:
    """Return the readings, those of the owner that follow on each other as one.

    An export reads a record in pages; as it is the owner's own, one line will do.
    """
    merged: list[Look] = []
    for look in sorted(one.looks, key=lambda each: each.time):
        last = merged[-1] if merged else look
        same = (last.handle, last.purpose) == (look.handle, look.purpose)
        soon = look.time - last.time < _SOON
        if merged and same and soon and _is_own(one, look):
            entries = (*last.entries, *look.entries)
            merged[-1] = replace(look, entries=entries)
        else:
            merged.append(look)
    return merged


def _is_own(one: Taken, look: Look) -> bool:
    return any(
        each.line.handle == look.handle and not each.line.number for each in one.access
    )


def _row(one: Taken, look: Look) -> Row:
    own = _is_own(one, look)
    who = ", ".join(
        part for part in (look.person.name, look.person.organisation) if part
    )
    verified = "yes" if look.person.verified else "no"
    return (
        moment(look.time),
        "you" if own else who or "somebody without a card",
        "" if own else verified,
        one.label,
        _what(one, look),
        look.purpose or "no reason given",
    )


def _what(one: Taken, look: Look) -> str:
    """Return how many entries were read, and what the first of them are."""
    known = {each.listed.entry.entry: each.listed.manifest for each in one.entries}
    lines = [line for entry in look.entries if (line := known.get(entry))]
    titles = [line.label or line.resource_type for line in lines[:_MOST_TITLES]]
    more = len(look.entries) - len(titles)
    rest = [f"{more} more" if titles else f"{more} entries"] if more else []
    return ", ".join([*titles, *rest])


def _harmless(cell: str) -> str:
    return _FORMULA.sub("'", cell)
