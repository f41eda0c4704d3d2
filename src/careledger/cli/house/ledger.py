"""The ledger for a command: the node that serves it is asked, or the file is opened.

A node that serves has the file to itself. A command that runs beside it speaks to it
over its socket, and notices no difference.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from careledger.cli.house.beside import Beside, Questions, serving_node
from careledger.cli.ledgers import now, open_engine
from careledger.cli.session import Session
from careledger.client.home import Home
from careledger.client.line import refusal_of
from careledger.client.trust import checkpoint_signer
from careledger.engines.embedded import Engine
from careledger.engines.tickets import Committed


class Ledger(Protocol):
    """A ledger that takes transactions.

    Attributes:
        query: questions to it.
    """

    query: Questions

    def time(self) -> int:
        """Return the time to put into what is signed for it, milliseconds."""
        ...

    def verdict(self, envelope: bytes) -> Committed:
        """Return the verdict on an envelope once that is on disk.

        Raises:
            Void: it leaves no trace; which one says why.
            StillWaiting: no verdict in time.
        """
        ...

    def checkpoint(self) -> bytes:
        """Return a checkpoint of the log as it is, signed by this home's node."""
        ...


@contextmanager
def open_ledger(session: Session, home: Home) -> Iterator[Ledger]:
    """Give a command the home's ledger for as long as it needs it.

    Raises:
        LedgerMissing, LedgerInUse, LedgerDamaged, Forked: as for `open_engine`.
        OtherNetwork: the ledger is not of the network of the home's genesis.
    """
    node = serving_node(home)
    if node is not None:
        yield Beside(node)
        return
    with open_engine(session, home) as engine:
        yield Opened(session, home, engine)


def submit(ledger: Ledger, envelope: bytes) -> Committed:
    """Send a transaction; return its verdict if that is `ok`.

    Raises:
        Void: it leaves no trace; which one says why.
        Refusal: it is recorded as refused; which one says why.
        StillWaiting: no verdict in time.
    """
    verdict = ledger.verdict(envelope)
    if verdict.code == "ok":
        return verdict
    raise refusal_of(verdict.code, f"transaction {verdict.tx_id.hex()}")


def verdict_facts(verdict: Committed) -> dict[str, object]:
    """Return a verdict as answers show it."""
    return {
        "transaction": verdict.tx_id,
        "code": verdict.code,
        "height": verdict.height,
        "time": verdict.time,
        "position": verdict.position,
    }


class Opened:
    """The ledger as this process has it open."""

    def __init__(self, session: Session, home: Home, engine: Engine) -> None:
        self.query: Questions = engine.query
        self._session, self._home, self._engine = session, home, engine

    def time(self) -> int:
        """Return the time of the machine, or of the last block if that is later."""
        return max(now(), self.query.head.time)

    def verdict(self, envelope: bytes) -> Committed:
        """Return the verdict on an envelope."""
        return self._engine.submit(envelope).result(self._home.config.wait_seconds)

    def checkpoint(self) -> bytes:
        """Return a checkpoint signed with the keys of this home."""
        offices = self._session.unlock(self._home)
        return self._engine.checkpoint(checkpoint_signer(self._home.network, offices))
