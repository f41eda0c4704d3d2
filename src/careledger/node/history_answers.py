"""Answers about what happened: a record's transactions, and a key's own."""

from typing import Final

from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.state import Draft
from careledger.ledger.workflows import seats
from careledger.node.answers import Receipt, Recorded
from careledger.node.digest import Digests
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party
from careledger.primitives.hashing import sha256

PAGE: Final = 64
"""Transactions in one answer."""

_BATCH: Final = 256


class HistoryDesk:
    """What a key may know about the transactions that concern it."""

    def __init__(self, facts: Facts, digests: Digests) -> None:
        self._facts, self._digests = facts, digests

    def history(self, who: Party, after: int) -> tuple[Recorded, ...]:
        """Return the record's transactions, refused ones too; for the owner.

        A refused one is indexed under its signers only, so all keys of the
        record are looked up.
        """
        digest, reader = self._digests.of(who.record), self._facts.reader
        found = dict.fromkeys(reader.transactions_of(who.record, after, _BATCH))
        for key in digest.signers:
            found.update(dict.fromkeys(reader.transactions_of(key, after, _BATCH)))
        positions = [one for one in sorted(found) if self._is_of(who.record, one)]
        return tuple(self._recorded(one) for one in positions[:PAGE])

    def _is_of(self, record: bytes, position: int) -> bool:
        """Tell whether a transaction is the record's.

        A key may have signed before it belonged to it: a refused attempt to
        open the record, or to accept.
        """
        if position in self._facts.reader.transactions_of(record, position - 1, 1):
            return True
        content, leaf = self._facts.transaction(position)
        draft, time = self._facts.draft(), self._time(leaf)
        return any(_counted(draft, key, record, time) for key in content.signers)

    def _time(self, leaf: TransactionLeaf) -> int:
        receipt = self._facts.reader.receipt(sha256(leaf.core))
        return 0 if receipt is None else receipt.time

    def _recorded(self, position: int) -> Recorded:
        """Return one transaction with the bodies that are still there."""
        content, leaf = self._facts.transaction(position)
        return Recorded(
            position,
            self._time(leaf),
            self._facts.reader.leaf(position),
            tuple(self._facts.body(one) for one in content.body_hashes),
        )

    def receipts(self, key: bytes, after: int) -> tuple[Receipt, ...]:
        """Return the verdicts on what `key` itself signed; nobody's is no answer."""
        reader, lines = self._facts.reader, []
        for position in reader.transactions_of(key, after, _BATCH):
            content, leaf = self._facts.transaction(position)
            found = reader.receipt(sha256(leaf.core))
            if key in content.signers and found is not None:
                lines.append(Receipt(found.tx_id, position, found.code, found.time))
        return tuple(lines)

    def transactions(self, who: Party, after: int) -> tuple[Recorded, ...]:
        """Return the transactions that this active handle is party to."""
        found = self._facts.reader.transactions_of(who.key, after, PAGE)
        return tuple(self._recorded(position) for position in found)


def _counted(draft: Draft, key: bytes, record: bytes, time: int) -> bool:
    """Tell whether a key counted as the record's own at a time.

    What somebody who has left signs, together with another key, is not the
    record's: it must not make an honest history look incomplete.
    """
    try:
        place = seats.place(draft, key)
    except Refusal:
        return False
    if place.record != record or place.kind == "sharer":
        return False
    return place.kind != "seat" or _stood(draft, record, place.seat, time)


def _stood(draft: Draft, record: bytes, number: int, time: int) -> bool:
    """Tell whether a seat, and its inviters below the owner, had not ended then."""
    seat = seats.seat(draft, record, number)
    if seat.until and seat.until <= time:
        return False
    while number != seats.OWNER:
        seat = seats.seat(draft, record, number)
        if seat.ended and seat.ended <= time:
            return False
        number = seat.inviter
    return True
