"""A running hash over a record's own events: nothing can be left out unseen.

Each record's leaf carries a counter and a running hash of every transaction that
its handles signed, refused ones included. Who exports a history and the leaf
(with its proof) can show that no event is missing, swapped or cut at the end.
"""

from collections.abc import Iterable
from typing import ClassVar, Final

from careledger.errors import CareLedgerError
from careledger.ledger.actions.base import Hash
from careledger.primitives.encoding import Message, UInt
from careledger.primitives.hashing import marked_hash

_MARKER: Final = b"careledger/history/v1"


class NotComplete(CareLedgerError):
    """A history that does not lead to the leaf it is checked against."""

    code: ClassVar[str] = "history.not-complete"
    happened: ClassVar[str] = "Events are missing, added or out of order."
    to_do: ClassVar[str] = "Ask another node for the history, and keep this one."


class History(Message, frozen=True):
    """How many events there were, and the hash that runs over them."""

    counter: UInt = 0
    running: Hash = bytes(32)

    def after(self, tx_id: bytes) -> "History":
        """Return the history with one more event."""
        return History(self.counter + 1, marked_hash(_MARKER, self.running, tx_id))


def check_complete(events: Iterable[bytes], expected: History) -> None:
    """Check that `events` (tx ids, oldest first) are all there were.

    Args:
        events: transaction ids of an exported history.
        expected: from a proven leaf of the record.

    Raises:
        NotComplete: one is missing, added, swapped or cut off.
    """
    history = History()
    for tx_id in events:
        history = history.after(tx_id)
    if history != expected:
        raise NotComplete
