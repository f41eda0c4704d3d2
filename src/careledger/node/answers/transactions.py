"""What the log has of a transaction, and how it is proven."""

from careledger.ledger.actions.base import Hash
from careledger.ledger.state_proofs import StateProof
from careledger.primitives.encoding import Message, Millis, UInt


class Receipt(Message, frozen=True):
    """The verdict on a transaction.

    Attributes:
        tx_id: 32 bytes.
        position: of its leaf in the log.
        code: `ok`, or the permanent code of a refusal.
        time: of its block, milliseconds.
    """

    tx_id: Hash
    position: UInt
    code: str
    time: Millis


class Recorded(Message, frozen=True):
    """A transaction as the log has it, with those bodies that are still there."""

    position: UInt
    time: Millis
    leaf: bytes
    bodies: tuple[bytes, ...]


class Evidence(Message, frozen=True, tag="evidence"):
    """Leaves of the state at one moment, provable against a signed checkpoint.

    Attributes:
        checkpoint: the signed note.
        index: of the block leaf in the log.
        path: from that leaf to the checkpoint's root.
        leaf: the block leaf, which carries the state root.
        proofs: under that root.
    """

    checkpoint: bytes
    index: UInt
    path: tuple[Hash, ...]
    leaf: bytes
    proofs: tuple[StateProof, ...]
