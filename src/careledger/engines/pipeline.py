"""The way of a transaction inside an engine: submitted → checked → settled.

One bound covers everything between `put` and `settled`, in number and bytes. When
it is reached, submitters wait: back-pressure, not memory.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Final

from msgspec import Struct

from careledger.engines.errors import Busy, EngineStopped
from careledger.engines.tickets import Ticket
from careledger.ledger.envelopes import Transaction

BLOCK_BYTES: Final = 8 * 2**20
"""Envelope bytes after which a block takes no more."""


class Submitted(Struct, frozen=True, gc=False):
    """Bytes that somebody sent."""

    raw: bytes
    ticket: Ticket


class Checked(Struct, frozen=True, gc=False):
    """A transaction whose form and signatures are in order."""

    transaction: Transaction
    ticket: Ticket
    size: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an engine holds at once.

    Attributes:
        waiting: transactions between `submit` and verdict.
        waiting_bytes: their bytes.
        block: transactions in a block.
        chunk: transactions that a verifier takes at a time.
    """

    waiting: int = 65_536
    waiting_bytes: int = 64 * 2**20
    block: int = 32_768
    chunk: int = 1024


class Pipeline:
    """The queues between submitters, verifiers and the committer."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._submitted: deque[Submitted] = deque()
        self._checked: deque[Checked] = deque()
        self._open = self._open_bytes = 0
        self._closed = self._abandoned = False
        self._woken = False
        lock = self._lock = Lock()
        self._room, self._work, self._ready = (Condition(lock) for _ in range(3))

    def put(self, item: Submitted, timeout: float) -> None:
        """Take in a transaction, waiting at most `timeout` seconds for room.

        Raises:
            Busy: there was no room in time.
            EngineStopped: nothing is taken any more.
        """
        with self._lock:
            if self._is_full() and not self._room.wait_for(self._has_room, timeout):
                raise Busy
            if self._closed:
                raise EngineStopped
            self._submitted.append(item)
            self._open += 1
            self._open_bytes += len(item.raw)
            self._work.notify()

    def take_submitted(self) -> list[Submitted]:
        """Wait for transactions to check; an empty list means: go home."""
        with self._lock:
            self._work.wait_for(lambda: self._submitted or self._closed)
            # At most half, so that a colleague has work too.
            count = min((len(self._submitted) + 1) // 2, self._bounds.chunk)
            return [self._submitted.popleft() for _ in range(count)]

    def put_checked(self, checked: Sequence[Checked]) -> None:
        """Hand checked transactions to the committer.

        Raises:
            EngineStopped: there is no committer any more; they stay the caller's.
        """
        with self._lock:
            if self._abandoned:
                raise EngineStopped
            self._checked.extend(checked)
            self._ready.notify()

    def take_checked(self, timeout: float | None, most: int) -> list[Checked]:
        """Return everything that is checked, up to a block's bounds and `most`.

        Waits for the first one, a `wake`, or `timeout` seconds.
        """
        most = min(most, self._bounds.block)
        with self._lock:
            self._ready.wait_for(self._is_due, timeout)
            self._woken = False
            block: list[Checked] = []
            size = 0
            while self._checked and len(block) < most:
                size += self._checked[0].size
                if size > BLOCK_BYTES and block:
                    break
                block.append(self._checked.popleft())
            return block

    def settled(self, count: int, size: int) -> None:
        """Make room: `count` transactions of `size` bytes have their verdict."""
        with self._lock:
            self._open -= count
            self._open_bytes -= size
            self._room.notify_all()
            self._ready.notify()

    def wake(self) -> None:
        """Let the committer look at the clock."""
        with self._lock:
            self._woken = True
            self._ready.notify()

    def close(self) -> None:
        """Take nothing more; what is inside still gets its verdict."""
        with self._lock:
            self._closed = True
            for waiting in (self._room, self._work, self._ready):
                waiting.notify_all()

    def abandon(self) -> list[Ticket]:
        """Close, and return the tickets of everything that waits in here.

        What somebody has in hand stays his: he settles it.
        """
        self.close()
        with self._lock:
            self._abandoned = True
            left = [item.ticket for item in self._submitted]
            left.extend(item.ticket for item in self._checked)
            self._submitted.clear()
            self._checked.clear()
            self._ready.notify()
            return left

    @property
    def drained(self) -> bool:
        """Closed, and nothing inside waits for a verdict."""
        return self._closed and (self._abandoned or not self._open)

    def _is_full(self) -> bool:
        bounds = self._bounds
        return self._open >= bounds.waiting or self._open_bytes >= bounds.waiting_bytes

    def _has_room(self) -> bool:
        return self._closed or not self._is_full()

    def _is_due(self) -> bool:
        return bool(self._checked) or self._woken or self.drained
