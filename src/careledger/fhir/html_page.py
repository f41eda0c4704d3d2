"""Tables as one HTML page that stands alone: opens offline, prints well.

No script at all, nothing from elsewhere: the page's own policy forbids both, so
that nothing which a resource says can run or call home. What is hidden is made
visible: controls, and halves of characters, which JSON can hold and no file can.
"""

from html import escape
from typing import Final

from careledger.client.shown import shown_text
from careledger.fhir.summary import Row, Table

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'"
_STYLE: Final = """
body { font: 11pt/1.45 system-ui, sans-serif; color: #111; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; border-bottom: 2px solid #1d4e63; }
p.note { color: #444; margin-top: .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0;
  border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
thead { display: table-header-group; }
th { color: #1d4e63; }
td:first-child, th:first-child { white-space: nowrap; }
tr { break-inside: avoid; }
details { border-bottom: 1px solid #ccc; padding: .25rem 0; }
summary { cursor: pointer; }
small { color: #666; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem;
  margin: .2rem 0 .2rem .6rem; border-left: 2px solid #dde; padding-left: .6rem; }
dt { color: #1d4e63; }
dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; font-size: 9.5pt; }
  h2 { break-after: avoid; } }
"""


def html_page(title: str, note: str, tables: list[Table]) -> bytes:
    """Return the page; an empty table says that there is nothing.

    Args:
        title: of the page.
        note: one sentence below it.
        tables: in their order.
    """
    return html_frame(title, note, "\n".join(html_table(table) for table in tables))


def html_frame(title: str, note: str, body: str) -> bytes:
    """Return a page around `body`, which is HTML already; the rest is text."""
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p class="note">{escape(note)}</p>
{body}
</body>
</html>
"""
    return shown_text(page).encode()


def html_table(table: Table) -> str:
    """Return a heading and a table as HTML."""
    heading = f"<h2>{escape(table.title)}</h2>"
    if not table.rows:
        return heading + "\n<p>None recorded.</p>"
    head = _cells("th", table.columns) if any(table.columns) else ""
    rows = "\n".join(_cells("td", row) for row in table.rows)
    body = f"<thead>{head}</thead>\n<tbody>\n{rows}\n</tbody>"
    return f"{heading}\n<table>\n{body}\n</table>"


def _cells(tag: str, row: Row) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
