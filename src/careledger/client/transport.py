"""The one seam to the outside: how a session reaches its node.

In this process (`careledger.local`) and, later, over HTTP. Everything behind it
is untrusted: sessions check hashes, commitments, signatures and proofs.
"""

from typing import Protocol

from careledger.node.answers import Directory, FeedPage, Receipt
from careledger.node.questions import Asked
from careledger.primitives.notes import VerifierKey


class Transport(Protocol):
    """A way to one node of one network.

    Attributes:
        chain_id: the network (32 bytes), from its genesis file.
        log_key: the key that signs the log's checkpoints, from the same place.
    """

    @property
    def chain_id(self) -> bytes:
        """The network, from its genesis file (32 bytes)."""
        ...

    @property
    def log_key(self) -> VerifierKey:
        """The key that signs the log's checkpoints."""
        ...

    def time(self) -> int:
        """Return the ledger's time, milliseconds."""
        ...

    def submit(self, envelope: bytes) -> Receipt:
        """Hand in an envelope; return its verdict when that is on disk.

        Raises:
            Void: it leaves no trace in the ledger; which one says why.
        """
        ...

    def ask(self, asked: Asked) -> bytes:
        """Return the encoded answer to a signed question.

        Raises:
            NothingHere: nothing that the asking key may see.
            NotServed, NotKept: a vault said no.
        """
        ...

    def checkpoint(self) -> bytes:
        """Return the log's signed checkpoint, as it is now."""
        ...

    def growth(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes of the log.

        Raises:
            NothingHere: the log is not that long.
        """
        ...

    def directory(self, after: int) -> Directory:
        """Return a page of who is publicly listed, with proofs."""
        ...

    def feed(self, after: int) -> FeedPage:
        """Return invitations behind a place in the feed, for whomever."""
        ...
