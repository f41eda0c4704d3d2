"""What `submit` hands back: a promise of a verdict."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from typing import NamedTuple

from careledger.engines.errors import EngineStopped, StillWaiting
from careledger.errors import CareLedgerError


class Committed(NamedTuple):
    """A final verdict that is on disk.

    Attributes:
        tx_id: 32 bytes.
        position: of its leaf in the log.
        code: `ok`, or the permanent code of a refusal.
        height: of its block.
        time: of its block, milliseconds.
    """

    tx_id: bytes
    position: int
    code: str
    height: int
    time: int


Outcome = Committed | CareLedgerError


class Ticket:
    """One submitted transaction, until its verdict is on disk.

    A bare lock instead of a Future: there are tens of thousands a second.
    """

    __slots__ = ("_listener", "_outcome", "_pending")

    def __init__(self, listener: Callable[[Outcome], None] | None = None) -> None:
        self._outcome: Outcome | None = None
        self._listener = listener
        self._pending = Lock()
        self._pending.acquire()

    def result(self, timeout: float = -1) -> Committed:
        """Wait for the verdict, at most `timeout` seconds (−1: without end).

        Raises:
            Void: the envelope leaves no trace; which one says why.
            EngineStopped: ask for the receipt after the next start.
            StillWaiting: no verdict in time.
        """
        if self._outcome is None:
            if not self._pending.acquire(timeout=timeout):
                raise StillWaiting
            self._pending.release()
        if isinstance(self._outcome, Committed):
            return self._outcome
        raise self._outcome or StillWaiting

    @property
    def settled(self) -> bool:
        """Tell whether the verdict has come."""
        return self._outcome is not None

    def settle(self, outcome: Outcome) -> None:
        """Give the verdict. For the engine alone, once."""
        self._outcome = outcome
        self._pending.release()
        if self._listener is not None:
            # A listener's fault (its event loop has closed) is not the ledger's.
            with suppress(Exception):
                self._listener(outcome)


def give_up(tickets: Iterable[Ticket]) -> None:
    """Tell everybody who still waits that the engine has stopped."""
    for ticket in tickets:
        if not ticket.settled:
            ticket.settle(EngineStopped())
