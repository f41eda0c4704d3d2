"""Facts of a record that a session takes from proofs, not from a node's word."""

from collections.abc import Sequence

from careledger.client.evidence import proven_value
from careledger.client.line import Line
from careledger.client.session_problems import KeyMissing
from careledger.node.answers import Evidence
from careledger.node.questions import Prove
from careledger.node.state_keys import (
    Entry,
    Plan,
    Record,
    Seat,
    Trail,
    Usage,
    entry_key,
    epochs_usage_key,
    plan_key,
    record_key,
    seat_key,
    trail_key,
)
from careledger.primitives.hashing import same, sha256
from careledger.primitives.signing import SigningKey

_PAGE = 64


def prove_entries(
    line: Line, key: SigningKey, record: bytes, entries: Sequence[bytes]
) -> list[Entry]:
    """Return entries as the ledger has them, proven.

    Raises:
        NothingHere: one of them is beyond the asking handle's scope.
        BadEvidence: the node's proof does not hold.
    """
    proven: list[Entry] = []
    for start in range(0, len(entries), _PAGE):
        page = tuple(entries[start : start + _PAGE])
        question = Prove(("entries",), entries=page)
        keys = [entry_key(record, one) for one in page]
        leaves = _leaves(line, key, question, keys)
        proven += [proven_value(leaf, Entry) for leaf in leaves]
    return proven


def prove_record(line: Line, key: SigningKey, record: bytes) -> Record:
    """Return the record's leaf, proven.

    Raises:
        NothingHere: the asking handle does not hold the current key.
        BadEvidence: the node's proof does not hold.
    """
    leaf = _leaves(line, key, Prove(("record",)), [record_key(record)])[0]
    return proven_value(leaf, Record)


def prove_seats(
    line: Line, key: SigningKey, record: bytes, numbers: Sequence[int]
) -> tuple[Record, dict[int, Seat]]:
    """Return the record's leaf and seats (at most 64), proven at one moment.

    Raises:
        NothingHere: the asking handle does not hold the current key.
        BadEvidence: the node's proof does not hold.
    """
    question = Prove(("record", "seats"), numbers=tuple(numbers))
    keys = [record_key(record), *(seat_key(record, number) for number in numbers)]
    first, *others = _leaves(line, key, question, keys)
    return proven_value(first, Record), _seats(numbers, others)


def prove_emergency_seats(
    line: Line, key: SigningKey, record: bytes, numbers: Sequence[int]
) -> dict[int, Seat]:
    """Return the seats of an emergency access, proven; for the plan's agents."""
    question = Prove(("seats",), numbers=tuple(numbers))
    keys = [seat_key(record, number) for number in numbers]
    return _seats(numbers, _leaves(line, key, question, keys))


def prove_trail(line: Line, key: SigningKey, record: bytes) -> Trail:
    """Return the record's counter and running hash, proven; for the owner."""
    leaf = _leaves(line, key, Prove(("trail",)), [trail_key(record)])[0]
    return proven_value(leaf, Trail)


def prove_epochs(line: Line, key: SigningKey, record: bytes, number: int) -> Usage:
    """Return the epochs that the asking seat started on the last day it did, proven.

    Args:
        line: to the node.
        key: of the seat's handle.
        record: id.
        number: of the seat.
    """
    question, leaf_key = Prove(("epochs",)), epochs_usage_key(record, number)
    leaf = _leaves(line, key, question, [leaf_key])[0]
    return Usage() if leaf is None else proven_value(leaf, Usage)


def prove_agents(line: Line, key: SigningKey, record: bytes) -> tuple[bytes, ...]:
    """Return the emergency agents of the record's plan, proven; none without one."""
    leaf = _leaves(line, key, Prove(("plan",)), [plan_key(record)])[0]
    return () if leaf is None else proven_value(leaf, Plan).agents


def check_owner_key(
    line: Line, key: SigningKey, record: bytes, owner_key: bytes
) -> bytes:
    """Return `owner_key` if it is the one that belongs to the owner's seat.

    What is sealed to the owner says who its sender is: a node that could put in a
    key of its own would read that.

    Raises:
        KeyMissing: another key, or none.
        BadEvidence: the node's proof does not hold.
    """
    question = Prove(("seats",), numbers=(0,))
    leaf = _leaves(line, key, question, [seat_key(record, 0)])[0]
    owner = proven_value(leaf, Seat)
    if not same(sha256(owner_key), owner.sealing_key):
        raise KeyMissing
    return owner_key


def _leaves(
    line: Line, key: SigningKey, question: Prove, keys: Sequence[bytes]
) -> list[bytes | None]:
    return line.check(line.ask(key, question, Evidence), keys)


def _seats(numbers: Sequence[int], leaves: Sequence[bytes | None]) -> dict[int, Seat]:
    seats = (proven_value(leaf, Seat) for leaf in leaves)
    return dict(zip(numbers, seats, strict=True))
