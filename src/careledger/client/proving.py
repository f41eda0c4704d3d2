"""Facts of a record that a session takes from proofs, not from a node's word."""

from collections.abc import Sequence
from typing import Any

from careledger.client.line import Line
from careledger.client.session_problems import BadEvidence, KeyMissing
from careledger.node.answers import Evidence
from careledger.node.questions import Prove
from careledger.node.state_keys import (
    Entry,
    Plan,
    Record,
    Seat,
    Trail,
    entry_key,
    plan_key,
    record_key,
    seat_key,
    trail_key,
)
from careledger.primitives.encoding import NotCanonical, decode
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
        proven += _values(line, key, question, keys, [Entry] * len(page))
    return proven


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
    kinds = [Record, *([Seat] * len(numbers))]
    first, *others = _values(line, key, question, keys, kinds)
    return first, dict(zip(numbers, others, strict=True))


def prove_emergency_seats(
    line: Line, key: SigningKey, record: bytes, numbers: Sequence[int]
) -> dict[int, Seat]:
    """Return the seats of an emergency access, proven; for the plan's agents."""
    question = Prove(("seats",), numbers=tuple(numbers))
    keys = [seat_key(record, number) for number in numbers]
    found = _values(line, key, question, keys, [Seat] * len(keys))
    return dict(zip(numbers, found, strict=True))


def prove_trail(line: Line, key: SigningKey, record: bytes) -> Trail:
    """Return the record's counter and running hash, proven; for the owner."""
    keys = [trail_key(record)]
    trail: Trail = _values(line, key, Prove(("trail",)), keys, [Trail])[0]
    return trail


def prove_agents(line: Line, key: SigningKey, record: bytes) -> tuple[bytes, ...]:
    """Return the emergency agents of the record's plan, proven; none without one."""
    evidence = line.ask(key, Prove(("plan",)), Evidence)
    value = line.check(evidence, [plan_key(record)])[0]
    plan: Plan = Plan() if value is None else _decoded(value, Plan)
    return plan.agents


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
    owner: Seat = _values(line, key, question, [seat_key(record, 0)], [Seat])[0]
    if not same(sha256(owner_key), owner.sealing_key):
        raise KeyMissing
    return owner_key


def _values(
    line: Line,
    key: SigningKey,
    question: Prove,
    keys: Sequence[bytes],
    kinds: Sequence[Any],
) -> list[Any]:
    evidence = line.ask(key, question, Evidence)
    found = line.check(evidence, keys)
    return [_decoded(raw, kind) for raw, kind in zip(found, kinds, strict=True)]


def _decoded(raw: bytes | None, kind: Any) -> Any:
    if raw is None:
        raise BadEvidence
    try:
        return decode(raw, kind)
    except NotCanonical:
        raise BadEvidence from None
