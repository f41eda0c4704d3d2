"""Questions that need a key, and how a key asks them.

    asked = [key, time, nonce, question (bin), signature]

The signature covers `careledger/question/v1`, the chain, the key, the time, the
nonce and the question, so none of them can be exchanged. A nonce is good once.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from careledger.ledger.actions.base import EntryId, Hash, PublicKey, Signature
from careledger.primitives.encoding import MAX_INTEGER, Message, Millis
from careledger.primitives.hashing import marked_hash

SeatNumber = Annotated[int, Meta(ge=0, lt=2**32)]
"""The number of a seat in its record: four bytes of its state key."""

MAX_DEPOSITS: Final = 256
"""Blobs that one question brings to a vault."""

After = Annotated[int, Meta(ge=-1, lt=2**48)]
"""A log position; six bytes; the answer starts behind it. −1: from the start."""


class MyReceipts(Message, frozen=True, tag="receipts"):
    """Verdicts on what this key signed itself. Any key may ask, for ever."""

    after: After = -1


class MyTransactions(Message, frozen=True, tag="transactions"):
    """Transactions that this key is party to, with their bodies."""

    after: After = -1


class MySeat(Message, frozen=True, tag="seat"):
    """What this handle may do, and how its record stands."""


class MyRecognition(Message, frozen=True, tag="recognition"):
    """Until when this handle's endorsement is good; also once it has lapsed."""


class MyAsset(Message, frozen=True, tag="asset"):
    """The handles on this handle's authorised asset."""


AfterEpoch = Annotated[int, Meta(ge=-1, le=MAX_INTEGER)]
"""An epoch; the answer starts behind it. −1: from the first."""


class MyKeys(Message, frozen=True, tag="keys"):
    """The wraps made for this key, and the record's sealed histories."""

    after: AfterEpoch = -1


class MyEntries(Message, frozen=True, tag="entries"):
    """The entries that this handle may have."""

    after: After = -1


class MyOffer(Message, frozen=True, tag="offer"):
    """What an invitation key stands for."""


class MyRecovery(Message, frozen=True, tag="recovery"):
    """How the recovery stands that names this key as the next owner's."""


class MyDuty(Message, frozen=True, tag="duty"):
    """What an emergency agent's key has to do."""


class MyReviews(Message, frozen=True, tag="reviews"):
    """Emergency accesses and the disclosures to the auditor; for auditors' keys."""


class Holders(Message, frozen=True, tag="holders"):
    """To whom a rotation must wrap; for those who may rotate."""


AfterSeat = Annotated[int, Meta(ge=-1, lt=2**32)]
"""The number of a seat; the answer starts behind it. −1: from the owner's."""


class Participants(Message, frozen=True, tag="participants"):
    """Everybody who takes or took part in the record; for its owner."""

    after: AfterSeat = -1


class OpenInvitations(Message, frozen=True, tag="open-invitations"):
    """The record's invitations that nobody has taken yet; for its owner."""

    after: After = -1


class RecordHistory(Message, frozen=True, tag="history"):
    """Every transaction of the record, refused ones too; for its owner."""

    after: After = -1


class Statements(Message, frozen=True, tag="statements"):
    """The sealed statements of the record; for those with all its keys."""

    after: After = -1


class Prove(Message, frozen=True, tag="prove"):
    """Proofs of leaves of this key's record, as of one moment.

    Attributes:
        what: which kinds of leaf; "epochs" is how many the asking seat started.
        numbers: of the seats, where `what` has them.
        entries: which entries, where `what` has them.
    """

    what: Annotated[
        tuple[Literal["entries", "epochs", "plan", "record", "seats", "trail"], ...],
        Meta(min_length=1, max_length=6),
    ]
    numbers: Annotated[tuple[SeatNumber, ...], Meta(max_length=64)] = ()
    entries: Annotated[tuple[EntryId, ...], Meta(max_length=64)] = ()


class Deposit(Message, frozen=True):
    """A sealed entry on its way to a vault."""

    entry: EntryId
    blob: bytes


class Store(Message, frozen=True, tag="store"):
    """Keep sealed entries with a custodian of this handle's record."""

    custodian: PublicKey
    deposits: Annotated[
        tuple[Deposit, ...], Meta(min_length=1, max_length=MAX_DEPOSITS)
    ]


class Fetch(Message, frozen=True, tag="fetch"):
    """Hand out a blob against a committed `Read`."""

    read: Hash
    entry: EntryId


Question = (
    MyReceipts
    | MyTransactions
    | MySeat
    | MyRecognition
    | MyAsset
    | MyKeys
    | MyEntries
    | MyOffer
    | MyRecovery
    | MyDuty
    | MyReviews
    | Holders
    | Participants
    | OpenInvitations
    | RecordHistory
    | Statements
    | Prove
    | Store
    | Fetch
)
"""Everything that a key may ask."""


class Asked(Message, frozen=True, tag="asked"):
    """A signed question."""

    key: PublicKey
    time: Millis
    nonce: Annotated[bytes, Meta(min_length=16, max_length=16)]
    question: bytes
    signature: Signature


def asked_message(chain_id: bytes, asked: Asked) -> bytes:
    """Return what the key of a question signs; the signature field is not read."""
    marker = b"careledger/question/v1"
    time = asked.time.to_bytes(8, "big")
    return marker + marked_hash(
        marker, chain_id, asked.key, time, asked.nonce, asked.question
    )
