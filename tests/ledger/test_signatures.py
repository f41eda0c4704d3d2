"""Void by its signatures: stripped, extra, swapped, forged, or of nobody named."""

import nacl.bindings
import pytest

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import (
    Envelope,
    open_envelope,
    signed_message,
)
from careledger.ledger.execute import execute_block
from careledger.primitives.encoding import decode
from careledger.primitives.hashing import sha256
from tests.ledger.hostile import BOTH_PAY, PAY, remade, verdict, with_core
from tests.ledger.town import CARD, STRANGER
from tests.ledger.world import ANN, BOB, CY, START, World

# Signatures


def good(world: World, *by: object) -> tuple[bytes, tuple[bytes, ...]]:
    raw = world.envelope(*BOTH_PAY, by=[ANN, BOB])
    return raw, decode(raw, Envelope).signatures


def test_every_signer_signs_once_in_order_and_nobody_else():
    world = World()
    raw, (ann, bob) = good(world)
    stranger = STRANGER.sign(signed_message(open_envelope(raw).tx_id))
    flipped = bytes([ann[0] ^ 1]) + ann[1:]
    for signatures in (
        [bob, ann],
        [ann],
        [ann, ann],
        [ann, bob, stranger],
        [ann, stranger],
        [flipped, bob],
        [ann, bytes(64)],
    ):
        code = verdict(world, remade(raw, signatures=signatures))
        assert code == "void.wrong-signatures"
    assert verdict(world, raw) == "ok"


@pytest.mark.parametrize("signatures", [[], [bytes(63)], [bytes(65)], [bytes(64)] * 9])
def test_signatures_of_the_wrong_number_or_size(signatures):
    world = World()
    raw = world.envelope(PAY, by=[ANN])
    code = verdict(world, remade(raw, signatures=signatures))
    assert code == "void.malformed"


def test_a_signature_of_the_same_core_in_another_network_or_use():
    world = World()
    raw = world.envelope(PAY, by=[ANN])
    tx_id = open_envelope(raw).tx_id
    for message in (tx_id, b"careledger/tx/v2" + tx_id, b"careledger/tx/v1" + CARD):
        code = verdict(world, remade(raw, signatures=[ANN.sign(message)]))
        assert code == "void.wrong-signatures"


SMALL_ORDER = [
    bytes(32),
    b"\x01" + bytes(31),
    b"\xec" + b"\xff" * 30 + b"\x7f",
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
]
NOT_CANONICAL = [b"\xee" + b"\xff" * 30 + b"\x7f", b"\xff" * 32]


@pytest.mark.parametrize("public", SMALL_ORDER + NOT_CANONICAL, ids=bytes.hex)
def test_a_key_for_which_anybody_could_sign(public):
    world = World()
    identity = b"\x01" + bytes(31)
    raw = with_core(world, signers=[public])
    for signature in (identity + bytes(32), public + bytes(32)):
        code = verdict(world, remade(raw, signatures=[signature]))
        assert code == "void.wrong-signatures"


def test_a_signature_whose_scalar_is_not_reduced():
    world = World()
    raw = world.envelope(PAY, by=[ANN])
    (signature,) = decode(raw, Envelope).signatures
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    malleable = signature[:32] + scalar.to_bytes(32, "little")
    code = verdict(world, remade(raw, signatures=[malleable]))
    assert code == "void.wrong-signatures"


def another_signature(seed: bytes, message: bytes, nonce: bytes) -> bytes:
    """Sign with a nonce of one's own choice (RFC 8032 §5.1.6, otherwise as it is)."""
    core = nacl.bindings
    secret = bytearray(core.crypto_hash_sha512(seed)[:32])
    secret[0] &= 248
    secret[31] = secret[31] & 127 | 64
    public, _ = core.crypto_sign_seed_keypair(seed)
    reduced = core.crypto_core_ed25519_scalar_reduce(core.crypto_hash_sha512(nonce))
    point = core.crypto_scalarmult_ed25519_base_noclamp(reduced)
    challenge = core.crypto_core_ed25519_scalar_reduce(
        core.crypto_hash_sha512(point + public + message)
    )
    reduced_secret = core.crypto_core_ed25519_scalar_reduce(bytes(secret) + bytes(32))
    product = core.crypto_core_ed25519_scalar_mul(challenge, reduced_secret)
    return point + core.crypto_core_ed25519_scalar_add(reduced, product)


def test_two_signatures_of_one_core_make_one_transaction():
    world = World()
    raw = world.envelope(PAY, by=[ANN])
    message = signed_message(open_envelope(raw).tx_id)
    other = another_signature(sha256(b"ann"), message, b"chosen")
    twin = remade(raw, signatures=[other])
    assert verdict(world, twin) == "ok"
    header = Header(1, START + 1, world.root)
    pair = [open_envelope(one) for one in (raw, twin)]
    one = execute_block(world.state, header, pair)
    assert len(one.leaves) == 1
    assert one.leaves == execute_block(world.state, header, pair[::-1]).leaves


# Signers


@pytest.mark.parametrize(
    ("signers", "actions"),
    [
        pytest.param([ANN, BOB], [PAY], id="one whom no action names"),
        pytest.param([ANN], [Transfer(1, CY.public, 1)], id="an index beyond"),
        pytest.param([ANN, ANN], BOTH_PAY, id="one twice"),
        pytest.param([ANN, BOB], [Transfer(1, CY.public, 1)], id="the first unnamed"),
    ],
)
def test_signers_are_distinct_and_exactly_those_named(signers, actions):
    world = World()
    assert verdict(world, world.envelope(*actions, by=signers)) == "void.malformed"
