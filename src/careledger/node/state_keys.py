"""State keys that clients ask proofs of (docs/spec.md), and what lies there.

The tables belong to the workflows, which alone write them; the bytes of a key
are public, because a proof names them.
"""

from careledger.ledger.workflows.entries import Entry
from careledger.ledger.workflows.records import Record, Trail
from careledger.ledger.workflows.seats import Seat

__all__ = [
    "Entry",
    "Record",
    "Seat",
    "Trail",
    "entry_key",
    "record_key",
    "seat_key",
    "trail_key",
]


def seat_key(record: bytes, number: int) -> bytes:
    """Return where a seat lies: a `Seat`."""
    return b"\x51" + record + number.to_bytes(4, "big")


def record_key(record: bytes) -> bytes:
    """Return where a record lies: a `Record`."""
    return b"\x54" + record


def trail_key(record: bytes) -> bytes:
    """Return where a record's counter and running hash lie: a `Trail`."""
    return b"\x55" + record


def entry_key(record: bytes, entry: bytes) -> bytes:
    """Return where an entry lies: an `Entry`."""
    return b"\x5a" + record + entry
