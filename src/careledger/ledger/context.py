"""What a handler may look at: its draft, its signers, the block's time."""

from msgspec import Struct

from careledger.ledger.state import Draft
from careledger.primitives.hashing import marked_hash


class Context(Struct, frozen=True, gc=False):
    """One action of one transaction.

    Attributes:
        draft: the transaction's own draft.
        chain_id: the network.
        signers: the keys whose signatures were checked.
        now: the block's time, milliseconds.
        tx_id: the transaction.
        position: of the action in the transaction.
    """

    draft: Draft
    chain_id: bytes
    signers: tuple[bytes, ...]
    now: int
    tx_id: bytes
    position: int

    def new_id(self) -> bytes:
        """Return a fresh identifier for what this action creates (32 bytes)."""
        return marked_hash(
            b"careledger/id/v1", self.tx_id, self.position.to_bytes(1, "big")
        )
