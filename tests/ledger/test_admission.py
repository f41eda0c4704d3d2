"""Void: whatever is not in order leaves no leaf, no receipt, no id, no trace.

Every bad envelope here goes the whole way that hostile bytes go: decoded, its
signatures checked, executed in a block. The block must come out empty.
"""

import nacl.bindings
import pytest

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.governance import SetParameter
from careledger.ledger.actions.registry import CancelKeyChange, RegisterMember
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import (
    MAX_ENVELOPE,
    Envelope,
    check_signatures,
    open_envelope,
    reopen,
    signed_message,
)
from careledger.ledger.execute import execute_block
from careledger.ledger.parameters import Parameters
from careledger.ledger.refusals.base import (
    BodyMismatch,
    Malformed,
    TooLarge,
    Void,
    WrongSignatures,
)
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from tests.ledger.town import CARD, DREW, HOSPITAL, NEW, STRANGER, Town
from tests.ledger.world import ANN, BOB, CY, DAY, HOUR, START, World, genesis

PAY = Transfer(0, CY.public, 1)
BOTH_PAY = (Transfer(0, CY.public, 1), Transfer(1, CY.public, 1))


def verdict(world: World, raw: bytes) -> str:
    """Return how an envelope fares in the next block, and check its traces."""
    before = dict(world.state)
    try:
        tx = open_envelope(raw)
        check_signatures(tx)
    except Void as void:
        return void.code
    header = Header(world.height + 1, world.now + 1, world.root)
    result = execute_block(world.state, header, [tx])
    assert world.state == before, "executing a block must not write"
    if result.receipts:
        return result.receipts[0].code
    assert (result.diff, result.leaves, result.events) == ({}, [], [])
    assert (result.parties, result.bodies, result.timer_events) == ([], [], [])
    ((tx_id, code),) = result.voids
    assert tx_id == tx.tx_id
    return code


def remade(raw: bytes, **changes: object) -> bytes:
    """Return the envelope with some of its three parts replaced."""
    parts = decode(raw, Envelope)
    fields = {name: getattr(parts, name) for name in parts.__struct_fields__}
    return encode(tuple((fields | changes).values()))


def recored(world: World, **changes: object) -> bytes:
    """Return Ann's payment with raw values in its core, properly signed by Ann."""
    core = {
        "chain_id": world.chain,
        "valid_until": world.now + HOUR,
        "salt": bytes(16),
        "signers": [ANN.public],
        "actions": [["coin.transfer", 0, CY.public, 1]],
        "body_hashes": [],
    }
    raw = encode(list((core | changes).values()))
    return encode([raw, [ANN.sign(signed_message(sha256(raw)))], []])


def test_the_envelopes_below_differ_from_a_good_one_in_one_thing():
    world = World()
    assert verdict(world, world.envelope(PAY, by=[ANN])) == "ok"
    assert verdict(world, recored(world)) == "ok"


# Chain and time


def test_an_envelope_for_another_network():
    world = World()
    raw = world.envelope(PAY, by=[ANN], chain_id=bytes(32))
    assert verdict(world, raw) == "void.wrong-chain"


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (START, "void.expired"),
        (START + 1, "ok"),
        (START + 1 + DAY, "ok"),
        (START + 2 + DAY, "void.too-far-ahead"),
    ],
)
def test_valid_until_lies_between_the_blocks_time_and_24_hours_later(until, code):
    world = World()
    assert verdict(world, world.envelope(PAY, by=[ANN], until=until)) == code


def test_what_is_recorded_is_not_recorded_again():
    world = World()
    paid = world.envelope(PAY, by=[ANN])
    refused = world.envelope(Transfer(0, CY.public, 5_000), by=[ANN])
    world.block(paid, refused)
    for raw in (paid, refused):
        assert verdict(world, raw) == "void.duplicate"


def test_a_void_envelope_may_come_again():
    world = World()
    early = world.envelope(PAY, by=[ANN], until=START + DAY + HOUR)
    assert verdict(world, early) == "void.too-far-ahead"
    world.block(at=START + HOUR)
    assert verdict(world, early) == "ok"


# Who is known


def test_an_envelope_of_strangers():
    town = Town()
    assert verdict(town, town.envelope(PAY, by=[STRANGER])) == "void.nobody-known"
    nobody = town.envelope(*BOTH_PAY, by=[STRANGER, NEW])
    assert verdict(town, nobody) == "void.nobody-known"


def test_one_known_signer_brings_the_others_in():
    world = World()
    raw = world.envelope(*BOTH_PAY, by=[ANN, STRANGER])
    assert verdict(world, raw) == "coin.insufficient-funds"


def test_a_key_counts_only_as_what_it_signs():
    town = Town()
    assert verdict(town, town.envelope(PAY, by=[HOSPITAL])) == "void.nobody-known"
    assert verdict(town, town.envelope(PAY, by=[DREW])) == "void.nobody-known"
    quota = SetParameter((0,), "purse_quota", 1)
    assert verdict(town, town.envelope(quota, by=[ANN])) == "void.nobody-known"


def test_possession_of_a_new_key_makes_nobody_known():
    town = Town()
    register = RegisterMember(0, 1, "staff", CARD)
    raw = town.envelope(register, by=[STRANGER, DREW])
    assert verdict(town, raw) == "void.nobody-known"


def test_a_purse_with_less_than_the_smallest_balance_is_unknown():
    world = World(genesis(parameters=Parameters(smallest_balance=1_001)))
    assert verdict(world, world.envelope(PAY, by=[ANN])) == "void.nobody-known"
    world = World(genesis(parameters=Parameters(smallest_balance=1_000)))
    assert verdict(world, world.envelope(PAY, by=[ANN])) == "ok"


# Quotas


def test_a_purse_has_a_quota_for_each_day_refusals_included():
    world = World(genesis(parameters=Parameters(purse_quota=3)))
    too_much = Transfer(0, CY.public, 5_000)
    assert world.act(too_much, by=[ANN]) == "coin.insufficient-funds"
    assert world.act(PAY, PAY, by=[ANN]) == "ok"
    assert world.act(PAY, by=[ANN]) == "void.over-quota"
    assert world.act(PAY, by=[BOB]) == "ok"
    midnight = (world.now // DAY + 1) * DAY
    world.block(at=midnight - 2)
    assert world.act(PAY, by=[ANN]) == "void.over-quota"
    assert world.act(PAY, by=[ANN]) == "ok"
    assert world.now == midnight


def test_an_envelope_over_quota_charges_nobody():
    world = World(genesis(parameters=Parameters(purse_quota=3)))
    world.act(PAY, PAY, PAY, by=[ANN])
    raw = world.envelope(*BOTH_PAY, by=[BOB, ANN])
    assert verdict(world, raw) == "void.over-quota"


def test_organisations_governors_and_members_have_quotas_too():
    town = Town(parameters=Parameters(organisation_quota=5, member_quota=1))
    register = RegisterMember(0, 1, "staff", CARD)
    refused = town.act(register, by=[HOSPITAL, DREW])
    assert refused == "registry.key-taken"  # the hospital's fifth action so far
    assert town.act(register, by=[HOSPITAL, NEW]) == "void.over-quota"
    quota = SetParameter((0, 1), "purse_quota", 7)
    assert town.govern(quota, quota, quota, quota) == "ok"  # five with the town's own
    assert town.govern(quota) == "void.over-quota"
    assert town.act(CancelKeyChange(0), by=[DREW]) == "registry.no-change-pending"
    assert town.act(CancelKeyChange(0), by=[DREW]) == "void.over-quota"


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
    raw = recored(world, signers=[public])
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
    assert verdict(world, recored(world, **changes)) == "void.malformed"


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


# Replay


def test_a_logged_transaction_opens_without_its_bodies():
    world = World()
    raw = world.envelope(PAY, by=[ANN], bodies=(b"one",))
    first = open_envelope(raw)
    again = reopen(first.core, first.signatures)
    assert (again.tx_id, again.content, again.bodies) == (
        first.tx_id,
        first.content,
        (),
    )
    check_signatures(again)
    with pytest.raises(Malformed):
        reopen(first.core + b"\x00", first.signatures)
    with pytest.raises(WrongSignatures):
        check_signatures(reopen(first.core, ()))
