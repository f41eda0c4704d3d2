"""The wraps and sealed histories from which a handle gets at its keys."""

from careledger.ledger.actions.base import Hash, PublicKey
from careledger.primitives.encoding import Message, UInt


class Delivery(Message, frozen=True):
    """A wrap for the asking key.

    Attributes:
        epoch: in force when it was made (for an `Accept`: when it was offered).
        sender: the handle that sealed it.
        wrap: encoded, as its sender made it.
    """

    epoch: UInt
    sender: PublicKey
    wrap: bytes


class EpochHistory(Message, frozen=True):
    """One epoch: the commitment to its key, and the sealed keys of the one before."""

    epoch: UInt
    commitment: Hash
    history: bytes


class KeysAnswer(Message, frozen=True):
    """A page of what a holder needs to get at its keys.

    Attributes:
        record: id.
        epoch: the current one; with it the last page ends.
        deliveries: wraps for the asking key, of the epochs on this page.
        epochs: in order, without a gap.
    """

    record: Hash
    epoch: UInt
    deliveries: tuple[Delivery, ...]
    epochs: tuple[EpochHistory, ...]
