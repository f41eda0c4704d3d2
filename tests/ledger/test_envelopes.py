"""Envelopes: hostile bytes end in `Void`, quickly; good ones have one encoding."""

import time

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from careledger.ledger.actions import AnyAction, named_signers
from careledger.ledger.actions.base import SEALING_KEY_SIZE
from careledger.ledger.actions.coin import Transfer
from careledger.ledger.envelopes import (
    MAX_ENVELOPE,
    Core,
    Envelope,
    check_signatures,
    open_envelope,
    signed_message,
)
from careledger.ledger.refusals.base import Malformed, Void
from careledger.primitives.encoding import NotCanonical, decode, encode
from careledger.primitives.hashing import sha256
from tests.ledger.messages import actions, anything
from tests.ledger.world import ANN, BOB, CY, GOVERNORS, World

WORLD = World()
KEYS = (ANN, BOB, CY, *GOVERNORS)
KEY = bytes(SEALING_KEY_SIZE)
QUICK = 0.010
"""Seconds of processor time that bad bytes may cost."""


def signed(action: AnyAction) -> bytes:
    """Return an envelope with one action, its indexes made to fit its signers."""
    bodies = (KEY,) if action.publishes else ()
    indexes = sorted({index for _, index in named_signers(action)})
    core = Core(
        bytes(32),
        1,
        bytes(16),
        tuple(bytes([i]) * 32 for i in range(indexes[-1] + 1)),
        (action,),
        tuple(map(sha256, bodies)),
    )
    return encode(Envelope(encode(core), (bytes(64),), bodies))


def outcome(raw: bytes) -> str:
    """Return what becomes of `raw`: nothing but a `Void` may come out."""
    try:
        check_signatures(open_envelope(raw))
    except Void as void:
        return void.code
    return "ok"


def time_of(raw: bytes) -> float:
    """Return the processor time of the quickest of three tries."""
    tries = []
    for _ in range(3):
        start = time.thread_time()
        outcome(raw)
        tries.append(time.thread_time() - start)
    return min(tries)


@given(st.binary(max_size=300))
def test_random_bytes_are_void(raw):
    assert outcome(raw) == "void.malformed"


@st.composite
def mutated(draw) -> tuple[bytes, bytes]:
    """A signed envelope, and the same with some bytes cut, put in or changed."""
    raw = WORLD.envelope(
        *draw(st.lists(anything(AnyAction), min_size=1, max_size=3)),
        by=draw(st.permutations(KEYS).map(lambda keys: keys[:2])),
        bodies=tuple(draw(st.lists(st.binary(max_size=20), max_size=2))),
        salt=bytes(16),
    )
    bad = raw
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(bad)))
        end = draw(st.integers(start, min(len(bad), start + 4)))
        bad = bad[:start] + draw(st.binary(max_size=4)) + bad[end:]
    return raw, bad


@given(mutated())
@settings(max_examples=40)
def test_a_damaged_envelope_is_void(pair):
    raw, bad = pair
    if bad != raw:
        assert outcome(bad).startswith("void.")
        assert time_of(bad) <= QUICK


@pytest.mark.parametrize(
    "raw",
    [
        b"\x91" * MAX_ENVELOPE,
        b"\xdd\xff\xff\xff\xff" * (MAX_ENVELOPE // 5),
        encode([bytes(MAX_ENVELOPE - 100), [bytes(64)], []]),
        encode([b"", [bytes(64)] * 1_900, []]),
        encode([b"", [bytes(64)], [b""] * 120_000]),
        b"\xc1" * MAX_ENVELOPE,
        bytes(MAX_ENVELOPE + 1),
    ],
    ids=["nested", "endless", "empty core", "signatures", "bodies", "no code", "large"],
)
def test_the_worst_bytes_are_void_quickly(raw):
    assert outcome(raw) in ("void.malformed", "void.too-large")
    assert time_of(raw) <= QUICK


@given(anything(Core), st.lists(st.binary(max_size=40), max_size=3))
def test_a_core_has_one_encoding(core, bodies):
    raw = encode(core)
    assert decode(raw, Core) == core
    assert encode(decode(raw, Core)) == raw
    whole = encode(Envelope(raw, (bytes(64),), tuple(bodies)))
    assert encode(decode(whole, Envelope)) == whole


@given(st.binary(max_size=60))
def test_what_decodes_encodes_to_the_same_bytes(raw):
    for kind in (Core, Envelope, AnyAction, int, bytes):
        try:
            value = decode(raw, kind)
        except NotCanonical:
            continue
        assert encode(value) == raw


@pytest.mark.parametrize("action", actions(), ids=lambda one: one.__struct_config__.tag)
def test_every_action_travels(action):
    """Each opens inside an envelope once its signers are the ones it names."""

    @given(anything(action))
    def travels(value):
        published = dict.fromkeys(value.publishes, sha256(KEY))
        value = replace(value, **published)
        named = sorted({index for _, index in named_signers(value)})
        raw = signed(value)
        if named == list(range(len(named))):
            assert open_envelope(raw).content.actions == (value,)
        else:
            with pytest.raises(Malformed):
                open_envelope(raw)

    travels()


def test_what_is_signed_is_the_marker_and_the_id():
    transaction = open_envelope(World().envelope(Transfer(0, CY.public, 1), by=[ANN]))
    assert transaction.tx_id == sha256(transaction.core)
    expected = b"careledger/tx/v1" + transaction.tx_id
    assert signed_message(transaction.tx_id) == expected
