"""The post of an organisation whose home runs no node: sorted into files.

    post/feed           how far the feed of invitations has been read
    post/HEX…           what came for one member, sealed to that member

The mailbox key stays in the organisation's home; its people read their own file.
"""

from pathlib import Path
from typing import Annotated, Final, TypeVar

from msgspec import Meta

from careledger.client.files import make_directory, read_message, write_message
from careledger.client.office import Office
from careledger.primitives.encoding import Message
from careledger.sealing.invitations import Routed

MOST_KEPT: Final = 500
"""Invitations kept for one member, the newest: they lapse after 14 days anyway."""

T = TypeVar("T", bound=Message)

_FOLDER: Final = "post"
_FEED: Final = "feed"
_MARKER: Final = b"careledger/sorted-post/v1\n"


class _Letters(Message, frozen=True, tag="letters/v1"):
    routed: Annotated[tuple[Routed, ...], Meta(max_length=MOST_KEPT)] = ()


class _Position(Message, frozen=True, tag="position/v1"):
    after: Annotated[int, Meta(ge=-1)] = -1


class SortedPost:
    """Where the people of an organisation fetch their post."""

    def __init__(self, home: Path) -> None:
        """Name the organisation's home."""
        self._folder = home / _FOLDER

    def post_for(self, member: bytes) -> tuple[Routed, ...]:
        """Return what came for a member.

        Raises:
            CannotRead, HalfWritten: the file is not ours, cut or changed.
        """
        return _read(self._folder / member.hex(), _Letters()).routed


def sort_post(home: Path, office: Office) -> int:
    """Sort what is new in the feed; return how many invitations that were.

    A crash sorts some again, and keeps none twice.

    Raises:
        HalfWritten: one of the files is cut or changed.
    """
    folder = home / _FOLDER
    make_directory(folder)
    position, found = office.read_feed(_read(folder / _FEED, _Position()).after)
    for member in dict.fromkeys(one.member for one in found):
        place = folder / member.hex()
        new = [one for one in found if one.member == member]
        kept = dict.fromkeys((*_read(place, _Letters()).routed, *new))
        letters = _Letters(tuple(kept)[-MOST_KEPT:])
        write_message(place, _MARKER, letters)
    # COMMIT POINT. Before it, a crash has these invitations sorted once more.
    write_message(folder / _FEED, _MARKER, _Position(position))
    return len(found)


def _read(place: Path, without: T) -> T:
    """Return what a file holds; `without`, where there is none."""
    if not place.exists():
        return without
    return read_message(place, _MARKER, type(without))
