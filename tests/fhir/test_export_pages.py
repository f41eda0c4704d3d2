"""Pages of an export: nothing is markup, nothing is lost, everything fits."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from careledger.fhir.disclosures import as_csv
from careledger.fhir.export_files import json_line
from careledger.fhir.html_page import html_page
from careledger.fhir.pdf_pages import _WIDTH, _widths, pdf_pages
from careledger.fhir.summary import Table, summarise

HOSTILE = "<script>alert(1)</script>"


def test_what_a_resource_says_is_never_markup() -> None:
    table = Table(HOSTILE, (HOSTILE, "b"), [(HOSTILE, "<b>&")])
    page = html_page(HOSTILE, HOSTILE, [table]).decode()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 6
    assert pdf_pages("t", HOSTILE, [table]).startswith(b"%PDF-")


FORMULA = st.sampled_from([*"=+-@", *map(chr, (0xFF1D, 0xFF0B, 0xFF0D, 0xFF20))])


@given(st.text(st.sampled_from('a;|" ')), FORMULA, st.sampled_from(";|"))
def test_no_part_of_a_cell_runs_as_a_formula(before, start, comma) -> None:
    """Spreadsheets of some countries cut a line at semicolons, quoted or not."""
    written = as_csv(Table("", ("a",), [("b", before + start + "1")])).decode()
    line = written.splitlines()[1]
    assert line.startswith('"b","')
    for part in line.removeprefix('"b",').split(comma):
        assert not part.strip(' "').startswith(start)


@pytest.mark.parametrize(
    "start", [*"=+-@", *map(chr, (0xFF1D, 0xFF0B, 0xFF0D, 0xFF20))]
)
def test_no_cell_runs_as_a_formula(start) -> None:
    [_, row] = csv.reader(
        io.StringIO(as_csv(Table("", ("a",), [(start + "1",)])).decode(), newline="")
    )
    assert row == ["'" + start + "1"]


def test_no_page_and_no_cell_hides_anything() -> None:
    text = "".join(map(chr, (27, 0x9B, 0x202E, 0x2066, 0xD800)))
    table = Table(text, (text,), [(text,)])
    shown = r"\x1b\x9b\u202e\u2066\ud800"
    assert html_page(text, text, [table]).decode().count(shown) == 6
    rows = as_csv(Table("", ("a",), [(text,), ("\t\n",)])).decode().split()
    assert rows == ['"a"', f'"{shown}"', r'"\t\n"']
    assert json.loads(json_line({"author": text[:-1]})) == {"author": text[:-1]}
    assert json_line({"author": text[:-1]}).isascii()
    assert pdf_pages("t", text, [table]).startswith(b"%PDF-")


def test_long_and_strange_texts_fit_on_paper() -> None:
    rows = [("x" * 50_000, "\x00\u202e漢字 ü"), ("", "")] * 40
    assert pdf_pages("t", "", [Table("Results", ("a", "b"), rows)]).startswith(b"%PDF-")


def test_the_summary_keeps_digits_and_survives_anything() -> None:
    value = {"value": "NUMBER", "unit": "mg"}
    result = json.dumps(
        {"resourceType": "Observation", "code": {"text": "K"}, "valueQuantity": value}
    )
    odd = [
        b'{"resourceType":"Patient","name":[{"given":7}],"address":[{"line":null}]}',
        b"[]",
        b"",
        b"[" * 100_000,
    ]
    tables = {
        one.title: one.rows
        for one in summarise([result.replace('"NUMBER"', "1.00").encode(), *odd])
    }
    assert tables["Results"] == [("", "K", "1.00 mg", "")]


def test_a_medication_that_is_pointed_to_has_its_name() -> None:
    medication = b'{"resourceType":"Medication","id":"m","code":{"text":"Aspirin"}}'
    request = {
        "resourceType": "MedicationRequest",
        "category": [{"text": "Outpatient"}],
    }
    for text, shown in (
        ("urn:uuid:m", "Aspirin"),
        ("Medication/m", "Aspirin"),
        ("x", ""),
    ):
        pointing = request | {"medicationReference": {"reference": text}}
        found = summarise([json.dumps(pointing).encode(), medication])
        [row] = next(one.rows for one in found if one.title == "Medication")
        assert row[1] == shown


def test_procedures_and_visits_are_in_the_summary() -> None:
    found = summarise(
        [
            (
                b'{"resourceType":"Procedure","status":"completed","code":{"text":"Stitch"},'
                b'"performedDateTime":"2024-05-06T01:02:03Z"}'
            ),
            (
                b'{"resourceType":"Encounter","status":"finished","type":[{"text":"Visit"}],'
                b'"period":{"start":"2024-05-06"},"serviceProvider":{"display":"Riverside"}}'
            ),
        ]
    )
    rows = {one.title: one.rows for one in found}
    assert rows["Procedures"] == [("2024-05-06", "Stitch", "completed")]
    assert rows["Visits"] == [("2024-05-06", "Visit", "Riverside", "finished")]


@pytest.mark.parametrize("length", [1, 30, 300])
def test_columns_fill_the_page_and_never_more(length) -> None:
    for row in ((), ("a",), ("x" * length, "b c d " * length, "2024-01-01")):
        table = Table("t", tuple("h" for _ in row) or ("h",), [row] if row else [])
        for name in ("Vera", "VeraBd"):
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
        assert sum(_widths(table)) == pytest.approx(_WIDTH)
