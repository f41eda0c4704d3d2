"""When the endorsement of a handle is to be renewed, and how it stands.

Each use of a record looks; nothing renews at a time of its own. All records of a
person renewed at one moment would show whoever reads the ledger that they have one
person in common.
"""

from typing import Final

from careledger.client.part import Part
from careledger.ledger.workflows.registry import LONGEST_ENDORSEMENT
from careledger.node.answers import RecognitionAnswer, SeatAnswer
from careledger.node.questions import MyRecognition

AHEAD: Final = LONGEST_ENDORSEMENT // 4
"""How long before its lapse an endorsement is renewed: 7½ days, in milliseconds.

Whoever uses a record once a week is then never asleep when its keys are rotated. A
new endorsement is good for at least 23 days, so no use renews what the one before
has renewed, and a record gets at most two renewals a month.
"""


def recognition_of(part: Part) -> RecognitionAnswer:
    """Return how the endorsement of a part stands, also while it sleeps.

    Raises:
        NothingHere: the handle takes no part (any more).
    """
    return part.line.ask(part.keys.signing, MyRecognition(), RecognitionAnswer)


def is_due(seat: SeatAnswer, now: int) -> bool:
    """Tell whether an endorsement lapses within `AHEAD`, and before the seat ends.

    Args:
        seat: the handle's own, which may act now.
        now: the ledger's time, milliseconds.
    """
    if not seat.lapses or now + AHEAD < seat.lapses:
        return False
    return not seat.until or seat.lapses < seat.until
