"""Timers: what is to happen at a time, in the order (due, id).

The table's keys sort by due time, and engines keep them in ascending order. At
most `PER_BLOCK` run at the start of a block; the rest carry over to the next.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from careledger.ledger.actions.base import Hash
from careledger.ledger.listing import Listing, short
from careledger.ledger.state import ORDERED_PREFIXES, Draft, PreState, Table
from careledger.primitives.encoding import Message

PER_BLOCK: Final = 256
"""Timers that one block may run: all work per block is bounded."""

Kind = Literal[
    "hold-expires",
    "order-due",
    "key-takes-effect",
    "erasure-due",
    "review-due",
    "recovery-due",
    "invitation-lapses",
]


class Timer(Message, frozen=True):
    """What is to be done when the time has come.

    Attributes:
        kind: which rule to run.
        subject: what it is about (a hold, an order, a member).
    """

    kind: Kind
    subject: Hash


_PREFIX: Final = ORDERED_PREFIXES[0]
_TIMERS: Table[Timer | None] = Table(_PREFIX, Timer, None)


def _key(due: int, timer: Timer) -> bytes:
    # With its kind: an invitation's key is anybody's choice, and must not hit the
    # timer of somebody else's hold.
    return due.to_bytes(8, "big") + timer.subject + timer.kind.encode()


def set_timer(draft: Draft, due: int, kind: Kind, subject: bytes) -> None:
    """Run `kind` for `subject` in the first block at or after `due`."""
    timer = Timer(kind, subject)
    _TIMERS.put(draft, _key(due, timer), timer)


def cancel_timer(draft: Draft, due: int, kind: Kind, subject: bytes) -> None:
    """Forget a timer."""
    _TIMERS.put(draft, _key(due, Timer(kind, subject)), None)


def take_due(state: PreState, draft: Draft, now: int) -> list[Timer]:
    """Remove and return the timers that are due at `now`, earliest first."""
    end = _PREFIX + (now + 1).to_bytes(8, "big")
    due: list[Timer] = []
    for key in state.first(_PREFIX, end, PER_BLOCK):
        timer = _TIMERS.get(draft, key[1:])
        if timer is not None:
            _TIMERS.put(draft, key[1:], None)
            due.append(timer)
    return due


def due_time(key: bytes) -> int:
    """Return when the timer at state key `key` is due, in milliseconds."""
    return int.from_bytes(key[1:9], "big")


def audit(listing: Listing, planned: Iterable[tuple[int, Timer]]) -> Iterator[str]:
    """Yield each plan without its timer, and each timer without its plan.

    Args:
        listing: the state.
        planned: (due, timer) of everything that the workflows wait for.
    """
    found = listing.rows(_TIMERS)
    expected: dict[bytes, Timer | None] = {
        _key(due, timer): timer for due, timer in planned
    }
    for key, timer in expected.items():
        if found.get(key) != timer:
            yield f"timers: nothing is set for {short(key[8:40])}"
    for key in found:
        if key not in expected:
            yield f"timers: nobody waits for {short(key[8:40])}"
