"""A network of purses for engine tests, and transfers between them."""

import secrets
import shutil
from itertools import count
from pathlib import Path

from careledger.engines.embedded import Engine
from careledger.engines.row_files import rows_beside
from careledger.engines.row_moves import RowLimits
from careledger.engines.setup import Setup
from careledger.engines.store import Store
from careledger.ledger.actions.coin import PlaceHold, Transfer
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.execute import execute_block
from careledger.ledger.genesis import chain_id
from careledger.primitives.signing import SigningKey
from tests.ledger.world import HOUR, START, World, genesis, key

PURSES = tuple(key(f"purse-{at}") for at in range(16))
GENESIS = genesis(purses=tuple(sorted((k.public, 1_000_000) for k in PURSES)))
CHAIN = chain_id(GENESIS)
SOON = 10.0
"""Seconds within which an engine must have answered."""
EAGER = RowLimits(dead=0, lap=64)
"""Rows move, and index pages are written anew, every few blocks."""

_salts = count(secrets.randbits(64))  # other processes make other transactions


class Clock:
    """Simulated time: it stands still until somebody moves it."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def setup(**changes: object) -> Setup:
    return Setup(**({"clock": Clock(), "verifiers": 2} | changes))  # type: ignore[arg-type]


def envelope(*actions: object, by: SigningKey, **changes: object) -> bytes:
    world = World.__new__(World)
    world.chain, world.now, world.salt = CHAIN, START, next(_salts)
    return world.envelope(*actions, by=[by], **({"until": START + HOUR} | changes))  # type: ignore[arg-type]


def transfer(
    payer: int = 0, payee: int = 1, amount: int = 1, **changes: object
) -> bytes:
    action = Transfer(0, PURSES[payee].public, amount)
    return envelope(action, by=PURSES[payer], **changes)


def purse_key(at: int) -> bytes:
    return b"\x30" + PURSES[at].public


def run(path: Path, blocks: int = 3) -> None:
    """Make a ledger, or go on with it: some blocks of four payments, and a hold."""
    opened = (
        Engine.open(path, setup())
        if path.exists()
        else Engine.create(path, GENESIS, setup())
    )
    with opened as engine:
        for at in range(blocks):
            tickets = [
                engine.submit(transfer(at, at + 1, bodies=(b"sealed %d" % at,)))
                for _ in range(4)
            ]
            assert {ticket.result(SOON).code for ticket in tickets} == {"ok"}
        hold = PlaceHold(0, PURSES[1].public, 5, START + HOUR)
        engine.submit(envelope(hold, by=PURSES[0])).result(SOON)


def commit(store: Store, raw: bytes) -> None:
    """Make a block of one envelope, without an engine."""
    last, before = store.head, store.begin()
    header = Header(last.height + 1, last.time + 1, last.log_root)
    result = execute_block(before, header, [open_envelope(raw)])
    store.commit(header, result, before)


def move_rows(store: Store) -> None:
    """Make blocks until all rows have left the file that grows now."""
    generation = store.head.rows.generation
    while store.head.rows.generation == generation or store.head.rows.is_moving:
        commit(store, transfer(store.head.height % 16))


def copy_ledger(path: Path, target: Path) -> None:
    """Copy a ledger that nobody has open."""
    for file in (path, *rows_beside(path)):
        shutil.copy(file, target.with_name(target.name + file.name[len(path.name) :]))


def note(size: int, root: bytes) -> bytes:
    """Return what stands for a node's signed note."""
    return b"%d %s" % (size, root.hex().encode())


def lose(ledger: Path) -> None:
    """Remove a ledger; what its node has signed stays known."""
    for file in (ledger, *rows_beside(ledger)):
        file.unlink()


def lose_signed(ledger: Path) -> None:
    """Remove the note of what a ledger's node has signed."""
    ledger.with_name(ledger.name + ".signed").unlink()
