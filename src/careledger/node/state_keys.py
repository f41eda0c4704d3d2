"""State keys that clients ask proofs of (docs/spec.md), and what lies there.

The tables belong to the workflows, which alone write them; the bytes of a key
are public, because a proof names them.
"""

from careledger.ledger.usage import Usage
from careledger.ledger.workflows.emergency import Plan
from careledger.ledger.workflows.entries import Entry
from careledger.ledger.workflows.governance import Organisation
from careledger.ledger.workflows.records import Custodian, Record, Trail
from careledger.ledger.workflows.registry import Member
from careledger.ledger.workflows.seats import Seat, epochs_key

__all__ = [
    "Custodian",
    "Entry",
    "Member",
    "Organisation",
    "Plan",
    "Record",
    "Seat",
    "Trail",
    "Usage",
    "entry_key",
    "epochs_usage_key",
    "mailbox_key",
    "member_key",
    "organisation_key",
    "plan_key",
    "record_key",
    "seat_key",
    "trail_key",
]


def seat_key(record: bytes, number: int) -> bytes:
    """Return where a seat lies: a `Seat`."""
    return b"\x51" + record + number.to_bytes(4, "big")


def epochs_usage_key(record: bytes, number: int) -> bytes:
    """Return where the epochs that a seat started today are counted: a `Usage`."""
    return b"\x02" + epochs_key(record, number)


def record_key(record: bytes) -> bytes:
    """Return where a record lies: a `Record`."""
    return b"\x54" + record


def trail_key(record: bytes) -> bytes:
    """Return where a record's counter and running hash lie: a `Trail`."""
    return b"\x55" + record


def plan_key(record: bytes) -> bytes:
    """Return where an emergency plan lies: a `Plan`."""
    return b"\x60" + record


def organisation_key(organisation: bytes) -> bytes:
    """Return where an organisation lies: an `Organisation`."""
    return b"\x04" + organisation


def mailbox_key(organisation: bytes) -> bytes:
    """Return where an organisation's mailbox key lies: bytes."""
    return b"\x06" + organisation


def member_key(member: bytes) -> bytes:
    """Return where a member lies: a `Member`."""
    return b"\x20" + member


def entry_key(record: bytes, entry: bytes) -> bytes:
    """Return where an entry lies: an `Entry`."""
    return b"\x5a" + record + entry
