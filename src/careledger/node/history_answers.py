"""Answers about what happened: a record's transactions, and a key's own."""

from typing import Final

from careledger.ledger.blocks import TransactionLeaf
from careledger.node.answers import Receipt, Recorded
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party
from careledger.primitives.hashing import sha256

PAGE: Final = 64
"""Transactions in one answer."""

_BATCH: Final = 256


class HistoryDesk:
    """What a key may know about the transactions that concern it."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def history(self, who: Party, after: int) -> tuple[Recorded, ...]:
        """Return the record's transactions, refused ones too; for the owner."""
        found = self._facts.reader.transactions_of(who.record, after, PAGE)
        return tuple(self._recorded(position) for position in found)

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
