"""The post of a hospital that serves: what its people can still take up, in pages.

Only names are kept; bodies stay in the ledger and are opened again for who fetches.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Annotated, Final

from msgspec import Meta

from careledger.client.office import Office
from careledger.ledger.actions.base import Hash
from careledger.primitives.encoding import Message
from careledger.sealing.invitations import Routed

PAGE: Final = 64
"""Invitations in one page: 1 MiB."""


class PostRequest(Message, frozen=True, tag="post-request/v1"):
    """A member's question for post: everything behind the place of the last page."""

    member: Hash
    after: Annotated[int, Meta(ge=-1)]


class PostPage(Message, frozen=True, tag="post-page/v1"):
    """Some of a member's post; the last page is empty.

    Attributes:
        after: ask again with this.
        routed: sealed to the member.
    """

    after: int
    routed: tuple[Routed, ...]


class KeptPost:
    """Where the people of a hospital fetch their post."""

    def __init__(
        self,
        office: Office,
        body: Callable[[bytes], bytes | None],
        is_waiting: Callable[[bytes], bool],
    ) -> None:
        """Sort the post of an office.

        Args:
            office: the hospital's.
            body: gives a body by its hash, if it is there.
            is_waiting: tells whether an invitation with such a body can be taken up.
        """
        self._office, self._body, self._is_waiting = office, body, is_waiting
        self._kept: dict[bytes, dict[bytes, int]] = {}
        self._numbers = count()
        self._read_to = -1

    def page(self, member: bytes, after: int) -> PostPage:
        """Return a member's next post; what cannot be taken up any more is let go."""
        self._sort()
        kept, found = self._kept.get(member, {}), list[Routed]()
        for name, number in [one for one in kept.items() if one[1] > after]:
            letter = list(self._letter(name))
            if not letter:
                del kept[name]
                continue
            found += letter
            after = number
            if len(found) == PAGE:
                break
        return PostPage(after, tuple(found))

    def _letter(self, name: bytes) -> Iterator[Routed]:
        body = self._body(name) if self._is_waiting(name) else None
        if body is not None:
            yield from self._office.opened(body)

    def _sort(self) -> None:
        """Take in what is new in the feed: about 0.2 ms for each invitation."""
        while True:
            last, page = self._office.read_page(self._read_to)
            for name, routed in page.items():
                kept = self._kept.setdefault(routed.member, {})
                kept.setdefault(name, next(self._numbers))
            if last == self._read_to:
                return
            self._read_to = last
