"""Quotas: how much an actor did today, refused actions included.

A quota is part of the state, so every node counts alike. It is charged to the
block's draft before the actions run, so a refusal does not give it back.
"""

from collections.abc import Iterator

from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import DAY
from careledger.ledger.refusals.base import OverQuota
from careledger.ledger.state import Draft, Table
from careledger.primitives.encoding import Message, UInt


class Usage(Message, frozen=True):
    """Actions counted on one day (days since 1970-01-01 UTC)."""

    day: UInt = 0
    used: UInt = 0

    def after(self, weight: int, now: int, quota: int) -> "Usage":
        """Return the usage after `weight` more actions at `now`.

        Raises:
            OverQuota: that would be more than `quota` today.
        """
        day = now // DAY
        used = weight + (self.used if self.day == day else 0)
        if used > quota:
            raise OverQuota
        return Usage(day, used)


_USAGE: Table[Usage] = Table(b"\x02", Usage, Usage())


def forget(draft: Draft, key: bytes) -> None:
    """Let `key` start the day anew: somebody else stands behind it now."""
    _USAGE.put(draft, key, Usage())


def charge(draft: Draft, key: bytes, weight: int, now: int, quota: int) -> None:
    """Count `weight` actions for `key`.

    Raises:
        OverQuota: `key` has used up its quota for today.
    """
    _USAGE.put(draft, key, _USAGE.get(draft, key).after(weight, now, quota))


def audit(listing: Listing) -> Iterator[str]:
    """Yield each count of a day on which nothing was counted."""
    for key, usage in listing.rows(_USAGE).items():
        if not usage.used:
            yield f"usage: {short(key)} has an entry and used nothing"
