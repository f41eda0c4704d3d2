"""The invitations that somebody can still take up, and when each was made."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from careledger.cli.beginnings import find_by_beginning
from careledger.cli.output import NOTHING_WAITS, Output
from careledger.cli.parsing import moment
from careledger.cli.record_problems import NoInvitation
from careledger.client.line import Line
from careledger.node.answers import OfferAnswer
from careledger.node.problems import NothingHere
from careledger.node.questions import MyOffer
from careledger.primitives.signing import SigningKey
from careledger.sealing.invitations import Invitation


class Open(NamedTuple):
    """An invitation that can be taken up, and when it was made (milliseconds)."""

    invitation: Invitation
    made: int


def still_open(line: Line, found: Iterable[Invitation]) -> list[Open]:
    """Return those that can still be taken up, the newest last."""
    opened = []
    for one in found:
        key = SigningKey(one.invitation_seed)
        try:
            offer = line.ask(key, MyOffer(), OfferAnswer)
        except NothingHere:
            continue
        opened.append(Open(one, offer.made))
    return sorted(opened, key=lambda one: one.made)


def newest_for(waiting: Iterable[Open], record: str) -> Invitation:
    """Return the newest invitation to the one record whose id begins so.

    Raises:
        NoInvitation: none is to such a record.
        WhichOne: more than one record begins so.
    """
    newest = {one.invitation.record: one.invitation for one in waiting}
    return newest[find_by_beginning(newest, record, NoInvitation)]


def show_inbox(out: Output, waiting: Sequence[Open], nameless: str) -> None:
    """Answer with a list of invitations; `nameless`: who invites without a card."""
    rows = [
        {
            "record": one.invitation.record,
            "time": one.made,
            "from": one.invitation.card.name if one.invitation.card else "",
            "note": one.invitation.note,
        }
        for one in waiting
    ]
    lines = [
        f"{one.invitation.record.hex()}  {moment(one.made)}"
        f"  from {row['from'] or nameless}  {one.invitation.note}"
        for one, row in zip(waiting, rows, strict=True)
    ]
    out.answer({"invitations": rows}, *(lines or [NOTHING_WAITS]))
