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
    """What a holder needs to get at its keys."""

    record: Hash
    epoch: UInt
    deliveries: tuple[Delivery, ...]
    epochs: tuple[EpochHistory, ...]
