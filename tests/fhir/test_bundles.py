"""Cutting: every slice is exactly what stands in the file."""

import io
import json
import random
import tracemalloc

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.fhir import bundles, findings, window
from careledger.fhir.bundles import cut_bundle
from careledger.fhir.files import fhir_files, read_pieces, shown_name
from careledger.fhir.lines import cut_lines
from careledger.fhir.pieces import NotABundle, WrongBundleType, WrongEncoding

HEAD = b'{"resourceType":"Bundle","type":"transaction","entry":['

# Texts that look like what the cutter looks for.
tricky = st.sampled_from(
    [
        '},{"fullUrl":',
        '"',
        "\\",
        '\\"},{',
        "]}",
        '"entry":[',
        "}",
        "\n",
        "é",
        "\U0001f600",
    ]
)
texts = st.one_of(st.text(max_size=8), st.lists(tricky, max_size=4).map("".join))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(texts, st.just("fullUrl")), inner, max_size=3),
    ),
    max_leaves=12,
)
SPACES = ["", " ", "\n", "\t \r\n", "\n    "]
STARTS = ["", '"fullUrl":"urn:x",', '"link":[{"fullUrl":1}],', '"x":[{},{}],']
HEADS = ["", '"link":[{"entry":[]}],', '"entry ":[],', '"id":"\\"entry\\":[",']
TAILS = ["", ',"total":3', ',"signature":{"type":[{"code":"]}"}]}']


def write(value, rng):
    """Write JSON with free space and escapes, as any sender may."""

    def space():
        return rng.choice(SPACES)

    match value:
        case dict():
            inside = ",".join(
                f"{space()}{write(name, rng)}{space()}:{write(each, rng)}{space()}"
                for name, each in value.items()
            )
            return f"{{{inside}}}"
        case list():
            return (
                f"[{','.join(space() + write(each, rng) for each in value)}{space()}]"
            )
        case _:
            return json.dumps(value, ensure_ascii=rng.random() < 0.5)


@st.composite
def files(draw):
    """Return (file, the resources in it)."""
    objects = draw(st.lists(st.dictionaries(texts, values, max_size=4), max_size=6))
    rng = random.Random(draw(st.integers(0, 2**32)))
    resources = [write(each, rng) for each in objects]
    entries = [
        f'{rng.choice(SPACES)}{{{rng.choice(STARTS)}"resource":{each}{rng.choice(SPACES)}}}'
        for each in resources
    ]
    text = (
        f'{rng.choice(SPACES)}{{"resourceType":"Bundle","type":"batch",{rng.choice(HEADS)}'
        f'"entry"{rng.choice(SPACES)}:[{",".join(entries)}{rng.choice(SPACES)}]{rng.choice(TAILS)}}}\n'
    )
    return text.encode(), [each.encode() for each in resources]


@given(files(), st.sampled_from([7, 64, 1000]))
def test_each_slice_is_what_stands_in_the_file(file, step):
    whole, resources = file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "STEP", step)
        pieces = list(cut_bundle(io.BytesIO(whole)))
    assert [piece.raw for piece in pieces] == resources
    assert [piece.number for piece in pieces] == list(range(1, len(resources) + 1))
    assert not any(piece.fault for piece in pieces)


@given(
    st.binary(max_size=200), st.sampled_from([b"", HEAD, HEAD + b'{"fullUrl":"a"},'])
)
def test_hostile_bytes_end_in_a_piece_or_a_known_error(noise, start):
    try:
        for piece in read_pieces(io.BytesIO(start + noise)):
            assert piece.number > 0
    except (NotABundle, WrongBundleType, WrongEncoding):
        pass


def bundle(*entries, end=b"]}"):
    return io.BytesIO(HEAD + b",".join(entries) + end)


def entry(number):
    return (
        b'{"fullUrl":"urn:uuid:%d","resource":{"id":"%d"},"request":{"method":"POST","url":"P"}}'
        % (number, number)
    )


def test_an_entry_keeps_its_request():
    raw = b'{"fullUrl":"a","resource":{},"request":{"method":"PUT","url":"Patient?x=1","ifNoneExist":"y"}}'
    [piece] = cut_bundle(bundle(raw))
    assert (piece.full_url, piece.method) == ("a", "PUT")
    assert (piece.url, piece.if_none_exist) == ("Patient?x=1", "y")


def test_an_entry_without_resource_is_counted():
    [piece] = cut_bundle(bundle(b'{"request":{"method":"DELETE","url":"Patient/1"}}'))
    assert (piece.raw, piece.fault, piece.method) == (b"", "", "DELETE")


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (b'{"fullUrl":"x","resource":{"a":}}', findings.BROKEN_JSON),
        (b'{"fullUrl":"x","resource":{"a":1}', findings.BROKEN_JSON),
        (b'{"fullUrl":"x","resource":{"a":"}}', findings.BROKEN_JSON),
        (b'{"fullUrl":"x","resource":{"a":1}}}', findings.BROKEN_JSON),
        (b'{"fullUrl":7,"resource":{"a":1}}', findings.WRONG_TYPE),
        (b'{"fullUrl":"\xff","resource":{"a":1}}', findings.WRONG_ENCODING),
        (b'{"resource":{"a":1},"resource":{"b":1}}', findings.REPEATED_NAME),
        (b'{"resource":{"a":1},"r\\u0065source":{"b":1}}', findings.REPEATED_NAME),
    ],
)
def test_a_broken_entry_is_named_and_the_rest_is_usable(broken, fault):
    pieces = list(cut_bundle(bundle(entry(1), broken, entry(3), entry(4))))
    assert [piece.fault for piece in pieces] == ["", fault, "", ""]
    assert [piece.number for piece in pieces] == [1, 2, 3, 4]
    assert pieces[3].raw == b'{"id":"4"}'


def test_after_many_broken_entries_the_rest_is_one_fault():
    broken = b'{"resource":{"a":[]x}}'
    enough = [broken] * bundles.MOST_BROKEN
    pieces = list(cut_bundle(bundle(*enough, entry(1))))
    assert [piece.fault for piece in pieces[-2:]] == [findings.BROKEN_JSON, ""]
    pieces = list(cut_bundle(bundle(*enough, broken, broken, entry(1))))
    assert len(pieces) == bundles.MOST_BROKEN + 1
    assert pieces[-1].fault == findings.TOO_MANY


def test_the_end_of_a_broken_array_is_sought_in_few_passes(monkeypatch):
    passes = []

    class Counted:
        def decode(self, text):
            passes.append(len(text))
            return decoder.decode(text)

    decoder = bundles._RAWS
    monkeypatch.setattr(bundles, "_RAWS", Counted())
    broken = b'{"resource":{"a":[[],[],[]]x}}'
    pieces = list(cut_bundle(bundle(*[broken] * 50)))
    assert len(pieces) == 50
    assert len(passes) <= 16 * 50


def test_a_file_cut_off_names_the_entry_it_was_cut_off_in():
    pieces = list(cut_bundle(bundle(entry(1), entry(2)[:-9], end=b"")))
    assert [piece.fault for piece in pieces] == ["", findings.BROKEN_JSON]


def test_an_entry_too_large_is_named_and_the_rest_is_usable(monkeypatch):
    monkeypatch.setattr(window, "STEP", 100)
    monkeypatch.setattr(bundles, "MAX_HELD", 1000)
    huge = b'{"fullUrl":"x","resource":{"a":"' + b"z" * 70_000 + b'"}}'
    pieces = list(cut_bundle(bundle(entry(1), huge, entry(3))))
    assert [piece.fault for piece in pieces] == ["", findings.TOO_LARGE, ""]


def test_an_entry_too_deep_is_named_and_the_rest_is_usable(monkeypatch):
    monkeypatch.setattr(window, "STEP", 100)
    deep = (
        b'{"fullUrl":"x","resource":' + b'{"a":[1,' * 5000 + b"1" + b"]}" * 5000 + b"}"
    )
    pieces = list(cut_bundle(bundle(entry(1), deep, entry(3))))
    assert [piece.fault for piece in pieces] == ["", findings.BROKEN_JSON, ""]


def test_a_single_resource_too_large_is_named(monkeypatch):
    monkeypatch.setattr(window, "STEP", 8)
    monkeypatch.setattr("careledger.fhir.files.MAX_RESOURCE", 20)
    [piece] = read_pieces(io.BytesIO(b'{"resourceType":\n"Patient"}'))
    assert (piece.fault, piece.raw) == (findings.TOO_LARGE, b"")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", NotABundle),
        (b"[]", NotABundle),
        (b'{"resourceType":"Bundle"}', NotABundle),
        (b'{"resourceType":"Bundle","type":"batch"} x', NotABundle),
        (b'{"resourceType":"Bundle","type":"document","entry":[]}', WrongBundleType),
        (b'{"entry":[],"resourceType":"Bundle","type":"history"}', WrongBundleType),
        (HEAD + b'],"entry":[]}', NotABundle),
        (HEAD + b'],"type":"batch"}', NotABundle),
        (HEAD + b"]", NotABundle),
        ("{}".encode("utf-16"), WrongEncoding),
        (bytes(8), NotABundle),
        ("{}".encode("utf-16-le"), WrongEncoding),
        ("\ufeff{}".encode(), WrongEncoding),
    ],
)
def test_a_file_that_is_no_bundle_says_why(text, error):
    with pytest.raises(error):
        list(read_pieces(io.BytesIO(text)))


def test_a_list_is_not_a_bundle():
    with pytest.raises(NotABundle):
        list(cut_bundle(io.BytesIO(b'{"resourceType":"List","entry":[{}]}')))


def test_a_bundle_may_say_what_it_is_after_its_entries():
    text = b'{"entry":[{"resource":{"resourceType":"Patient"}}],"type":"batch","resourceType":"Bundle"}'
    assert [piece.raw for piece in read_pieces(io.BytesIO(text))] == [
        b'{"resourceType":"Patient"}'
    ]


def test_a_bundle_without_entries_is_empty():
    assert (
        list(read_pieces(io.BytesIO(b'{"resourceType":"Bundle",\n"type":"batch"}')))
        == []
    )


def test_one_resource_is_one_piece():
    for text in (b'{"resourceType":"Patient"}', b'\n{"resourceType":\n"Patient"}\n'):
        [piece] = read_pieces(io.BytesIO(text))
        assert piece.raw == text.strip()


def test_lines_are_cut_and_numbered(monkeypatch):
    monkeypatch.setattr(window, "STEP", 8)
    text = b'{"resourceType":"A"}\r\n\n  {"b":"\\n"}\n{"c":'
    pieces = list(read_pieces(io.BytesIO(text), lines=True))
    assert [(p.number, p.raw) for p in pieces] == [
        (1, b'{"resourceType":"A"}'),
        (3, b'{"b":"\\n"}'),
        (4, b'{"c":'),
    ]


def test_lines_are_recognised():
    text = b'{"resourceType":"Bundle"}\n{"resourceType":"A"}\n'
    assert len(list(read_pieces(io.BytesIO(text)))) == 2


@given(
    st.lists(
        st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"").strip(b" \t\r"))
    ),
    st.integers(1, 50),
)
def test_every_line_comes_back(lines, step):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "STEP", step)
        pieces = list(cut_lines(io.BytesIO(b"\n".join(lines))))
    assert {p.number: p.raw for p in pieces} == {
        n: line for n, line in enumerate(lines, 1) if line
    }


def test_a_line_too_long_is_named_and_the_rest_is_usable(monkeypatch):
    monkeypatch.setattr(window, "STEP", 100)
    monkeypatch.setattr("careledger.fhir.lines.MAX_HELD", 1000)
    text = b"{}\n" + b"z" * 9000 + b"\n{}\n" + b"z" * 9000
    pieces = list(cut_lines(io.BytesIO(text)))
    assert [(p.number, p.fault) for p in pieces] == [
        (1, ""),
        (2, findings.TOO_LARGE),
        (3, ""),
        (4, findings.TOO_LARGE),
    ]


def test_a_large_bundle_needs_little_memory():
    one = entry(1).replace(b'"id":"1"', b'"id":"' + b"z" * 4000 + b'"')

    class Long(io.RawIOBase):
        """A bundle of 40 MB that is nowhere as a whole."""

        left = 10_000
        rest = HEAD

        def read(self, size=-1):
            while len(self.rest) < size and self.left:
                self.left -= 1
                self.rest += one + (b"," if self.left else b"]}")
            given, self.rest = self.rest[:size], self.rest[size:]
            return given

    tracemalloc.start()
    assert sum(len(piece.raw) for piece in cut_bundle(Long())) > 40_000_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_the_parser_says_truncated_as_the_cutter_expects():
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(b'[{"a":"')
    assert str(caught.value) == bundles._TRUNCATED
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(b'[{}] ,"type":"batch"}')
    found = bundles._TRAILING.fullmatch(str(caught.value))
    assert found[1] == str(len("[{}] ,"))


def test_names_of_files_are_shown_harmlessly(tmp_path):
    for name in ("b.json", "a\n\x1b[2J\u202e.json", "c.txt", "-rf.ndjson"):
        (tmp_path / name).write_bytes(b"{}")
    (tmp_path / "d.json").mkdir()
    (tmp_path / "e.json").symlink_to(tmp_path / "b.json")
    found = [shown_name(path.name) for path in fhir_files(tmp_path)]
    assert found == ["-rf.ndjson", "a\\n\\x1b[2J\\u202e.json", "b.json"]
    assert len(shown_name("x" * 500)) == 121


def test_what_is_whole_before_a_broken_entry_is_taken_at_once(monkeypatch):
    """One pass for each of many small entries would take minutes for a megabyte."""
    tried = []
    accept = bundles._accept
    monkeypatch.setattr(bundles, "_accept", lambda raw: tried.append(1) or accept(raw))
    good, broken = b'{"resource":{}}', b'{"resource":[]x}'
    entries = b",".join([good] * 1_000 + [broken] + [good] * 1_000)
    raw = b'{"resourceType":"Bundle","type":"batch","entry":[' + entries + b"]}"
    pieces = list(cut_bundle(io.BytesIO(raw)))
    assert [piece.raw for piece in pieces].count(b"{}") == 2_000
    assert len(tried) < 50
