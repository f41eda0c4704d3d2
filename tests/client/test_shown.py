"""What somebody else wrote can fool neither a terminal nor a reader."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.client.shown import shown_json, shown_line, shown_text

JOINERS = "\u200c\u200d"
ANY = st.text(st.characters(categories=None) | st.characters(categories=["Cc", "Cf"]))


def hidden(text: str) -> set[str]:
    return {
        each
        for each in text
        if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(each)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    }


@given(ANY)
def test_a_line_is_one_line_and_hides_nothing(text: str) -> None:
    assert not hidden(shown_line(text))


@given(ANY)
def test_a_text_keeps_its_lines_only(text: str) -> None:
    assert hidden(shown_text(text)) <= set("\t\r\n")


@given(st.dictionaries(ANY, ANY))
def test_json_means_the_same_and_hides_nothing(value: dict[str, str]) -> None:
    shown = shown_json(json.dumps(value, ensure_ascii=False))
    assert not hidden(shown)
    assert json.loads(shown) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb", "a\\nb"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egpj\u2066", "\\u202egpj\\u2066"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        *(
            (same, same)
            for same in ("Zoë 漢字", "می\u200cخواهم", "a\u00a0b", "👩\u200d⚕️")
        ),
    ],
)
def test_what_is_harmless_stays(text: str, shown: str) -> None:
    assert shown_line(text) == shown
