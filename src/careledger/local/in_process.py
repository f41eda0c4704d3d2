"""The transport of one process: what would travel is encoded, and called."""

from typing import Final

from careledger.engines.embedded import Engine
from careledger.node.answers import Directory, FeedPage, Receipt
from careledger.node.desk import Desk
from careledger.node.questions import Asked
from careledger.primitives.encoding import decode, encode
from careledger.primitives.notes import VerifierKey

_PATIENCE: Final = 60.0
"""Seconds that a verdict may take."""


class InProcess:
    """A transport that calls the node's functions, encoding what would travel."""

    def __init__(
        self, engine: Engine, desk: Desk, chain: bytes, key: VerifierKey
    ) -> None:
        self.chain_id, self.log_key = chain, key
        self._engine, self._desk = engine, desk

    def time(self) -> int:
        """Return the ledger's time, milliseconds."""
        return self._desk.facts.time()

    def submit(self, envelope: bytes) -> Receipt:
        """Hand in an envelope; return its verdict when that is on disk."""
        done = self._engine.submit(envelope).result(_PATIENCE)
        return Receipt(done.tx_id, done.position, done.code, done.time)

    def ask(self, asked: Asked) -> bytes:
        """Return the encoded answer to a signed question."""
        return self._desk.answer(decode(encode(asked), Asked))

    def checkpoint(self) -> bytes:
        """Return the log's signed checkpoint, as it is now."""
        return self._desk.checkpoint()

    def growth(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes of the log."""
        return self._desk.growth(old, new)

    def directory(self, after: int) -> Directory:
        """Return a page of who is publicly listed, with proofs."""
        return self._desk.directory(after)

    def feed(self, after: int) -> FeedPage:
        """Return invitations behind a place in the feed."""
        return self._desk.feed(after)
