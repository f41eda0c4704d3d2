"""What a validator stores: transactions in order, verdicts, times, bodies, state.

The attacker reads this and nothing else. Sizes are those of the stored bodies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from careledger.cli.verifying import state_entries
from careledger.engines.opening import open_store
from careledger.engines.reading import Reader
from careledger.ledger.actions.governance import Application
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Core, Envelope
from careledger.ledger.genesis import Genesis
from careledger.ledger.workflows.governance import organisation_id
from careledger.ledger.workflows.seats import Place
from careledger.primitives.encoding import decode
from careledger.primitives.hashing import sha256

PLACES: Final = b"\x50"
"""The table of the state that says to which record a key belongs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A transaction as a validator has it.

    Attributes:
        position: in the log.
        time: of its block, milliseconds.
        core: what was signed.
        code: the verdict.
        bodies: the attachments.
        named: what a switch of the simulation adds; empty in the product.
    """

    position: int
    time: int
    core: Core
    code: str
    bodies: tuple[bytes, ...]
    named: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that one validator has.

    Attributes:
        events: all transactions, in order.
        state: key → value.
        organisations: id → everything public that names it.
        aliases: key → the key in whose place it stands; a switch of the simulation.
    """

    events: tuple[Seen, ...]
    state: Mapping[bytes, bytes]
    organisations: Mapping[bytes, tuple[bytes, ...]]
    aliases: Mapping[bytes, bytes] = field(default_factory=dict)

    def records(self) -> dict[bytes, bytes]:
        """Return key → record, for every key that serves one, from the state."""
        return {
            key[1:]: decode(value, Place).record
            for key, value in self.state.items()
            if key[:1] == PLACES
        }


def events_of(reader: Reader, envelopes: Iterable[bytes]) -> tuple[Seen, ...]:
    """Return every transaction of a log, with the bodies that came with it.

    A validator may keep bodies that the rules let it drop; this one does.
    """
    came = {}
    for raw in envelopes:
        envelope = decode(raw, Envelope)
        came[sha256(envelope.core)] = envelope.bodies
    found = []
    for block in reader.blocks():
        for number, raw in enumerate(block.transactions):
            leaf = decode(raw, TransactionLeaf)
            bodies = came.get(sha256(leaf.core), ())
            core = decode(leaf.core, Core)
            seen = Seen(block.first + number, block.end.time, core, leaf.code, bodies)
            found.append(seen)
    return tuple(found)


def read_file(
    ledger: Path,
) -> tuple[dict[bytes, bytes], dict[bytes, tuple[bytes, ...]]]:
    """Return the state in a ledger's file that nobody has open, and who is public.

    Returns:
        State key → value, and organisation id → everything public that names it.
    """
    store = open_store(ledger)
    try:
        genesis = decode(store.genesis, Genesis)
        public = {organisation_id(one): _names(one) for one in genesis.organisations}
        return dict(state_entries(store)), public
    finally:
        store.close()


def _names(one: Application) -> tuple[bytes, ...]:
    return (organisation_id(one), one.name, one.entity, one.key, one.mailbox)
