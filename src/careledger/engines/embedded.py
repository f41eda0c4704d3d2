"""The embedded engine: one process, one file, one writer.

    with Engine.open(path) as engine:
        verdict = engine.submit(envelope).result()

Threads: any number submit and ask; verifiers check signatures ahead; one commits.

The stop rule: any exception but a `Void`, in any of its threads, stops the engine
*before* it acknowledges anything more. What was not acknowledged may or may not
be on disk; the next start reads the file and nothing else.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock, Thread, current_thread
from types import TracebackType
from typing import Final, Self

from careledger.engines.backup import back_up
from careledger.engines.committer import Committer
from careledger.engines.errors import EngineStopped
from careledger.engines.head import Head
from careledger.engines.lock import FileLock
from careledger.engines.opening import create_store, open_store
from careledger.engines.pipeline import Pipeline, Submitted
from careledger.engines.reading import Block, Reader
from careledger.engines.setup import Setup, tune_interpreter
from careledger.engines.signed import (
    SignedHead,
    begin_signed,
    check_known,
    check_signed,
    keep_signed,
)
from careledger.engines.store import Store
from careledger.engines.tickets import Outcome, Ticket, give_up
from careledger.engines.verifiers import start_verifiers

PATIENCE: Final = 5.0
"""Seconds that `submit` waits for room."""


class Engine:
    """An open ledger that takes transactions.

    Attributes:
        query: questions to the ledger, from any thread.
        fault: what stopped the engine, if anything did.
    """

    def __init__(self, path: Path, store: Store, lock: FileLock, setup: Setup) -> None:
        """Use `Engine.open` or `Engine.create`."""
        self.query = Reader(store, path, setup.vfs)
        self.fault: BaseException | None = None
        self._path, self._store, self._lock = path, store, lock
        self._signing, self._closing = Lock(), Lock()
        self._is_closed = False
        self._pipeline = Pipeline(setup.bounds)
        clock = setup.clock_of(simulated=store.is_simulated)
        self._committer = Committer(store, self.query, self._pipeline, clock)
        tune_interpreter()
        self._threads = start_verifiers(setup.verifiers, self._pipeline, self._stop)
        self._threads.append(Thread(target=self._commit, name="committer", daemon=True))
        self._threads[-1].start()

    @classmethod
    def open(cls, path: Path, setup: Setup | None = None) -> Self:
        """Open a ledger and start.

        Raises:
            LedgerMissing, LedgerInUse, LedgerDamaged: as they say.
            Forked: the file is older than what this node has signed.
            SignedUnknown: nobody knows what it has signed.
        """
        setup = setup or Setup()
        lock = FileLock(path, setup.on_wait)
        try:
            return cls(path, _checked_store(path, setup.vfs), lock, setup)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def create(cls, path: Path, genesis: bytes, setup: Setup | None = None) -> Self:
        """Create a ledger from a genesis file, and start.

        Raises:
            BadGenesis: no genesis of this version of the rules.
            LedgerExists: something is at `path`.
            Forked: the node at this place has signed another ledger.
            SignedUnknown: nobody knows what it has signed.
        """
        setup = setup or Setup()
        lock = FileLock(path, setup.on_wait)
        try:
            if not path.exists():
                begin_signed(path)  # first: a crash leaves no ledger without it
            store = create_store(path, genesis, setup.vfs)
            return cls(path, store, lock, setup)
        except BaseException:
            lock.release()
            raise

    @property
    def state(self) -> str:
        """`running` or `stopped`."""
        return "stopped" if self.fault else "running"

    def submit(
        self,
        raw: bytes,
        listener: Callable[[Outcome], None] | None = None,
        timeout: float = PATIENCE,
    ) -> Ticket:
        """Take in an envelope. When its ticket has a verdict, that is on disk.

        Args:
            raw: the envelope as it travels.
            listener: called once with the verdict, in an engine's thread: it must
                return at once.
            timeout: seconds to wait for room.

        Raises:
            Busy: no room in time.
            EngineStopped: nothing is taken any more.
        """
        ticket = Ticket(listener)
        self._pipeline.put(Submitted(raw, ticket), timeout)
        return ticket

    def subscribe(self, position: int = 0) -> Iterator[Block]:
        """Yield each block from log position `position`, then each new one.

        Ends when the engine does.
        """
        try:
            while self._wait_for_growth(position):
                for block in self.query.blocks(position):
                    position = block.next
                    yield block
        except EngineStopped:
            return

    def checkpoint(self, sign: Callable[[int, bytes], bytes]) -> bytes:
        """Return a signed checkpoint of the log as it is.

        Args:
            sign: makes the signed note of a (size, root), with the node's key.

        It is on disk before it is returned, so this node can never be led to sign
        a history that does not contain it.
        """
        with self._signing:
            head = self.query.head
            note = sign(head.size, head.log_root)
            keep_signed(self._path, SignedHead(head.size, head.log_root, note))
            return note

    def backup(self, target: Path) -> Head:
        """Copy the ledger as it is now to `target`, while the engine runs.

        Returns where the copy stands.

        Raises:
            LedgerExists: something is at `target`.
        """
        return back_up(self._path, target)

    def wake(self) -> None:
        """Look at the clock now (whoever moves a simulated one calls this)."""
        self._pipeline.wake()

    def close(self) -> None:
        """Give every accepted transaction its verdict, then close the file.

        When it returns, the file is closed, whoever began to close it.

        Raises:
            RuntimeError: called by a listener, whose thread has yet to end.
        """
        if current_thread() in self._threads:
            raise RuntimeError("a listener cannot close its engine")
        with self._closing:
            if not self._is_closed:
                self._end()
                self._is_closed = True

    def _end(self) -> None:
        self._pipeline.close()
        for thread in self._threads:
            thread.join()
        with self._committer.grown:
            self._committer.grown.notify_all()
        self.query.close()
        if self.fault is None:
            self._store.close()
        else:
            self._store.drop()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wait_for_growth(self, position: int) -> bool:
        """Wait for the log to go beyond `position`; tell whether it did."""
        with self._committer.grown:
            self._committer.grown.wait_for(
                lambda: self._store.head.size > position or self._is_over()
            )
        return self._store.head.size > position

    def _commit(self) -> None:
        try:
            self._committer.run()
        except BaseException as error:  # noqa: BLE001 (the stop rule)
            self._stop(error)
            give_up(item.ticket for item in self._committer.in_hand)

    def _stop(self, error: BaseException) -> None:
        """Obey the stop rule: who waits in the queues hears `stopped`.

        Whoever has transactions in hand gives up on those himself, so that each
        ticket is settled once.
        """
        self.fault = self.fault or error
        give_up(self._pipeline.abandon())
        with self._committer.grown:
            self._committer.grown.notify_all()

    def _is_over(self) -> bool:
        return self._pipeline.drained or self.fault is not None


def _checked_store(path: Path, vfs: str | None) -> Store:
    """Open a ledger that contains what this node has signed.

    Raises:
        Forked, SignedUnknown: it does not, or nobody knows.
    """
    store = open_store(path, vfs)
    try:
        check_known(path)
        check_signed(path, store.log.stored, store.head.size)
    except BaseException:
        store.close()
        raise
    return store
