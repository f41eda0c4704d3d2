"""Ledgers with many purses, and transfers signed beforehand, for the benchmarks."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from careledger.engines.embedded import Engine
from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.governance import Application
from careledger.ledger.envelopes import Core, Envelope, signed_message
from careledger.ledger.genesis import FirstNode, Genesis, chain_id, write_genesis
from careledger.ledger.parameters import PROTOCOL, Parameters
from careledger.primitives.encoding import MAX_INTEGER, encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey

SIGNERS = 10_000
"""Keys that sign."""

BALANCE = 1_000_000
HOUR = 3_600_000


def signing_keys(count: int = SIGNERS) -> list[SigningKey]:
    """Return the keys that sign transfers."""
    return [SigningKey(sha256(b"signer" + n.to_bytes(4, "big"))) for n in range(count)]


def purse_names(keys: list[SigningKey], total: int) -> list[bytes]:
    """Return `total` purses: those of `keys` first, then others nobody signs for."""
    others = (sha256(n.to_bytes(8, "big")) for n in range(total - len(keys)))
    return [key.public for key in keys] + list(others)


def many_purses(purses: list[bytes]) -> bytes:
    """Return a genesis in which each of `purses` has a balance."""
    governor = SigningKey(sha256(b"governor")).public
    hospital = Application(
        bytes(32), b"hospital", b"h", b"h", ("hospital",), governor, bytes(1216)
    )
    return write_genesis(
        Genesis(
            protocol=PROTOCOL,
            name="benchmark.example/careledger",
            created=int(time.time() * 1000) - HOUR,
            simulated=False,
            governors=(governor,),
            threshold=1,
            parameters=Parameters(purse_quota=MAX_INTEGER),
            organisations=(hospital,),
            nodes=(FirstNode(0, "node.example/a", governor, bytes(1312)),),
            purses=tuple((purse, BALANCE) for purse in sorted(purses)),
        )
    )


def create_ledger(path: Path, purses: list[bytes]) -> bytes:
    """Create a ledger with those purses; return its chain id."""
    genesis = many_purses(purses)
    Engine.create(path, genesis).close()
    return chain_id(genesis)


def sign_transfers(
    chain: bytes,
    keys: list[SigningKey],
    payees: list[bytes],
    pairs: list[tuple[int, int]],
) -> list[bytes]:
    """Return one signed envelope for each (payer, payee) pair of numbers."""
    until = int(time.time() * 1000) + 12 * HOUR
    return list(_envelopes(chain, keys, payees, pairs, until))


def _envelopes(
    chain: bytes,
    keys: list[SigningKey],
    payees: list[bytes],
    pairs: list[tuple[int, int]],
    until: int,
) -> Iterator[bytes]:
    for payer, payee in pairs:
        key = keys[payer]
        action = Transfer(0, payees[payee], 1)
        core = encode(Core(chain, until, os.urandom(16), (key.public,), (action,), ()))
        signature = key.sign(signed_message(sha256(core)))
        yield encode(Envelope(core, (signature,), ()))
