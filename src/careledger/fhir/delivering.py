"""One batch on its way: sealed, stored with a custodian, appended.

In this order: a crash after storing leaves blobs that the vault drops after a
day; what is on the ledger has its blobs on disk.
"""

from dataclasses import dataclass
from io import BytesIO

from careledger.client.current import sealing_key
from careledger.client.paging import every_page
from careledger.client.part import Part
from careledger.client.ready import ready_to_write
from careledger.client.writing import store
from careledger.fhir.batches import Sealable
from careledger.ledger.actions.records import Append, NewEntry
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Core
from careledger.ledger.refusals.records import StaleEpoch
from careledger.node.answers import EntriesAnswer, Recorded, SeatAnswer
from careledger.node.questions import MyEntries, MyTransactions
from careledger.primitives.encoding import decode
from careledger.sealing.aead import NONCE_SIZE
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.envelope import SealedEntry, seal_entry
from careledger.sealing.manifest import seal_manifest


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch that can leave this machine.

    Attributes:
        batch: what it was made from.
        entries: its sealed entries.
        bodies: its sealed manifest.
        epoch: under whose key.
        seat: as it was when the batch was sealed.
    """

    batch: list[Sealable]
    entries: list[SealedEntry]
    bodies: tuple[bytes, ...]
    epoch: int
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
    """Seal each resource as an entry of its own, under the id it was given.

    Raises:
        StaleEpoch: somebody left: the keys must be rotated first.
        NotHeld, WrapDoesNotOpen, Tampered: the current key is not there.
    """
    epoch, key = sealing_key(part)
    # One draw for all: each is a system call, during which other threads take over.
    chance = BytesIO(random_bytes(NONCE_SIZE * len(batch)))
    entries = [
        seal_entry(key, one.raw, _draw(one.entry_id, chance.read(NONCE_SIZE)))
        for one in batch
    ]
    lines = [line for one in batch for line in one.lines]
    binding = part.line.binding(part.record, epoch)
    return Sealed(batch, entries, seal_manifest(key, binding, lines), epoch, seat)


def seal_ready(part: Part, seat: SeatAnswer, batch: list[Sealable]) -> Sealed:
    """Seal a batch; where somebody left since `seat`, rotate first.

    Raises:
        StaleEpoch: the node says that nobody left, and proves the contrary.
        NotHeld, WrapDoesNotOpen, Tampered: as for `seal_batch`.
    """
    try:
        return seal_batch(part, seat, batch)
    except StaleEpoch:
        return seal_batch(part, ready_to_write(part), batch)


def deliver(part: Part, sealed: Sealed) -> Delivered:
    """Store and append a batch; when this returns, both are on disk.

    Raises:
        NoCustodian: no vault took the blobs; one that was erased may be among
            them: `deliver_again`.
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
    action = Append(0, sealed.epoch, entries, custodian, stored)
    # COMMIT POINT inside. A crash before it leaves blobs without an entry.
    part.line.act([part.keys.signing], [action], sealed.bodies)
    ids = [one.entry_id for one in sealed.entries]
    return Delivered(ids, [], sum(len(one.blob) for one in sealed.entries), 1)


def deliver_again(part: Part, batch: list[Sealable]) -> Delivered:
    """Deliver what is not there yet, under the keys of now.

    An earlier run's append may have arrived after this one looked. What was there
    and is no longer has been erased, and an erased id never comes back.

    Raises:
        NoCustodian, NotPermitted, OverQuota: as for `deliver`.
    """
    known = recorded_ids(part)
    erased = _appended_ids(part) - known
    there = [one.entry_id for one in batch if one.entry_id in known]
    gone = [one.entry_id for one in batch if one.entry_id in erased]
    rest = [one for one in batch if one.entry_id not in known | erased]
    done = Delivered(there, gone, 0, 0)
    if not rest:
        return done
    return done + deliver(part, seal_ready(part, ready_to_write(part), rest))


def _appended_ids(part: Part) -> frozenset[bytes]:
    """Return the ids of all entries that this handle ever appended.

    Raises:
        NotWhatWasAsked: pages that are not in order.
    """

    def ask(after: int) -> tuple[Recorded, ...]:
        question = MyTransactions(after)
        return part.line.ask(part.keys.signing, question, tuple[Recorded, ...])

    found: set[bytes] = set()
    for page in every_page(ask):
        for one in page:
            leaf = decode(one.leaf, TransactionLeaf)
            appends = decode(leaf.core, Core).actions if leaf.code == "ok" else ()
            for action in appends:
                if isinstance(action, Append):
                    found.update(each.entry for each in action.entries)
    return frozenset(found)


def _draw(entry_id: bytes, chance: bytes) -> Draw:
    """Return a source of chance that gives an entry the id that it must have.

    Args:
        entry_id: what is drawn first.
        chance: what is drawn then: the nonce.
    """
    drawn = iter((entry_id, chance))

    def draw(_: int) -> bytes:
        return next(drawn)

    return draw
