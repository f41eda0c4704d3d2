"""What the desk answers with. Bodies are sealed bytes, as they came."""

from careledger.node.answers.content import (
    EntriesAnswer,
    EntryLine,
    ManifestBodies,
    StatementLine,
)
from careledger.node.answers.emergency import DutyAnswer, EmergencyCall, ReviewLine
from careledger.node.answers.keys import Delivery, EpochHistory, KeysAnswer
from careledger.node.answers.public import (
    Directory,
    FeedPage,
    MemberLine,
    OrganisationLine,
)
from careledger.node.answers.seats import (
    HolderLine,
    HoldersAnswer,
    OfferAnswer,
    ParticipantLine,
    ParticipantsAnswer,
    Peer,
    RecognitionAnswer,
    RecoveryAnswer,
    SeatAnswer,
    Waiting,
)
from careledger.node.answers.transactions import Evidence, Receipt, Recorded

__all__ = [
    "Delivery",
    "Directory",
    "DutyAnswer",
    "EmergencyCall",
    "EntriesAnswer",
    "EntryLine",
    "EpochHistory",
    "Evidence",
    "FeedPage",
    "HolderLine",
    "HoldersAnswer",
    "KeysAnswer",
    "ManifestBodies",
    "MemberLine",
    "OfferAnswer",
    "OrganisationLine",
    "ParticipantLine",
    "ParticipantsAnswer",
    "Peer",
    "Receipt",
    "RecognitionAnswer",
    "Recorded",
    "RecoveryAnswer",
    "ReviewLine",
    "SeatAnswer",
    "StatementLine",
    "Waiting",
]
