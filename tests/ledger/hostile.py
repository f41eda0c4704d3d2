"""Bad envelopes: how they are made, and how they fare.

Every one goes the whole way that hostile bytes go: decoded, its signatures checked,
executed in a block. The block must come out empty.
"""

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import (
    Envelope,
    check_signatures,
    open_envelope,
    signed_message,
)
from careledger.ledger.execute import execute_block
from careledger.ledger.refusals.base import (
    Void,
)
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from tests.ledger.world import ANN, CY, HOUR, World

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


def with_core(world: World, **changes: object) -> bytes:
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
