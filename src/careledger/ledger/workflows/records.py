"""Records: one care context each, its owner, keys, custodians and history.

Only this module touches its tables. The record's leaf holds what the rules need
and nothing that names anybody: the epoch, which seats hold its key, the policy,
and a counter with a running hash of every event (`ledger/history.py`).
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from careledger.ledger.actions import records as actions
from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.context import Context
from careledger.ledger.history import History
from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import DAY, parameters
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.state import ERASED_PREFIX, Draft, Table
from careledger.ledger.usage import Usage
from careledger.ledger.workflows import authorisation, seats
from careledger.primitives.encoding import Message, Millis, UInt

NOTICE: Final = 30 * DAY
"""How long a leaving custodian goes on serving, in milliseconds."""


NOTED: Final = "records.noted"
"""The event that a transaction is part of a record's history."""


class Custodian(Message, frozen=True):
    """A handle that keeps the record's blobs, and until when; 0: without end."""

    handle: PublicKey
    until: Millis


class Record(Message, frozen=True):
    """A record's leaf.

    Attributes:
        status: `erased` is final.
        stale: ownership moved, so a rotation is due.
        epoch: the current one.
        key_commitment: commits to the current epoch's keys.
        wrapped: the seats that hold the current epoch's key, ascending.
        present: the seats that are not ended, ascending.
        seats: how many there have been.
        accused: (accuser, accused) pairs of seats: a wrap that did not open.
        custodians: who keeps the blobs.
        recovery: Ed25519 key of the recovery secret.
        recovery_sealing: SHA-256 of its X-Wing key.
        policy: referrals by others.
        depth: how often others may pass it on.
        shares: how many emergency shares a rotation must renew.
        recovered: milliseconds when ownership last moved by recovery; 0: never.
    """

    status: Literal["open", "erased"]
    stale: bool
    epoch: UInt
    key_commitment: Hash
    wrapped: tuple[UInt, ...]
    present: tuple[UInt, ...]
    seats: UInt
    accused: tuple[tuple[UInt, UInt], ...]
    custodians: tuple[Custodian, ...]
    recovery: PublicKey
    recovery_sealing: Hash
    policy: actions.ReferralPolicy
    depth: UInt
    shares: UInt
    recovered: Millis


class Trail(Message, frozen=True):
    """A record's history and today's usage: changed by each of its events."""

    history: History = History()
    usage: Usage = Usage()


ERASED_BODIES: Final[Table[int]] = Table(ERASED_PREFIX, UInt, 0)
"""Record or transaction id → when: its bodies are dropped and never served.

Of a transaction that added entries it is the manifest that goes.
"""

_RECORDS: Table[Record | None] = Table(b"\x54", Record, None)
_TRAILS: Table[Trail] = Table(b"\x55", Trail, Trail())


# What other workflows may call.


def record(draft: Draft, record_id: bytes) -> Record:
    """Return an open record.

    Raises:
        NotPermitted: absent or erased.
    """
    found = even_erased(draft, record_id)
    if found.status == "erased":
        raise NotPermitted
    return found


def even_erased(draft: Draft, record_id: bytes) -> Record:
    """Return a record, erased or not: custodians still answer for it.

    Raises:
        NotPermitted: absent.
    """
    found = _RECORDS.get(draft, record_id)
    if found is None:
        raise NotPermitted
    return found


def enter(draft: Draft, record_id: bytes, new: Record) -> None:
    """Enter the leaf of a record that is being opened."""
    _RECORDS.put(draft, record_id, new)


def change(draft: Draft, record_id: bytes, **changes: object) -> None:
    """Change fields of a record."""
    changed = msgspec.structs.replace(record(draft, record_id), **changes)
    _RECORDS.put(draft, record_id, changed)


def history(draft: Draft, record_id: bytes) -> History:
    """Return a record's counter and running hash."""
    return _TRAILS.get(draft, record_id).history


def charge(draft: Draft, record_id: bytes, weight: int, now: int) -> None:
    """Count actions of a record.

    Raises:
        OverQuota: the record has used up its quota for today.
    """
    old = _TRAILS.get(draft, record_id)
    usage = old.usage.after(weight, now, parameters(draft).record_quota)
    _TRAILS.put(draft, record_id, Trail(old.history, usage))


def note(draft: Draft, record_id: bytes, tx_id: bytes) -> None:
    """Extend a record's history by one transaction, and index it under the record.

    For its own handles this happens before the actions run, so that refused ones
    are in the history too.
    """
    old = _TRAILS.get(draft, record_id)
    _TRAILS.put(draft, record_id, Trail(old.history.after(tx_id), old.usage))
    draft.say(NOTED, record_id)


def is_stale(draft: Draft, record_id: bytes, now: int) -> bool:
    """Tell whether somebody who holds the current key may no longer act.

    That is so after a revocation, a lapse, a withdrawal or a recovery, until
    `Rotate`.
    """
    found = record(draft, record_id)
    return found.stale or not all(
        seats.is_active(draft, record_id, number, now) for number in found.wrapped
    )


def full_holders(draft: Draft, record_id: bytes, now: int) -> tuple[int, ...]:
    """Return the active seats with all entries or from-now-on, ascending."""
    return tuple(
        number
        for number in record(draft, record_id).present
        if seats.is_full(seats.seat(draft, record_id, number).scope)
        and seats.is_active(draft, record_id, number, now)
    )


def mark_erased(draft: Draft, record_id: bytes, now: int) -> None:
    """Erase the record as a whole: nothing can be done with it any more.

    Engines drop the bodies of every transaction that is indexed under it. A second
    request changes nothing.
    """
    found = even_erased(draft, record_id)
    if found.status == "erased":
        return
    erased = msgspec.structs.replace(found, status="erased")
    _RECORDS.put(draft, record_id, erased)
    ERASED_BODIES.put(draft, record_id, now)


def serves(draft: Draft, record_id: bytes, handle: bytes, now: int) -> bool:
    """Tell whether a custodian handle keeps this record's blobs now."""
    return any(
        one.handle == handle and (one.until == 0 or one.until > now)
        for one in even_erased(draft, record_id).custodians
    )


# Handlers: one per action.


def on_set_policy(at: Context, action: actions.SetPolicy) -> None:
    """Change what others may pass on."""
    record_id = authorisation.acting_owner(at, action.owner)  # WHO, MAY
    change(at.draft, record_id, policy=action.policy, depth=action.depth)  # DO
    at.draft.say("records.policy-set", record_id)  # SAY


def on_declare(at: Context, action: actions.Declare) -> None:
    """Add a sealed statement."""
    record_id, _ = authorisation.acting(at, action.handle)  # WHO, MAY
    record(at.draft, record_id)  # DO: the body is the statement
    at.draft.say("records.declared", record_id)  # SAY


# Audit.


def records_of(listing: Listing) -> dict[bytes, Record]:
    """Return record id → leaf, erased ones included."""
    return listing.present(_RECORDS)


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong with the records' leaves, histories and custodians."""
    found, numbered = records_of(listing), seats.seats_of(listing)
    keepers = seats.places_of(listing, "custodian")
    for record_id, one in found.items():
        name = short(record_id)
        yield from _audit_seats(name, one, numbered.get(record_id, {}))
        here = seats.Place(record_id, "custodian")
        if any(keepers.get(custodian.handle) != here for custodian in one.custodians):
            yield f"records: a custodian of {name} serves something else"
    if sorted(listing.rows(_TRAILS)) != sorted(found):
        yield "records: the histories are not those of the records"


def _audit_seats(name: str, one: Record, mine: dict[int, seats.Seat]) -> Iterator[str]:
    """Compare a record's leaf with its seats."""
    if sorted(mine) != list(range(one.seats)):
        yield f"records: {name} does not have the seats that it counts"
    if one.present != tuple(n for n in sorted(mine) if not mine[n].ended):
        yield f"records: {name} counts somebody present who is not"
    if any(number not in mine for number in one.wrapped):
        yield f"records: {name} was wrapped to nobody"
