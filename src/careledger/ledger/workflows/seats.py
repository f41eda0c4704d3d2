"""Seats: who takes part in a record, with which handle, and what it may do.

Only this module touches its tables. A participation is a numbered *seat* of a
record; seat 0 is the owner. Handles sit on seats, so that moving to a new handle
changes nothing for those whom the seat invited. Whether a seat is *active* is
decided here, at every use: not ended, not lapsed, its endorsement good, and none
of its inviters below the owner ended or withdrawn. A seat that is *over* can never
be active again; one that is neither over nor active is *dormant* and can be renewed.
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from careledger.ledger.actions.base import Hash, PublicKey, Role
from careledger.ledger.actions.referral import (
    AllEpochs,
    Capability,
    FromEpoch,
    Scope,
    SeatRole,
)
from careledger.ledger.listing import Listing, short
from careledger.ledger.refusals.records import KeyNotFresh, NotPermitted
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import registry
from careledger.primitives.encoding import Message, Millis, UInt

OWNER: Final = 0
"""The owner's seat."""

KeyKind = Literal["seat", "custodian", "recovery", "witness", "invitation", "sharer"]
"""What a key is for in its record."""


KIND_OF: Final[dict[Role, KeyKind]] = {
    "handle": "seat",
    "invitation": "invitation",
    "custodian": "custodian",
    "recovery": "recovery",
    "witness": "witness",
}
"""As what a key must belong to a record to sign in a role."""


class Place(Message, frozen=True):
    """Where a key belongs: every key serves one record once."""

    record: Hash
    kind: KeyKind
    seat: UInt = 0


class Recognition(Message, frozen=True):
    """Who vouched for a handle, and until when.

    Attributes:
        registrar: the organisation.
        epoch: its issuer epoch.
        commitment: commits to the person (`c` of the design).
        lapses: milliseconds.
    """

    registrar: Hash
    epoch: UInt
    commitment: Hash
    lapses: Millis


class Seat(Message, frozen=True):
    """One participation: a line of the authorised asset.

    Attributes:
        handle: the key that sits here now.
        role: as what.
        capabilities: what it may do.
        scope: which entries it may have.
        until: milliseconds; 0 means without end.
        depth: how often it may be passed on.
        inviter: the seat that invited it; its own number for the owner.
        sealing_key: SHA-256 of the handle's X-Wing key.
        recognition: for roles that need one.
        ended: milliseconds of its end; 0 while it lasts.
        since: milliseconds.
        wrapped_by: the seat that wrapped its current keys.
        wrap: SHA-256 of that wrap, or of its own after a move; empty: none.
    """

    handle: PublicKey
    role: SeatRole
    capabilities: tuple[Capability, ...]
    scope: Scope
    until: Millis
    depth: UInt
    inviter: UInt
    sealing_key: Hash
    recognition: Recognition | None
    ended: Millis
    since: Millis
    wrapped_by: UInt
    wrap: bytes = b""


_PLACES: Table[Place | None] = Table(b"\x50", Place, None)
_SEATS: Table[Seat | None] = Table(b"\x51", Seat, None)
_PEERS: Table[int] = Table(b"\x52", UInt, 0)


def _seat_key(record: bytes, number: int) -> bytes:
    return record + number.to_bytes(4, "big")


def place(draft: Draft, key: bytes) -> Place:
    """Return where a key belongs.

    Raises:
        NotPermitted: nowhere.
    """
    found = _PLACES.get(draft, key)
    if found is None:
        raise NotPermitted
    return found


def known_place(draft: Draft, key: bytes, kind: KeyKind, now: int) -> Place | None:
    """Return where a key belongs as `kind`; a handle must sit there, not be over."""
    found = _PLACES.get(draft, key)
    if found is None or found.kind != kind:
        return None
    if kind == "seat" and not _sits(draft, key, found, now):
        return None
    return found


def _sits(draft: Draft, handle: bytes, found: Place, now: int) -> bool:
    """Tell whether a handle sits on its seat: not over, moved or yet to come."""
    mine = seat(draft, found.record, found.seat)
    return mine.handle == handle and not is_over(draft, found.record, found.seat, now)


def usage_key(record: bytes, number: int) -> bytes:
    """Return what a seat's quota is counted under: moving to a new handle keeps it."""
    return _seat_key(record, number)


def epochs_key(record: bytes, number: int) -> bytes:
    """Return what the epochs that a seat starts are counted under."""
    return usage_key(record, number) + b"rotated"


def claim_key(draft: Draft, key: bytes, new: Place) -> None:
    """Let a key belong to a record.

    Raises:
        KeyNotFresh: it belongs, or belonged, to some record.
    """
    if _PLACES.get(draft, key) is not None:
        raise KeyNotFresh
    _PLACES.put(draft, key, new)


def seat(draft: Draft, record: bytes, number: int) -> Seat:
    """Return a seat by its number.

    Raises:
        NotPermitted: there is none.
    """
    found = _SEATS.get(draft, _seat_key(record, number))
    if found is None:
        raise NotPermitted
    return found


def take_seat(draft: Draft, record: bytes, number: int, new: Seat) -> None:
    """Enter a new seat and both authorised assets.

    Raises:
        KeyNotFresh: its handle has been used before.
    """
    claim_key(draft, new.handle, Place(record, "seat", number))
    put_seat(draft, record, number, new)
    for peer in dict.fromkeys((new.inviter, OWNER)):
        if peer != number:
            join(draft, new.handle, seat(draft, record, peer).handle, new.since)


def put_seat(draft: Draft, record: bytes, number: int, changed: Seat) -> None:
    """Change a seat in place."""
    _SEATS.put(draft, _seat_key(record, number), changed)


def join(draft: Draft, one: bytes, other: bytes, now: int) -> None:
    """Put two handles on each other's authorised asset."""
    _PEERS.put(draft, one + other, now)
    _PEERS.put(draft, other + one, now)


def joined(draft: Draft, one: bytes, other: bytes) -> int:
    """Return since when `other` is on the asset of `one`; 0 if it is not."""
    return _PEERS.get(draft, one + other)


def end_seat(draft: Draft, record: bytes, number: int, now: int) -> None:
    """End a participation; what it passed on ends with it, at use."""
    found = seat(draft, record, number)
    put_seat(draft, record, number, msgspec.structs.replace(found, ended=now))


def is_active(draft: Draft, record: bytes, number: int, now: int) -> bool:
    """Tell whether a seat may act now."""
    who = seat(draft, record, number).recognition
    if who is not None and not _is_good(draft, who, now):
        return False
    return not is_over(draft, record, number, now)


def _is_good(draft: Draft, who: Recognition, now: int) -> bool:
    """Tell whether a recognition is good now: if not, it can be renewed."""
    return now < who.lapses and registry.vouches(draft, who.registrar, who.epoch)


def is_over(draft: Draft, record: bytes, number: int, now: int) -> bool:
    """Tell whether a seat can never be active again.

    It is, after its end date, and once it or an inviter below the owner was ended
    or withdrawn. A lapsed inviter does not count. The walk is bounded: depth
    starts at 4 or less and falls with every invitation.
    """
    until = seat(draft, record, number).until
    if until and until <= now:
        return True
    while number != OWNER:
        found = seat(draft, record, number)
        if found.ended or _is_withdrawn(draft, found):
            return True
        number = found.inviter
    return False


def _is_withdrawn(draft: Draft, found: Seat) -> bool:
    who = found.recognition
    if who is None:
        return False
    return registry.is_withdrawn(draft, who.registrar, who.commitment)


def is_full(scope: Scope) -> bool:
    """Tell whether a scope holds epoch keys (all entries, or from now on)."""
    return isinstance(scope, AllEpochs | FromEpoch)


# Audit.


def places_of(listing: Listing, kind: KeyKind) -> dict[bytes, Place]:
    """Return key → place of every key that serves a record as `kind`."""
    rows = listing.present(_PLACES).items()
    return {key: one for key, one in rows if one.kind == kind}


def seats_of(listing: Listing) -> dict[bytes, dict[int, Seat]]:
    """Return record → number → seat."""
    found: dict[bytes, dict[int, Seat]] = {}
    for key, one in listing.present(_SEATS).items():
        found.setdefault(key[:32], {})[int.from_bytes(key[32:], "big")] = one
    return found


def audit(listing: Listing) -> Iterator[str]:
    """Yield seats whose handle sits elsewhere, and assets of one side only."""
    taken, places = seats_of(listing), places_of(listing, "seat")
    for record, numbered in taken.items():
        for number, one in numbered.items():
            if places.get(one.handle) != Place(record, "seat", number):
                yield f"seats: seat {number} of {short(record)} has a stray handle"
    for handle, found in places.items():
        if found.seat not in taken.get(found.record, {}):
            yield f"seats: the handle {short(handle)} has no seat"
    peers = listing.rows(_PEERS)
    for key, since in peers.items():
        if peers.get(key[32:] + key[:32]) != since:
            yield f"seats: {short(key)} has an asset that its peer has not"
