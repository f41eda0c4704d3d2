"""The ledger's state as the rules read it, from an engine's reader.

`Facts` also answers a vault's four questions (`careledger.vault.view`).
"""

from collections.abc import Callable

from careledger.engines.reading import Reader
from careledger.ledger.actions.records import Read
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Core
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.state import Base, Draft
from careledger.ledger.workflows import records, seats
from careledger.node.state_keys import Entry, entry_key
from careledger.primitives.encoding import decode_any
from careledger.vault.view import EntryFact, ReadFact


class _State:
    """The present state, for reading only."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def get(self, key: bytes) -> bytes | None:
        return self._reader.state(key)

    def recorded(self, tx_id: bytes) -> bool:
        return self._reader.receipt(tx_id) is not None

    def first(self, prefix: bytes, below: bytes, limit: int) -> list[bytes]:  # noqa: ARG002
        return []  # the timers are the engine's business


class Facts:
    """Questions about the present state, in the words of the rules."""

    def __init__(self, reader: Reader, clock: Callable[[], int]) -> None:
        self.reader = reader
        self._clock = clock

    def draft(self) -> Draft:
        """Return a draft over the present state, to read through."""
        return Draft(Base(_State(self.reader)))

    def time(self) -> int:
        """Return the ledger's time, milliseconds: never before its last block."""
        return max(self.reader.head.time, self._clock())

    def body(self, body_hash: bytes | None) -> bytes:
        """Return a body, or nothing if there is none or it was dropped."""
        return self.reader.body(body_hash or b"") or b""

    def transaction(self, position: int) -> tuple[Core, TransactionLeaf]:
        """Return the transaction at a log position."""
        leaf: TransactionLeaf = decode_any(self.reader.leaf(position), TransactionLeaf)
        return decode_any(leaf.core, Core), leaf

    def read(self, tx_id: bytes) -> ReadFact | None:
        """Return a recorded `Read`, or `None`."""
        receipt = self.reader.receipt(tx_id)
        if receipt is None:
            return None
        content, _ = self.transaction(receipt.position)
        stated = tuple(
            (content.signers[action.reader], entry)
            for action in content.actions
            if isinstance(action, Read)
            for entry in action.entries
        )
        return ReadFact(receipt.code, receipt.time, stated)

    def is_active(self, handle: bytes) -> bool:
        """Tell whether a handle may act in its record now."""
        draft, now = self.draft(), self.time()
        place = seats.known_place(draft, handle, "seat", now)
        return place is not None and seats.is_active(
            draft, place.record, place.seat, now
        )

    def entry(self, record: bytes, entry_id: bytes) -> Entry | None:
        """Return an entry, erased or not, or `None`."""
        raw = self.reader.state(entry_key(record, entry_id))
        return None if raw is None else decode_any(raw, Entry)

    def entry_for(self, key: bytes, entry_id: bytes) -> EntryFact | None:
        """Return an entry of the record that a handle or custodian belongs to."""
        draft = self.draft()
        try:
            place = seats.place(draft, key)
            record = records.even_erased(draft, place.record)
        except Refusal:
            return None
        found = self.entry(place.record, entry_id)
        left = place.kind == "custodian" and not records.serves(
            draft, place.record, key, self.time()
        )
        if found is None or left:
            return None
        erased = record.status == "erased" or found.erased > 0
        is_custodian = place.kind == "custodian"
        return EntryFact(found.blob, erased, place.record, is_custodian)

    def may_store(self, writer: bytes, custodian: bytes) -> bool:
        """Tell whether a handle may write to a record that a custodian keeps."""
        draft, now = self.draft(), self.time()
        found = seats.known_place(draft, writer, "seat", now)
        if found is None or not self.is_active(writer):
            return False
        mine = seats.seat(draft, found.record, found.seat)
        return "write" in mine.capabilities and records.serves(
            draft, found.record, custodian, now
        )
