"""Answers to whoever was given keys: wraps and sealed histories, epoch by epoch.

Whoever may wrap for a key or start epochs must not be able to make the answer too
long to send: it comes in pages, and an epoch has room for so many wraps.
"""

from typing import Final

from careledger.node.answers import Delivery, EpochHistory, KeysAnswer
from careledger.node.bodies import wraps_on
from careledger.node.digest import Digest, Digests
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party
from careledger.primitives.encoding import encode

PAGE_BYTES: Final = 2**20
"""Bytes of wraps and histories on one page, unless one epoch alone has more."""

MOST_WRAPS: Final = 64
"""The newest wraps of one epoch that a key is given: one of each participant."""

_BESIDE: Final = 128
"""Bytes of an epoch, or of a wrap, besides what is sealed."""


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
        """Return the last wrap that each sender made for a key, oldest first."""
        last: dict[bytes, Delivery] = {}
        for one in digest.wrappings.get(epoch, ()):
            for recipient, sealed in wraps_on(self._facts.body(one.page)):
                if recipient == key:
                    last.pop(one.sender, None)
                    wrap = encode((recipient, sealed))
                    last[one.sender] = Delivery(epoch, one.sender, wrap)
        return list(last.values())[-MOST_WRAPS:]
