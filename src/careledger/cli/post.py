"""Sorting an organisation's post, where its home runs no node."""

from careledger.cli.house.post import sort_post
from careledger.cli.house.rooms import open_office
from careledger.cli.people import line_to, node_of
from careledger.cli.session import Session


def sort_for(session: Session, kind: str) -> None:
    """Sort the invitations that came for this organisation's people, and say how many.

    Raises:
        NoSuchOffice: this home's organisation is not of that kind.
        NodeNotServing: the node that it speaks to does not serve.
    """
    home = session.home()
    offices = session.unlock(home)
    office = open_office(home, offices, line_to(home, node_of(home)), kind)
    found = sort_post(home.path, office)
    session.out.answer({"sorted": found}, f"{found} new invitations.")
