"""Tables as a PDF, by ReportLab (BSD licence).

The font that comes with ReportLab knows Latin letters; what else a text holds
shows as a box. The HTML page has every script.
"""

from html import escape
from io import BytesIO
from typing import Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    Flowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from careledger.fhir.summary import Row, Table

_FONT, _BOLD = "Vera", "VeraBd"
_MARGIN: Final = 16 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_LONGEST_CELL: Final = 600
"""Characters; a longer text is cut and says so: a row must fit on a page."""

_TEXT: Final = ParagraphStyle("text", fontName=_FONT, fontSize=8, leading=10.5)
_HEAD: Final = ParagraphStyle("head", _TEXT, fontName=_BOLD)
_SECTION: Final = ParagraphStyle(
    "section",
    _HEAD,
    fontSize=11,
    leading=14,
    spaceBefore=10,
    spaceAfter=3,
    keepWithNext=1,
)
_TITLE: Final = ParagraphStyle("title", _HEAD, fontSize=16, leading=20)
_LINES: Final = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.lightgrey),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)


def pdf_pages(title: str, note: str, tables: list[Table]) -> bytes:
    """Return the tables as a PDF; its properties name nobody.

    Args:
        title: on the first page and in the properties.
        note: one sentence below it.
        tables: in their order; an empty one says that there is nothing.
    """
    for name in (_FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        author="CareLedger",
    )
    story: list[Flowable] = [_words(title, _TITLE), _words(note, _TEXT)]
    for table in tables:
        story += _section(table)
    document.build(story)
    return file.getvalue()


def _section(table: Table) -> list[Flowable]:
    heading = _words(table.title, _SECTION)
    if not table.rows:
        return [heading, _words("None recorded.", _TEXT)]
    head = [_row(table.columns, _HEAD)] if any(table.columns) else []
    rows = [*head, *(_row(row, _TEXT) for row in table.rows)]
    width = _WIDTH / len(table.columns)
    widths = [width] * len(table.columns)
    grid = LongTable(rows, colWidths=widths, repeatRows=len(head), style=_LINES)
    return [heading, grid, Spacer(1, 2 * mm)]


def _row(row: Row, style: ParagraphStyle) -> list[Paragraph]:
    return [_words(cell, style) for cell in row]


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    """Return a text as it stands: nothing in it is markup."""
    cut = text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
    printable = "".join(each if each.isprintable() else " " for each in cut)
    return Paragraph(escape(printable), style)
