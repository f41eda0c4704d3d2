"""Answers to whoever was given keys: wraps and sealed histories, epoch by epoch.

Whoever may wrap for a key or start epochs must not be able to make the answer too
long to send: it comes in pages, and an epoch has room for the wraps of so many
seats. Nor may it take back, by wrapping junk later, what once opened.
"""

from typing import Final, NamedTuple

from careledger.node.answers import Delivery, EpochHistory, KeysAnswer
from careledger.node.bodies import wraps_on
from careledger.node.digest import Digest, Digests
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party
from careledger.primitives.encoding import encode

PAGE_BYTES: Final = 2**20
"""Bytes of wraps and histories on one page, unless one epoch alone has more."""

MOST_SEATS: Final = 64
"""Seats whose wraps of one epoch a key is given: those that came first."""

_BESIDE: Final = 128
"""Bytes of an epoch, or of a wrap, besides what is sealed."""


class _Made(NamedTuple):
    """A wrap for the asking key: by which seat, on which page of the epoch."""

    seat: int
    page: int
    delivery: Delivery


class KeyDesk:
    """What a key was given to open a record with."""

    def __init__(self, facts: Facts, digests: Digests) -> None:
        self._facts, self._digests = facts, digests

    def keys(self, who: Party, after: int) -> KeysAnswer:
        """Return a page of the epochs behind `after`, with the wraps made for a key.

        The page is the last one if its last epoch is the current one.
        """
        digest, body = self._digests.of(who.record), self._facts.body
        epochs: list[EpochHistory] = []
        deliveries: list[Delivery] = []
        room = PAGE_BYTES
        for epoch in range(after + 1, digest.epoch + 1):
            history = body(digest.histories.get(epoch))
            made = self._deliveries(digest, epoch, who.key)
            room -= len(history) + sum(_BESIDE + len(one.wrap) for one in made)
            room -= _BESIDE
            if epochs and room < 0:
                break
            epochs.append(EpochHistory(epoch, digest.commitments[epoch], history))
            deliveries += made
        return KeysAnswer(who.record, digest.epoch, tuple(deliveries), tuple(epochs))

    def _deliveries(self, digest: Digest, epoch: int, key: bytes) -> list[Delivery]:
        """Return what each seat wrapped for a key and may count, oldest first.

        That is its first wrap, its last before the key's first entry of the epoch (it
        could not have been sealed with junk), and its last. Whoever gave good keys
        before others wrote cannot take them back.
        """
        made = self._made(digest, epoch, key)
        relied = digest.wrote.get((epoch, key), 0)
        kept: dict[tuple[int, str], int] = {}
        for place, one in enumerate(made):
            kept.setdefault((one.seat, "first"), place)
            if one.page < relied:
                kept[one.seat, "relied on"] = place
            kept[one.seat, "last"] = place
        heard = _heard(made, digest.seats.get(key, 0))
        return [
            made[place].delivery
            for place in sorted(set(kept.values()))
            if made[place].seat in heard
        ]

    def _made(self, digest: Digest, epoch: int, key: bytes) -> list[_Made]:
        """Return every wrap for a key; who arrives brings wraps for itself alone."""
        return [
            _Made(one.seat, number, Delivery(epoch, one.sender, encode(pair)))
            for number, one in enumerate(digest.wrappings.get(epoch, ()))
            if not one.own or one.sender == key
            for pair in wraps_on(self._facts.body(one.page))
            if pair[0] == key
        ]


def _heard(made: list[_Made], mine: int) -> set[int]:
    """Return whose wraps there is room for: the own seat's and those that came first.

    Whoever has others let in, one after the other, pushes out none that was there.
    """
    return set(sorted({one.seat for one in made} - {mine})[:MOST_SEATS]) | {mine}
