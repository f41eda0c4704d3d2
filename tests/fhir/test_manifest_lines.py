"""Links in the manifest: none lost, in lines that fit into a body."""

import hypothesis.strategies as st
from hypothesis import given, settings

from careledger.fhir.manifest_lines import manifest_lines
from careledger.fhir.planned import Planned
from careledger.fhir.resolve import Target
from careledger.sealing.binding import Binding
from careledger.sealing.manifest import (
    MOST_REFERENCES,
    open_manifest,
    seal_manifest,
)

PLACE, KEY = Binding("test-1", b"r" * 32, 7), b"k" * 32


def planned() -> Planned:
    return Planned(
        0,
        0,
        b"e" * 16,
        bytes(32),
        9,
        "Provenance",
        "",
        "",
        [],
        sensitive=False,
        raw=b"",
    )


@given(
    st.lists(st.text(min_size=1, max_size=256), max_size=12, unique=True),
    st.integers(0, 600),
)
@settings(max_examples=25)
def test_every_link_is_in_a_line_that_fits(texts, more):
    names = dict.fromkeys([*texts, *(f"Condition/c{n}" for n in range(more))])
    targets = {name: Target("entry", b"t" * 16) for name in names}
    lines = manifest_lines(planned(), targets)
    assert [one.literal for line in lines for one in line.references] == list(names)
    assert len({line.entry_id for line in lines}) == 1
    opened = open_manifest(KEY, PLACE, seal_manifest(KEY, PLACE, lines))
    assert list(opened) == lines


def test_an_ordinary_provenance_has_one_line():
    for count, lines in ((0, 1), (MOST_REFERENCES, 3), (100, 1)):
        targets = {
            f"urn:uuid:{n:036}": Target("entry", b"t" * 16) for n in range(count)
        }
        assert len(manifest_lines(planned(), targets)) == lines


def test_other_links_need_no_line():
    targets = {"a": Target("outside"), "b" * 257: Target("entry", b"t" * 16)}
    [line] = manifest_lines(planned(), targets)
    assert line.references == ()
