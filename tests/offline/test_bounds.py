"""A crafted file: whatever is in a field, it is refused, as the package refuses it."""

import base64
import io
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from careledger import offline
from careledger.ledger import proofs
from careledger.primitives.encoding import decode_any, encode
from careledger.primitives.notes import (
    MAX_NOTE,
    MAX_SIGNATURES,
    MalformedText,
    VerifierKey,
    parse_vkey,
)
from tests.offline.known import (
    LOG,
    NODES,
    NOW,
    QUORUM,
    RAW,
    STATE,
    TRUST,
    refused,
)
from tests.offline.package import accepts
from tests.vectors import make_log_vectors as made

PEOPLE = [made.signing_key(f"{name} handle") for name in ("owner", "practitioner")]
LEAF = decode_any(made.transaction_leaf(), list)
CORE = decode_any(LEAF[1], list)
ROOT, PROVE = made.state_of(made.KEYS)
BLOCK = [0, 7, made.NOW * 1000, ROOT]
HELD = PROVE(b"\x01grant 3")

# --- files made of any structure, signed and logged as if it were in order --------


def logged(leaf, *state):
    data = encode(leaf)
    raw = made.proof_file(data, proofs.ProvenTransaction(data), NODES[:3])
    return with_extra([len(state) ^ 1, data, *map(encode, state)], raw)


def with_extra(extra, raw=RAW):
    line = b"extra " + base64.b64encode(encode(extra))
    return raw.replace(raw.split(b"\n")[1], line, 1)


def of_core(core, people=PEOPLE, code="ok"):
    data = core if isinstance(core, bytes) else encode(core)
    message = b"careledger/tx/v1" + sha256(data).digest()
    return logged([1, data, [one.sign(message) for one in people], code])


FILES = {
    "core": (CORE, of_core),
    "leaf": (LEAF, logged),
    "block": (BLOCK, lambda leaf: logged(leaf, HELD)),
    "state": (HELD, lambda state: logged(BLOCK, state)),
    "extra of a transaction": ([1, encode(LEAF)], with_extra),
    "extra of a state": (
        [0, encode(BLOCK), encode(HELD)],
        lambda extra: with_extra(extra, STATE),
    ),
}


def agreed(raw):
    """Return the package's verdict on a file, when the lone verifier's is the same."""
    try:
        offline.verify(raw, TRUST, 2**63)
        proven = True
    except offline.ProofRefused:
        proven = False
    assert accepts(raw, TRUST) == proven
    return proven


@pytest.mark.parametrize("name", FILES)
def test_both_accept_what_is_in_order(name):
    value, file = FILES[name]
    assert agreed(file(value))


# --- any structure in place of any field ------------------------------------------

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.sampled_from([0, 1, 300, 2**53 - 1, 2**53, 2**64 - 1])
    | st.binary(max_size=70)
    | st.sampled_from([16, 32, 64]).map(bytes)
    | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=12,
)


def places(value, at=()):
    yield at
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from places(one, (*at, number))


def put(value, at, new):
    if not at:
        return new(value)
    return [
        put(one, at[1:], new) if number == at[0] else one
        for number, one in enumerate(value)
    ]


def bent(value):
    """Return things that are nearly `value`, and pass where types are not checked."""
    near = [[value], [value] * 70, None, True, False]
    if isinstance(value, bytes):
        near += [list(value), value.decode("latin1"), value + b"x", value[:-1], b""]
    if isinstance(value, list):
        near += [value[:-1], value[::-1], [*value, None], [*value, *value], []]
    if isinstance(value, int):
        near += [-1, float(value), 2**53, bytes(value % 99)]
    return near


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=120)
@given(data=st.data())
def test_any_structure_in_place_of_any_field_is_refused_by_both_or_none(name, data):
    value, file = FILES[name]
    at = data.draw(st.sampled_from([*places(value)]))
    agreed(file(put(value, at, lambda _: data.draw(ANYTHING))))


@pytest.mark.parametrize("name", FILES)
def test_what_is_nearly_a_field_is_refused_by_both_or_none(name):
    value, file = FILES[name]
    old = []
    for at in places(value):
        put(value, at, old.append)
        for near in bent(old[-1]):
            agreed(file(put(value, at, lambda _, near=near: near)))


@pytest.mark.parametrize(
    "signers",
    [
        [[*PEOPLE[0].public]],
        [[300] * 32],
        [PEOPLE[0].public + b"x"],
        [PEOPLE[0].public.decode("latin1")],
        [None],
        [],
    ],
)
def test_a_signer_is_32_bytes_and_nothing_else(signers):
    core = [*CORE[:3], signers, *CORE[4:]]
    refused("transaction is malformed", of_core(core, PEOPLE[:1]))


def test_two_signers_are_two():
    core = [*CORE[:3], [PEOPLE[0].public] * 2, *CORE[4:]]
    refused("not one signature for each", of_core(core, PEOPLE[:1] * 2))
    assert not agreed(of_core(core, PEOPLE[:1] * 2))


@pytest.mark.parametrize("code", ["ok\nword: everybody's", "\x1b[2J", "ök"])
def test_a_code_is_shown_only_if_it_is_plain(code):
    refused("not printable", of_core(CORE, code=code))
    assert not agreed(of_core(CORE, code=code))


@pytest.mark.parametrize(("length", "fits"), [(0, False), (64, True), (65, False)])
def test_a_code_has_a_length(length, fits):
    assert agreed(of_core(CORE, code="x" * length)) == fits


def test_a_text_in_an_action_is_utf8():
    whole = encode([*CORE[:4], [["text"]], CORE[5]])
    assert agreed(of_core(whole))
    refused("not canonical", of_core(whole.replace(b"text", b"te\xfft")))
    assert not agreed(of_core(whole.replace(b"text", b"te\xfft")))


@pytest.mark.parametrize(("levels", "fits"), [(13, True), (14, False), (5000, False)])
def test_nesting_has_a_limit(levels, fits):
    flat = encode([*CORE[:4], [["deep"]], CORE[5]])
    deep = flat.replace(encode("deep"), b"\x91" * levels + encode(1))
    assert agreed(of_core(deep)) == fits


@pytest.mark.parametrize("step", [1, -1])
def test_a_bucket_is_in_order(step):
    key = b"\x01one"
    place, other = sha256(key).digest(), b"\xff" * 32
    own = made.state_hash(b"\0", bytes(16), place, b"value")
    pairs = [[place, own], [other, bytes(32)]][::step]
    node, number = (
        made.state_hash(b"\1", *pairs[0], *pairs[1]),
        int(place.hex()[:5], 16),
    )
    for level in range(5):
        row = [bytes(32)] * 16
        row[number >> 4 * level & 15] = node
        node = made.state_hash(b"\2", *row)
    state = ["state-proof/v1", key, b"value", bytes(16), pairs, [[0, []]] * 5]
    assert agreed(logged([0, 7, NOW * 1000, node], state)) == (step == 1)


# --- text -------------------------------------------------------------------------

ODD = "\0\1\t\n\r \x1c\x7f\x85\xa0\u200b\u2028\ufeff\ufffd+—é=0A"


@settings(max_examples=300)
@given(
    st.sampled_from([RAW, STATE]),
    st.integers(0, 2000),
    st.integers(0, 3),
    st.text(ODD, max_size=3) | st.binary(max_size=2),
)
def test_both_agree_on_changed_text(raw, at, lost, new):
    at %= len(raw)
    added = new if isinstance(new, bytes) else new.encode()
    agreed(raw[:at] + added + raw[at + lost :])


@settings(max_examples=300)
@given(st.text(ODD + "name") | st.text(max_size=4), st.binary(max_size=7))
@example("stranger", b"12345")
@example("stranger", b"1234")
@example("", b"12345")
@example("a+b", b"12345")
@example("a\1b", b"12345")
@example("\u200b", b"12345")
def test_both_agree_on_a_stranger_s_signature(name, blob):
    agreed(RAW + f"— {name} {base64.b64encode(blob).decode()}\n".encode())


@given(st.lists(st.sampled_from(range(20)), max_size=20))
def test_both_agree_on_lines_that_are_moved_or_missing(order):
    lines = RAW.split(b"\n")
    agreed(b"\n".join(lines[number] for number in order if number < len(lines)))


def strangers(count):
    lines = (f"— s{number} {made.seed('s').hex()}\n" for number in range(count))
    return "".join(lines).encode()


def test_a_note_has_at_most_100_signatures():
    room = MAX_SIGNATURES - RAW.count(b"\n\xe2\x80\x94")
    assert agreed(RAW + strangers(room))
    assert not agreed(RAW + strangers(room + 1))
    refused("> 100 signatures", RAW + strangers(room + 1))


def test_both_have_one_limit_of_size():
    room = MAX_NOTE - len(RAW) - len(b"\xe2\x80\x94 n \n")
    line = b"\xe2\x80\x94 n%b %b\n" % (b"n" * (room % 4), b"A" * (room - room % 4))
    assert len(RAW + line) == MAX_NOTE
    assert agreed(RAW + line)
    longer = RAW + line.replace(b" n", b" nn", 1)
    assert not agreed(longer)
    refused("at most 1 MiB", longer)


def test_no_more_is_read_than_can_be_a_proof(monkeypatch, capsys):
    wanted = []

    class Endless(io.BytesIO):
        def read(self, count=-1):
            wanted.append(count)
            return bytes(count)

    monkeypatch.setattr(Path, "open", lambda *_: Endless())
    assert offline.main(["a.tlog-proof", "--key", *LOG]) == 1
    assert wanted == [MAX_NOTE + 1]
    assert "at most 1 MiB" in capsys.readouterr().err


# --- keys -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["node\udcff", "", "a b", "a\u2028"])
def test_a_key_with_an_impossible_name_is_refused(name, tmp_path, capsys):
    file = tmp_path / "a.tlog-proof"
    file.write_bytes(RAW)
    encoded = QUORUM[0].partition("+")[2].partition("+")[2]
    material = base64.b64decode(encoded)
    digest = sha256(name.encode(errors="replace") + b"\n" + material).digest()
    vkey = f"{name}+{digest[:4].hex()}+{encoded}"
    assert offline.main([str(file), "--key", vkey, "--now", str(NOW)]) == 1
    assert "verifier key is not well formed" in capsys.readouterr().err
    with pytest.raises(MalformedText):
        parse_vkey(vkey)


def test_a_name_may_be_of_any_script():
    key = VerifierKey("nœud-ä.例え", 4, made.signing_key(NODES[0]).public)
    assert parse_vkey(str(key)) == key
    refused("only 0 of 1", trust=(LOG, [str(key)], []))
