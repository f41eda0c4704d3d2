"""Void by its shape: bounds, nesting, one encoding, sizes, bodies."""

import pytest

from careledger.ledger.envelopes import (
    MAX_ENVELOPE,
    Envelope,
    open_envelope,
)
from careledger.ledger.refusals.base import (
    BodyMismatch,
    TooLarge,
)
from careledger.primitives.encoding import decode, encode
from tests.ledger.hostile import PAY, remade, verdict, with_core
from tests.ledger.world import ANN, CY, World

# Shape


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"chain_id": bytes(31)}, id="short chain id"),
        pytest.param({"valid_until": -1}, id="negative time"),
        pytest.param({"valid_until": 2**53}, id="time beyond 2^53 − 1"),
        pytest.param({"valid_until": 2**64 - 1}, id="the largest integer"),
        pytest.param({"valid_until": 1.0}, id="a float"),
        pytest.param({"valid_until": True}, id="a truth value"),
        pytest.param({"valid_until": None}, id="nothing"),
        pytest.param({"salt": bytes(15)}, id="short salt"),
        pytest.param({"salt": "s" * 16}, id="text for bytes"),
        pytest.param({"signers": []}, id="no signer"),
        pytest.param({"signers": [bytes(31)]}, id="short key"),
        pytest.param(
            {
                "signers": [bytes([i]) * 32 for i in range(9)],
                "actions": [["coin.transfer", i, CY.public, 1] for i in range(9)],
            },
            id="nine signers",
        ),
        pytest.param({"actions": []}, id="no action"),
        pytest.param(
            {"actions": [["coin.transfer", 0, CY.public, 1]] * 65}, id="65 actions"
        ),
        pytest.param({"actions": [["coin.steal", 0]]}, id="unknown action"),
        pytest.param({"actions": [[7, 0, CY.public, 1]]}, id="tag of another kind"),
        pytest.param(
            {"actions": [["coin.transfer", 0, CY.public]]}, id="field missing"
        ),
        pytest.param(
            {"actions": [["coin.transfer", 0, CY.public, 1, 1]]}, id="field too many"
        ),
        pytest.param({"actions": [["coin.transfer", 0, CY.public, 0]]}, id="no amount"),
        pytest.param(
            {"actions": [["coin.transfer", 0, CY.public, 2**53]]}, id="too much"
        ),
        pytest.param({"actions": [["coin.transfer", 8, CY.public, 1]]}, id="index 8"),
        pytest.param({"actions": [["coin.transfer", -1, CY.public, 1]]}, id="index −1"),
        pytest.param(
            {"actions": [{"type": "coin.transfer", "payer": 0}]}, id="a map for a list"
        ),
        pytest.param({"body_hashes": [bytes(31)]}, id="short body hash"),
        pytest.param({"body_hashes": [bytes(32)] * 17}, id="17 bodies"),
        pytest.param({"more": 1}, id="an unknown field"),
    ],
)
def test_a_core_out_of_bounds(changes):
    world = World()
    assert verdict(world, with_core(world, **changes)) == "void.malformed"


def longer(raw: bytes, at: int, replaced: bytes, by: bytes) -> bytes:
    assert raw[at : at + len(replaced)] == replaced
    return raw[:at] + by + raw[at + len(replaced) :]


def test_one_meaning_has_one_encoding():
    """A longer spelling of a length or number is refused, in core and envelope."""
    world = World()
    raw = world.envelope(PAY, by=[ANN])
    core = decode(raw, Envelope).core
    cores = [
        longer(core, 0, b"\x96", b"\xdc\x00\x06"),
        longer(core, 1, b"\xc4\x20", b"\xc5\x00\x20"),
        longer(core, len(core) - 2, b"\x01", b"\xcc\x01"),
        longer(core, len(core) - 2, b"\x01", b"\xd0\x01"),
    ]
    envelopes = [encode([one, [bytes(64)], []]) for one in cores]
    envelopes += [longer(raw, 0, b"\x93", b"\xdc\x00\x03"), raw + b"\x00", raw[:-1]]
    for one in envelopes:
        assert verdict(world, one) == "void.malformed"


@pytest.mark.parametrize("depth", [8, 1_000, 100_000])
@pytest.mark.parametrize("opener", [b"\x91", b"\x81\xa1a", b"\xdd\xff\xff\xff\xff"])
def test_nesting_ends_where_the_messages_do(depth, opener):
    world = World()
    deep = (opener * depth)[: MAX_ENVELOPE - 500]
    assert verdict(world, deep) == "void.malformed"
    assert verdict(world, b"\x93" + deep) == "void.malformed"
    inside = encode([world.chain, 1, bytes(16), [ANN.public]])
    core = b"\x96" + inside[1:] + b"\x91" + deep
    assert verdict(world, encode([core, [bytes(64)], []])) == "void.malformed"


# Size and bodies


def test_an_envelope_has_at_most_128_kib():
    world = World()
    bodies = tuple(bytes([i]) * 14_500 for i in range(9))
    raw = world.envelope(PAY, by=[ANN], bodies=bodies)
    spare = MAX_ENVELOPE - len(raw)
    largest = (*bodies[:-1], bytes(14_500 + spare))
    assert len(world.envelope(PAY, by=[ANN], bodies=largest)) == MAX_ENVELOPE
    assert verdict(world, world.envelope(PAY, by=[ANN], bodies=largest)) == "ok"
    more = (*bodies[:-1], bytes(14_501 + spare))
    too_large = world.envelope(PAY, by=[ANN], bodies=more)
    assert verdict(world, too_large) == "void.too-large"
    with pytest.raises(TooLarge):
        open_envelope(bytes(MAX_ENVELOPE + 1))


def test_a_body_has_at_most_16_kib():
    world = World()
    assert (
        verdict(world, world.envelope(PAY, by=[ANN], bodies=(bytes(16_384),))) == "ok"
    )
    raw = world.envelope(PAY, by=[ANN], bodies=(bytes(16_385),))
    assert verdict(world, raw) == "void.malformed"


def test_bodies_are_the_ones_whose_hashes_are_signed():
    world = World()
    raw = world.envelope(PAY, by=[ANN], bodies=(b"one", b"two"))
    assert verdict(world, raw) == "ok"
    for bodies in (
        [b"one"],
        [b"two", b"one"],
        [b"one", b"two", b"three"],
        [b"one", b"2"],
        [],
    ):
        code = verdict(world, remade(raw, bodies=bodies))
        assert code == "void.body-mismatch"
        with pytest.raises(BodyMismatch):
            open_envelope(remade(raw, bodies=bodies))
