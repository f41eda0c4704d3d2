"""Emergency accesses: for the agents that hold shares, and for auditors."""

from careledger.ledger.actions.base import Hash, PublicKey
from careledger.primitives.encoding import Message, Millis, UInt


class EmergencyCall(Message, frozen=True):
    """An emergency access that is open now.

    Attributes:
        access: its id.
        handles: of the two people.
        seats: on which they sit.
        sealing_keys: their X-Wing keys.
    """

    access: Hash
    handles: tuple[PublicKey, PublicKey]
    seats: tuple[UInt, UInt]
    sealing_keys: tuple[bytes, bytes]


class DutyAnswer(Message, frozen=True):
    """What an emergency agent holds and for whom.

    Attributes:
        record: id.
        epoch: of the share.
        sender: the handle that sealed it.
        share: sealed to the agent.
        calls: whom it may be released to.
    """

    record: Hash
    epoch: UInt
    sender: PublicKey
    share: bytes
    calls: tuple[EmergencyCall, ...]


class ReviewLine(Message, frozen=True):
    """An emergency access, as an auditor sees it.

    Attributes:
        access: its id.
        time: milliseconds.
        status: `waiting`, `justified`, `not-justified` or `overdue`.
        record: id; pseudonymous.
        handles: of the two people.
        commitments: `c` of their endorsements.
        disclosure: sealed to the auditor; opens both.
    """

    access: Hash
    time: Millis
    status: str
    record: Hash
    handles: tuple[PublicKey, PublicKey]
    commitments: tuple[Hash, Hash]
    disclosure: bytes
