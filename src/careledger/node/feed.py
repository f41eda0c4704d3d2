"""The feed of invitations: bodies, and nothing else about them.

It goes back as far as invitations wait. Whether one was taken up changes nothing in
it: or who reads it twice would learn when that was.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from careledger.ledger.workflows import referral
from careledger.node.answers import FeedPage
from careledger.node.bodies import INVITATION_SIZE
from careledger.node.ledger_facts import Facts

PAGE: Final = 256
"""Bodies in one page: 4 MiB."""

_IN_BLOCK: Final = 20
"""Bits of a place that count the bodies of one block."""


class _Offered(NamedTuple):
    """An invitation; its place is its block's log position, and a number in it."""

    place: int
    made: int
    body: bytes
    key: bytes


class Feed:
    """Invitations that may still be waiting, oldest first."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._offered: list[_Offered] = []
        self._keys: dict[bytes, list[bytes]] = {}

    def add(
        self, position: int, made: int, invitations: Iterable[tuple[bytes, bytes]]
    ) -> None:
        """Take in a block's invitations.

        They stand in the order of their hashes, which says nothing about the order of
        its transactions.

        Args:
            position: of the block's leaf in the log.
            made: the block's time, milliseconds.
            invitations: hash of the body and invitation key of each.
        """
        for number, (body, key) in enumerate(sorted(invitations)):
            place = (position << _IN_BLOCK) + number
            self._offered.append(_Offered(place, made, body, key))
            self._keys.setdefault(body, []).append(key)

    def forget_lapsed(self) -> None:
        """Drop the invitations that nobody can take up any more, for their age."""
        oldest = self._facts.time() - referral.LAPSE
        lapsed = bisect_right(self._offered, oldest, key=lambda one: one.made)
        for one in self._offered[:lapsed]:
            self._keys[one.body].remove(one.key)
            if not self._keys[one.body]:
                del self._keys[one.body]
        del self._offered[:lapsed]

    def page(self, after: int, end: int) -> FeedPage:
        """Return the next bodies behind a place; `end` is the log's size."""
        start = bisect_right(self._offered, after, key=lambda one: one.place)
        found = self._offered[start : start + PAGE]
        bodies = (self._facts.body(one.body) for one in found)
        last = found[-1].place if found else max(after, (end << _IN_BLOCK) - 1)
        return FeedPage(
            last, tuple(one for one in bodies if len(one) == INVITATION_SIZE)
        )

    def is_waiting(self, body: bytes) -> bool:
        """Tell whether an invitation with this body can still be taken up."""
        draft, now = self._facts.draft(), self._facts.time()
        return any(
            referral.is_open(draft, one, now) for one in self._keys.get(body, ())
        )
