"""The one thread that executes and commits blocks.

It takes whatever is checked, at once: a lone transaction waits for nobody, and
under load blocks grow by themselves. A block is also made when a timer is due.
"""

from collections.abc import Sequence
from threading import Condition
from typing import Final

from careledger.engines.clock import Clock
from careledger.engines.pipeline import Checked, Pipeline
from careledger.engines.reading import Reader
from careledger.engines.store import Store
from careledger.engines.tickets import Committed, Outcome
from careledger.errors import every_error
from careledger.ledger.blocks import BlockResult, Header
from careledger.ledger.execute import execute_block
from careledger.ledger.refusals.base import Duplicate, Void
from careledger.ledger.state import ORDERED_PREFIXES
from careledger.ledger.timers import due_time

_LONGEST_NAP: Final = 1.0
"""Seconds between two looks at the clock while a timer waits."""

_CHANGES: Final = 64 * 2**20
"""Bytes of changes in a block, about: what it read for them is in memory with it.

How much a transaction changes depends on the size of the state, so the last block
tells how many the next may have.
"""

_TIMERS: Final = ORDERED_PREFIXES[0]
_AFTER_TIMERS: Final = bytes([_TIMERS[0] + 1])


class Committer:
    """Turns checked transactions into blocks, one after the other.

    Attributes:
        grown: notified after every block.
        in_hand: the tickets of the block that is being made.
    """

    def __init__(
        self, store: Store, reader: Reader, pipeline: Pipeline, clock: Clock
    ) -> None:
        self.grown = Condition()
        self.in_hand: Sequence[Checked] = ()
        self._store, self._reader = store, reader
        self._pipeline, self._clock = pipeline, clock
        self._due = self._next_due()
        self._most = _CHANGES
        self._voids = {
            error.code: error for error in every_error() if issubclass(error, Void)
        }

    def run(self) -> None:
        """Make blocks until the pipeline is closed and empty.

        Raises:
            Exception: anything: nobody has been told a verdict that is not on
                disk, and memory can no longer be trusted.
        """
        while not self._pipeline.drained:
            self.in_hand = self._pipeline.take_checked(self._nap(), self._most)
            if self.in_hand or self._is_timer_due():
                self._make_block(self.in_hand)
            self._pipeline.settled(
                len(self.in_hand), sum(item.size for item in self.in_hand)
            )
            self.in_hand = ()

    def _make_block(self, block: Sequence[Checked]) -> None:
        store, last = self._store, self._store.head
        now = max(last.time + 1, self._clock())
        header = Header(last.height + 1, now, last.log_root)
        before = store.begin()
        before.look_up(item.transaction.tx_id for item in block)
        result = execute_block(before, header, [item.transaction for item in block])
        if result.diff or result.leaves:
            store.commit(header, result, before)
            self._due = self._next_due()
            self._most = 1 + _CHANGES * len(block) // store.changed
        else:
            store.cancel()
        self._settle(block, self._outcomes(header, result, last.size))
        with self.grown:
            self.grown.notify_all()

    def _outcomes(
        self, header: Header, result: BlockResult, first: int
    ) -> dict[bytes, Outcome]:
        outcomes: dict[bytes, Outcome] = {
            one.tx_id: Committed(
                one.tx_id, first + one.position, one.code, header.height, header.time
            )
            for one in result.receipts
        }
        for tx_id, code in result.voids:
            outcomes[tx_id] = self._void(tx_id, code)
        return outcomes

    def _void(self, tx_id: bytes, code: str) -> Outcome:
        """Return why there is no new leaf; for a duplicate, the verdict it has."""
        recorded = self._reader.receipt(tx_id) if code == Duplicate.code else None
        return recorded or self._voids[code]()

    def _settle(self, block: Sequence[Checked], outcomes: dict[bytes, Outcome]) -> None:
        for item in block:
            item.ticket.settle(outcomes[item.transaction.tx_id])

    def _next_due(self) -> int | None:
        keys = self._store.first(_TIMERS, _AFTER_TIMERS, 1)
        return due_time(keys[0]) if keys else None

    def _is_timer_due(self) -> bool:
        return self._due is not None and self._due <= self._clock()

    def _nap(self) -> float | None:
        """Return how long to wait for transactions, seconds; `None`: without end."""
        if self._due is None:
            return None
        return min(_LONGEST_NAP, max(0.0, (self._due - self._clock()) / 1000))
