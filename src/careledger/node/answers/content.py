"""Entries, their manifests, and statements."""

from careledger.ledger.actions.base import EntryId, Hash
from careledger.primitives.encoding import Message, Millis, UInt


class EntryLine(Message, frozen=True):
    """An entry as the ledger has it.

    Attributes:
        entry: id.
        blob: SHA-256 of the blob.
        key_commitment: to its key.
        epoch: whose key it is sealed under.
        author: the seat that added it.
        supersedes: the entry it corrects, or empty.
        time: milliseconds.
        append: id of the transaction.
    """

    entry: EntryId
    blob: Hash
    key_commitment: Hash
    epoch: UInt
    author: UInt
    supersedes: bytes
    time: Millis
    append: Hash


class ManifestBodies(Message, frozen=True):
    """The sealed manifest of one append; for holders of its epoch."""

    append: Hash
    epoch: UInt
    bodies: tuple[bytes, ...]


class EntriesAnswer(Message, frozen=True):
    """Entries, oldest first. Ask again from `last` until it does not move."""

    record: Hash
    entries: tuple[EntryLine, ...]
    manifests: tuple[ManifestBodies, ...]
    last: int


class StatementLine(Message, frozen=True):
    """A sealed statement: its position, its author's seat and its body."""

    position: UInt
    epoch: UInt
    author: UInt
    body: bytes
