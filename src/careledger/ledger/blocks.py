"""Blocks: what goes in, what comes out, and what the log keeps.

transaction leaf = [1, core (bin), [signature…], code (str)]
block leaf       = [0, height, time, state root]
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from careledger.ledger.actions.base import Hash
from careledger.ledger.envelopes import MAX_ENVELOPE, Transaction
from careledger.ledger.state import Event
from careledger.primitives.encoding import Message, Millis, UInt, encode
from careledger.primitives.hashing import sha256


class Header(NamedTuple):
    """What the engine says about a block.

    Attributes:
        height: 1 for the first block after genesis.
        time: milliseconds, later than the last block leaf's.
        previous_root: the log's root before the block (32 bytes).
    """

    height: int
    time: int
    previous_root: bytes


class TransactionLeaf(Message, frozen=True, tag=1):
    """A verdict: the transaction and the code it got."""

    core: Annotated[bytes, Meta(max_length=MAX_ENVELOPE)]
    signatures: tuple[bytes, ...]
    code: Annotated[str, Meta(pattern=r"^[ -~]{1,64}$(?!\n)")]


class BlockLeaf(Message, frozen=True, tag=0):
    """The end of a block that changed the state."""

    height: UInt
    time: Millis
    state_root: Hash


class Receipt(Struct, frozen=True, gc=False):
    """The final verdict on one transaction.

    Attributes:
        tx_id: 32 bytes.
        position: among the block's leaves.
        code: `ok`, or the permanent code of a refusal.
    """

    tx_id: bytes
    position: int
    code: str


@dataclass(slots=True)
class BlockResult:
    """What a block does. The engine stores all of it at once, or nothing.

    Attributes:
        diff: state key → new value; `None` deletes.
        leaves: transaction leaves in the order of execution (RFC 6962 leaf data).
        receipts: one per leaf, in the same order.
        parties: per leaf, the 32-byte keys and ids it is indexed under.
        bodies: per leaf, the (hash, bytes) pairs to store.
        events: per leaf, what happened; timers' events stand alone.
        timer_events: what the timers did at the start of the block.
        voids: (tx_id, code) of envelopes that leave no trace.
    """

    diff: dict[bytes, bytes | None] = field(default_factory=dict)
    leaves: list[bytes] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    parties: list[tuple[bytes, ...]] = field(default_factory=list)
    bodies: list[tuple[tuple[bytes, bytes], ...]] = field(default_factory=list)
    events: list[list[Event]] = field(default_factory=list)
    timer_events: list[Event] = field(default_factory=list)
    voids: list[tuple[bytes, str]] = field(default_factory=list)


def block_leaf(height: int, time: int, state_root: bytes) -> bytes:
    """Return the leaf data that closes a block."""
    return encode(BlockLeaf(height, time, state_root))


def in_order(
    previous_root: bytes, transactions: Iterable[Transaction]
) -> list[Transaction]:
    """Return a block's transactions in their order of execution.

    Nobody can order others' transactions: the order is that of
    SHA-256(previous root ‖ tx_id). Of duplicates the one with the least signatures
    stays: a signer can make several for one core, and all nodes must log the same.
    """
    ordered = sorted(
        transactions,
        key=lambda tx: sha256(previous_root + tx.tx_id) + b"".join(tx.signatures),
    )
    unique: dict[bytes, Transaction] = {}
    for tx in ordered:
        unique.setdefault(tx.tx_id, tx)
    return list(unique.values())
