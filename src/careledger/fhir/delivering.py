"""One batch on its way: sealed, stored with a custodian, appended.

In this order: a crash after storing leaves blobs that the vault drops after a
day; what is on the ledger has its blobs on disk.
"""

from dataclasses import dataclass

from careledger.client.part import Part, current_key
from careledger.client.rotating import rotate
from careledger.client.writing import store
from careledger.fhir.batches import Sealable
from careledger.ledger.actions.records import Append, NewEntry
from careledger.ledger.refusals.records import KeyNotFresh
from careledger.node.answers import EntriesAnswer, SeatAnswer
from careledger.node.questions import MyEntries
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.envelope import SealedEntry, seal_entry
from careledger.sealing.keys import ENTRY_ID_SIZE
from careledger.sealing.manifest import seal_manifest


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch that can leave this machine.

    Attributes:
        batch: what it was made from.
        entries: its sealed entries.
        bodies: its sealed manifest.
        seat: as it was when the batch was sealed.
    """

    batch: list[Sealable]
    entries: list[SealedEntry]
    bodies: tuple[bytes, ...]
    seat: SeatAnswer


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a batch.

    Attributes:
        entries: ids that are on the ledger now.
        refused: ids that the ledger does not take again: they were erased.
        sealed: bytes of the blobs.
        transactions: how many it took.
    """

    entries: list[bytes]
    refused: list[bytes]
    sealed: int
    transactions: int

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(
            self.entries + other.entries,
            self.refused + other.refused,
            self.sealed + other.sealed,
            self.transactions + other.transactions,
        )


def writable_seat(part: Part) -> SeatAnswer:
    """Return the seat, after a rotation if somebody left.

    Raises:
        NothingHere: the handle takes no part (any more).
        NotHeld, KeyMissing, WrongHolders: as for `rotate`.
    """
    if part.seat().stale:
        rotate(part)
    return part.seat()


def recorded_ids(part: Part) -> frozenset[bytes]:
    """Return the ids of all entries of the record that this part may see."""
    found: set[bytes] = set()
    after = -1
    while True:
        answer = part.line.ask(part.keys.signing, MyEntries(after), EntriesAnswer)
        found.update(one.entry for one in answer.entries)
        if answer.last == after:
            return frozenset(found)
        after = answer.last


def seal_batch(part: Part, seat: SeatAnswer, batch: list[Sealable]) -> Sealed:
    """Seal each resource as an entry of its own, under the id it was given."""
    key = current_key(part, seat.epoch)
    entries = [seal_entry(key, one.raw, _draw(one.entry_id)) for one in batch]
    lines = [line for one in batch for line in one.lines]
    binding = part.line.binding(part.record, seat.epoch)
    return Sealed(batch, entries, seal_manifest(key, binding, lines), seat)


def deliver(part: Part, sealed: Sealed) -> Delivered:
    """Store and append a batch; when this returns, both are on disk.

    Raises:
        NoCustodian: no vault took the blobs.
        NotPermitted: this handle may not write (any more).
        OverQuota: too much for one day; the rest can be imported tomorrow.
        StaleEpoch: somebody left meanwhile: `deliver_again`.
        KeyNotFresh: an id is on the ledger already: `deliver_again`.
    """
    custodian, stored = store(part, sealed.seat, sealed.entries)
    entries = tuple(
        NewEntry(one.entry_id, one.blob_hash, one.commitment, b"")
        for one in sealed.entries
    )
    action = Append(0, sealed.seat.epoch, entries, custodian, stored)
    # COMMIT POINT inside. A crash before it leaves blobs without an entry.
    part.line.act([part.keys.signing], [action], sealed.bodies)
    ids = [one.entry_id for one in sealed.entries]
    return Delivered(ids, [], sum(len(one.blob) for one in sealed.entries), 1)


def deliver_again(part: Part, batch: list[Sealable]) -> Delivered:
    """Deliver what is not there yet, under the keys of now.

    An earlier run's append may have arrived after this one looked; what is still
    refused then was erased, and an erased id never comes back.

    Raises:
        NoCustodian, NotPermitted, OverQuota: as for `deliver`.
    """
    known = recorded_ids(part)
    done = Delivered([one.entry_id for one in batch if one.entry_id in known], [], 0, 0)
    rest = [one for one in batch if one.entry_id not in known]
    return done + _deliver_halves(part, rest) if rest else done


def _deliver_halves(part: Part, batch: list[Sealable]) -> Delivered:
    try:
        return deliver(part, seal_batch(part, writable_seat(part), batch))
    except KeyNotFresh:
        if len(batch) == 1:
            return Delivered([], [batch[0].entry_id], 0, 0)
    middle = len(batch) // 2
    first = _deliver_halves(part, batch[:middle])
    return first + _deliver_halves(part, batch[middle:])


def _draw(entry_id: bytes) -> Draw:
    """Return a source of chance that gives an entry the id that it must have."""

    def draw(size: int) -> bytes:
        return entry_id if size == ENTRY_ID_SIZE else random_bytes(size)

    return draw
