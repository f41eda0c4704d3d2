"""Tables as a PDF, by ReportLab (BSD licence).

The font that comes with ReportLab knows Latin letters; what else a text holds
shows as a box. The HTML page has every script.
"""

from collections.abc import Callable, Iterable
from html import escape
from io import BytesIO
from typing import Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
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
_PADDING: Final = 6
"""Points that ReportLab's frame keeps free on each side."""
_WIDTH: Final = A4[0] - 2 * _MARGIN - 2 * _PADDING
_GAP: Final = 6
"""Points between two columns."""
_WIDEST_WORD: Final = _WIDTH / 4
_LONGEST_COUNTED: Final = 80
"""Characters: longer cells do not make their column any wider."""
_HEAD_ROOM: Final = 24 * mm
"""What must be left on a page for a heading and the first rows below it."""
_ACCENT: Final = colors.HexColor("#1d4e63")
_SHADE: Final = colors.HexColor("#eef3f5")
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
    textColor=_ACCENT,
)
_TITLE: Final = ParagraphStyle("title", _HEAD, fontSize=16, leading=20)
_LINES: Final = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.lightgrey),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), _GAP),
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
        bottomMargin=_MARGIN + 4 * mm,
        title=title,
        author="CareLedger",
    )
    story: list[Flowable] = [_words(title, _TITLE), _words(note, _TEXT)]
    for table in tables:
        story += _section(table)

    def number(canvas: Canvas, _: object) -> None:
        canvas.setFont(_FONT, 7)
        canvas.drawRightString(
            A4[0] - _MARGIN, _MARGIN / 2, f"{canvas.getPageNumber()}"
        )

    document.build(story, onFirstPage=number, onLaterPages=number)
    return file.getvalue()


def _section(table: Table) -> list[Flowable]:
    # Not "keep with next": that would move a table of many pages to a new page.
    heading = [CondPageBreak(_HEAD_ROOM), _words(table.title, _SECTION)]
    if not table.rows:
        return [*heading, _words("None recorded.", _TEXT)]
    head = [_row(table.columns, _HEAD)] if any(table.columns) else []
    rows = [*head, *(_row(row, _TEXT) for row in table.rows)]
    shade = [("BACKGROUND", (0, 0), (-1, len(head) - 1), _SHADE)] if head else []
    style = TableStyle(shade, parent=_LINES)
    grid = LongTable(
        rows, colWidths=_widths(table), repeatRows=len(head), style=style, hAlign="LEFT"
    )
    return [*heading, grid, Spacer(1, 2 * mm)]


def _widths(table: Table) -> list[float]:
    """Return how wide each column is, in points; together, the page's width.

    Each has room for its longest word, if that is not too long. What is left goes
    first to those in which a text would have to be broken.
    """
    columns = list(zip(table.columns, *table.rows, strict=True))
    least = [_widest(cells, str.split, _WIDEST_WORD) for cells in columns]
    whole = [_widest(cells, str.splitlines, _WIDTH) for cells in columns]
    left = max(0.0, _WIDTH - sum(least))
    wishes = [much - little for much, little in zip(whole, least, strict=True)]
    share = min(1.0, left / sum(wishes)) if sum(wishes) else 0.0
    wanted = [little + share * wish for little, wish in zip(least, wishes, strict=True)]
    rest = max(0.0, _WIDTH - sum(wanted)) / len(wanted)
    return [(width + rest) * _WIDTH / max(_WIDTH, sum(wanted)) for width in wanted]


def _widest(
    cells: Iterable[str], cut: Callable[[str], list[str]], most: float
) -> float:
    """Return the width of the widest part of a column's cells, in points."""
    parts = [part for cell in cells for part in cut(cell[:_LONGEST_COUNTED])]
    measured = (_width(part) for part in parts)
    return min(most, max(measured, default=0.0)) + _GAP


def _width(text: str) -> float:
    return float(pdfmetrics.stringWidth(text, _BOLD, _TEXT.fontSize))


def _row(row: Row, style: ParagraphStyle) -> list[Paragraph]:
    return [_words(cell, style) for cell in row]


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    """Return a text as it stands: nothing in it is markup."""
    cut = text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
    printable = "".join(each if each.isprintable() else " " for each in cut)
    return Paragraph(escape(printable), style)
