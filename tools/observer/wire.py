"""The way to the network, with the delays of people and lines; it keeps envelopes."""

import random

from careledger.client.transport import Transport
from careledger.local import SimulatedClock
from careledger.node.answers import Directory, FeedPage, Receipt
from careledger.node.questions import Asked
from careledger.primitives.notes import VerifierKey


class Unhurried:
    """A transport on which moments pass before something is handed in.

    Attributes:
        chain_id: the network.
        log_key: signs its checkpoints.
        envelopes: everything that was handed in, bodies included.
    """

    chain_id: bytes
    log_key: VerifierKey

    def __init__(
        self, inner: Transport, clock: SimulatedClock, rng: random.Random
    ) -> None:
        self.chain_id, self.log_key = inner.chain_id, inner.log_key
        self.envelopes: list[bytes] = []
        self._inner, self._clock, self._rng = inner, clock, rng

    def time(self) -> int:
        """Return the ledger's time, milliseconds."""
        return self._inner.time()

    def submit(self, envelope: bytes) -> Receipt:
        """Hand in an envelope after the moments that a person and a line take."""
        self._clock.now = self.time() + int(300 + self._rng.expovariate(1 / 2_000))
        self.envelopes.append(envelope)
        return self._inner.submit(envelope)

    def ask(self, asked: Asked) -> bytes:
        """Return the encoded answer to a signed question."""
        return self._inner.ask(asked)

    def checkpoint(self) -> bytes:
        """Return the log's signed checkpoint, as it is now."""
        return self._inner.checkpoint()

    def growth(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes of the log."""
        return self._inner.growth(old, new)

    def directory(self, after: int) -> Directory:
        """Return a page of who is publicly listed, with proofs."""
        return self._inner.directory(after)

    def feed(self, after: int) -> FeedPage:
        """Return invitations behind a place in the feed."""
        return self._inner.feed(after)
