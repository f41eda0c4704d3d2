"""The scanner finds what is there, in whatever form, and nothing else."""

import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.canaries.forms import SHORTEST, Marker, forms_of
from tools.canaries.proof import prove
from tools.canaries.scan import scan, scan_files
from tools.canaries.search import Search
from tools.canaries.sources import Extent, of_bytes
from tools.canaries.writings import ENCODINGS, PACKINGS, noise

TEXT = "Grünwaldt-Szczepański “7 Oak Lane”"
SMALL = Extent(window=1024, overlap=512)

secrets = st.binary(min_size=SHORTEST, max_size=40)
signs = st.characters(exclude_categories=("C", "Z")) | st.just(" ")
texts = st.text(signs, min_size=SHORTEST, max_size=30)


def found_in(marker: Marker, content: bytes, extent: Extent = SMALL) -> set[str]:
    report = scan(Search([marker]), [of_bytes(content, "somewhere")], extent)
    return {one.encoding for one in report.found}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read by /proc")
def test_everything_that_was_planted_is_found(tmp_path):
    *places, nowhere = prove(tmp_path)
    assert [one for one in places if one.missed] == []
    assert all(one.planted >= len(ENCODINGS) for one in places)
    assert len(places) == len(PACKINGS) + 6
    assert (nowhere.place, nowhere.missed) == ("nowhere", ())


@given(secrets, st.integers(0, 3000), st.data())
def test_every_form_is_found_at_every_place(secret, before, data):
    marker = Marker("it", secret)
    form = data.draw(st.sampled_from(forms_of(marker)))
    content = noise("before", before) + form.raw + noise("after", 900)
    assert found_in(marker, content)


@settings(max_examples=50)
@given(texts, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(sorted(PACKINGS)))
def test_whatever_the_text_its_writing_and_packing_it_is_found(text, writing, packing):
    written = PACKINGS[packing](ENCODINGS[writing](text))
    marker = Marker("it", text.encode(), text=True)
    assert found_in(marker, written, Extent(1 << 20, 1 << 19))


@given(secrets, st.integers(0, 10_000), st.integers(0, 7))
def test_one_bit_less_is_not_it(secret, where, bit):
    spoilt = bytearray(secret)
    spoilt[where % len(spoilt)] ^= 1 << bit
    assert "raw" not in found_in(Marker("it", secret), bytes(spoilt))
    assert "raw" in found_in(Marker("it", secret), secret)


def test_a_marker_in_a_stream_in_a_stream_is_found():
    marker = Marker("it", TEXT.encode(), text=True)
    packed = TEXT.encode()
    for _ in range(3):
        packed = zlib.compress(packed)
        assert found_in(marker, packed)


def test_what_cannot_be_searched_for_is_refused():
    with pytest.raises(ValueError, match="short one"):
        Search([Marker("short one", b"x" * (SHORTEST - 1))])
    with pytest.raises(ValueError):
        scan(Search([Marker("it", noise("it", 32))]), [], Extent(64, 16))


def test_a_report_names_a_marker_and_does_not_repeat_it(tmp_path):
    secret = noise("secret", 32)
    (tmp_path / "a").write_bytes(b"before" + secret)
    report = scan_files(Search([Marker("the seed", secret)]), tmp_path)
    [one] = report.found
    assert (one.marker, one.where, one.offset) == ("the seed", "a", 6)
    assert report.searched == [("a", 38)]
    assert secret.hex() not in str(report)
    assert repr(secret) not in str(report)
