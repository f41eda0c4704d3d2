"""Keys that do not open: said on the ledger, so that another gives them again."""

from careledger.client.part import Part, refresh
from careledger.client.proving import prove_seats
from careledger.ledger.actions.records import CannotOpen
from careledger.ledger.actions.referral import AllEpochs as AllScope
from careledger.node.answers import SeatAnswer
from careledger.sealing.keyring import AllEpochs, FromEpoch, Keyring
from careledger.sealing.problems import NotHeld


def cannot_open(part: Part) -> None:
    """Report that the wrap that the ledger names for this handle does not open.

    Or never came, or holds less than this part is owed: whoever wrapped may have sent
    something else than it named.

    Raises:
        NotHeld: there is nothing to report.
    """
    if not report_unopened(part):
        raise NotHeld


def report_unopened(part: Part) -> bool:
    """Report the current keys if they were wrapped and do not open; tell if so.

    What was reported already, or was wrapped by this part itself, is not reported;
    nor is anything in an emergency seat, whose keys come from shares.

    Raises:
        NothingHere: the handle takes no part (any more).
    """
    refresh(part)
    mine = part.seat()
    if not mine.holds or mine.role == "emergency" or _has_all(part, mine):
        return False
    record, seats = prove_seats(
        part.line, part.keys.signing, part.record, [mine.number]
    )
    named = seats[mine.number]
    accusation = (mine.number, named.wrapped_by)
    if named.wrapped_by == mine.number or accusation in record.accused:
        return False
    if _suits(part.opened.get(named.wrap), mine):
        return False  # what does not open came from somebody else
    part.line.act([part.keys.signing], [CannotOpen(0, named.wrap)])
    return True


def _has_all(part: Part, mine: SeatAnswer) -> bool:
    """Tell whether a part has the keys that its seat counts as holding."""
    if part.broken or mine.epoch not in part.epochs:
        return False
    return _suits(part.ring, mine)


def _suits(ring: Keyring | None, mine: SeatAnswer) -> bool:
    if isinstance(mine.scope, AllScope):
        return isinstance(ring, AllEpochs)
    return isinstance(ring, AllEpochs | FromEpoch)
