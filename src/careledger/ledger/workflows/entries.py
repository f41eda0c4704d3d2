"""Entries: adding sealed resources, reading them, erasing them.

Only this module touches its tables. An entry is a blob's hash, a commitment to
its key and its epoch; nothing here can be opened. Blobs are stored first: an
append carries a custodian's receipt, so nothing acknowledged is missing.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from careledger.ledger import timers
from careledger.ledger.actions import records as actions
from careledger.ledger.actions.base import EntryId, Hash
from careledger.ledger.actions.referral import AllEpochs, FromEpoch, Scope
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import DAY
from careledger.ledger.refusals.records import (
    Accused,
    KeyNotFresh,
    NoSuchEntry,
    NothingPending,
    NotPermitted,
    NotStored,
    StaleEpoch,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import authorisation, records, recovery, seats
from careledger.primitives.encoding import Message, Millis, UInt
from careledger.primitives.hashing import marked_hash
from careledger.primitives.signing import BadSignature, verify

ERASURE_DELAY: Final = 3 * DAY
"""Between the request for erasure and its effect, in milliseconds."""

STORED_MARKER: Final = b"careledger/stored/v1"


class Entry(Message, frozen=True):
    """One sealed resource.

    Attributes:
        blob: SHA-256 of the sealed blob.
        key_commitment: commits to the entry's key.
        epoch: whose key it is sealed under.
        author: the seat that added it.
        supersedes: the entry it corrects, or empty.
        erased: milliseconds; 0 while it is there.
        append: id of the transaction that added it, whose manifest tells of it.
    """

    blob: Hash
    key_commitment: Hash
    epoch: UInt
    author: UInt
    supersedes: bytes
    erased: Millis
    append: Hash


class Erasure(Message, frozen=True):
    """A request for erasure; no entries means the whole record."""

    record: Hash
    entries: tuple[EntryId, ...]
    due: Millis
    effective: bool


_ENTRIES: Table[Entry | None] = Table(b"\x5a", Entry, None)
_ERASURES: Table[Erasure | None] = Table(b"\x5b", Erasure, None)
_ANSWERS: Table[str] = Table(b"\x5c", str, "")


def entry(draft: Draft, record_id: bytes, entry_id: bytes) -> Entry:
    """Return an entry that is there.

    Raises:
        NoSuchEntry: absent or erased.
    """
    found = _ENTRIES.get(draft, record_id + entry_id)
    if found is None or found.erased:
        raise NoSuchEntry
    return found


def may_have(draft: Draft, record_id: bytes, scope: Scope, entry_id: bytes) -> bool:
    """Tell whether an entry is there and lies within a scope."""
    try:
        found = entry(draft, record_id, entry_id)
    except NoSuchEntry:
        return False
    match scope:
        case AllEpochs():
            return True
        case FromEpoch():
            return found.epoch >= scope.epoch
    return entry_id in scope.entries


def stored_message(chain_id: bytes, blobs: list[bytes]) -> bytes:
    """Return what a custodian signs when it has stored `blobs`.

    Its handle serves one record only, so the record need not be named.
    """
    return STORED_MARKER + marked_hash(STORED_MARKER, chain_id, *blobs)


# Handlers: one per action.


def on_append(at: Context, action: actions.Append) -> None:
    """Add entries under the current epoch."""
    record_id, number = authorisation.acting(at, action.author, "write")  # WHO
    _check_epoch(at, record_id, number, action.epoch)  # MAY
    _check_stored(at, record_id, action)
    for new in action.entries:  # DO
        _add(at, record_id, number, new)
    at.draft.say("records.appended", record_id)  # SAY


def _check_epoch(at: Context, record_id: bytes, number: int, epoch: int) -> None:
    """Check that the author holds the current key and nobody who left does.

    Raises:
        StaleEpoch: another epoch, or a rotation is due.
        Accused: somebody could not open what this seat wrapped.
    """
    found = records.record(at.draft, record_id)
    if epoch != found.epoch or number not in found.wrapped:
        raise StaleEpoch
    if records.is_stale(at.draft, record_id, at.now):
        raise StaleEpoch
    if any(accused == number for _, accused in found.accused):
        raise Accused


def _check_stored(at: Context, record_id: bytes, action: actions.Append) -> None:
    if not records.serves(at.draft, record_id, action.custodian, at.now):
        raise NotStored
    message = stored_message(at.chain_id, [new.blob for new in action.entries])
    try:
        verify(action.custodian, message, action.stored)
    except BadSignature as error:
        raise NotStored from error


def _add(at: Context, record_id: bytes, number: int, new: actions.NewEntry) -> None:
    """Add an entry under the current epoch; it may correct what its author may have.

    Raises:
        KeyNotFresh: the identifier has been used before.
        NoSuchEntry: what it corrects is not there for its author.
    """
    draft = at.draft
    if _ENTRIES.get(draft, record_id + new.entry) is not None:
        raise KeyNotFresh
    scope = seats.seat(draft, record_id, number).scope
    old = new.supersedes
    if old and not may_have(draft, record_id, scope, old):
        raise NoSuchEntry
    epoch = records.record(draft, record_id).epoch
    fresh = Entry(new.blob, new.key_commitment, epoch, number, old, 0, at.tx_id)
    _ENTRIES.put(draft, record_id + new.entry, fresh)


def on_read(at: Context, action: actions.Read) -> None:
    """State what will be read; vaults serve ciphertext only against this."""
    record_id, number = authorisation.acting(at, action.reader, "read")  # WHO
    records.record(at.draft, record_id)
    scope = seats.seat(at.draft, record_id, number).scope
    for entry_id in action.entries:  # MAY
        if not may_have(at.draft, record_id, scope, entry_id):
            raise NoSuchEntry
    at.draft.say("records.read", record_id)  # DO, SAY: the statement is the deed


def on_erase(at: Context, action: actions.Erase) -> None:
    """Plan an erasure."""
    record_id = authorisation.acting_owner(at, action.owner)  # WHO
    records.record(at.draft, record_id)
    for entry_id in action.entries:  # MAY
        entry(at.draft, record_id, entry_id)
    due = at.now + ERASURE_DELAY
    new = Erasure(record_id, action.entries, due, effective=False)
    _plan(at.draft, at.new_id(), new)  # DO
    at.draft.say("records.erasure-planned", record_id, at.new_id())  # SAY


def _plan(draft: Draft, erasure_id: bytes, planned: Erasure) -> None:
    _ERASURES.put(draft, erasure_id, planned)
    timers.set_timer(draft, planned.due, "erasure-due", erasure_id)


def _erasure(draft: Draft, erasure_id: bytes, record_id: bytes) -> Erasure:
    found = _ERASURES.get(draft, erasure_id)
    if found is None or found.record != record_id:
        raise NothingPending
    return found


def on_cancel_erase(at: Context, action: actions.CancelErase) -> None:
    """Take a request for erasure back."""
    record_id = authorisation.acting_owner(at, action.owner)  # WHO
    records.record(at.draft, record_id)
    found = _erasure(at.draft, action.erasure, record_id)
    if found.effective:  # MAY
        raise NothingPending
    _ERASURES.put(at.draft, action.erasure, None)  # DO
    timers.cancel_timer(at.draft, found.due, "erasure-due", action.erasure)
    at.draft.say("records.erasure-cancelled", record_id, action.erasure)  # SAY


def erase_now(draft: Draft, erasure_id: bytes, now: int) -> None:
    """Put an erasure into effect (timer).

    While ownership is about to move, and until the new owner had time to cancel,
    it waits: a thief of the owner's handle must not erase what is being recovered.
    """
    found = _ERASURES.get(draft, erasure_id)
    if found is None:
        raise NothingPending
    earliest = recovery.moves(draft, found.record) + ERASURE_DELAY
    if earliest > now:
        _plan(draft, erasure_id, msgspec.structs.replace(found, due=earliest))
        return
    done = msgspec.structs.replace(found, effective=True)
    _ERASURES.put(draft, erasure_id, done)
    for entry_id in found.entries:
        _erase_entry(draft, found.record + entry_id, now)
    if not found.entries:
        records.mark_erased(draft, found.record, now)
    draft.say("records.erased", found.record, erasure_id)


def _erase_entry(draft: Draft, key: bytes, now: int) -> None:
    """Mark an entry erased, unless an earlier request already did.

    The manifest of its append goes with it: it says what the entry was.
    """
    found = _ENTRIES.get(draft, key)
    if found is not None and not found.erased:
        _ENTRIES.put(draft, key, msgspec.structs.replace(found, erased=now))
        records.ERASED_BODIES.put(draft, found.append, now)


def on_erased(at: Context, action: actions.Erased) -> None:
    """Let a custodian confirm an erasure."""
    _answer(at, action.custodian, action.erasure, "erased")  # WHO, MAY, DO


def on_retained(at: Context, action: actions.Retained) -> None:
    """Let a custodian say why it must keep what was to be erased, and until when."""
    if action.until <= at.now:
        raise NotPermitted
    answer = f"{action.reason} {action.until}"
    _answer(at, action.custodian, action.erasure, answer)  # WHO, MAY, DO


def _answer(at: Context, index: int, erasure_id: bytes, answer: str) -> None:
    """Note a custodian's answer to an erasure that is in effect.

    Raises:
        NotPermitted: the signer does not keep this record (any more).
        NothingPending: no such erasure in effect, or answered already.
    """
    record_id = authorisation.acting_as(at, index, "custodian")
    custodian = at.signers[index]
    if not records.serves(at.draft, record_id, custodian, at.now):
        raise NotPermitted
    if not _erasure(at.draft, erasure_id, record_id).effective:
        raise NothingPending
    key = erasure_id + custodian
    if _ANSWERS.get(at.draft, key) == "erased":
        raise NothingPending
    _ANSWERS.put(at.draft, key, answer)
    at.draft.say("records.erasure-answered", record_id, erasure_id)


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each erasure that is not in effect yet."""
    for erasure_id, one in listing.present(_ERASURES).items():
        if not one.effective:
            yield one.due, timers.Timer("erasure-due", erasure_id)


def audit(listing: Listing) -> Iterator[str]:
    """Yield stray entries, answers to nothing, and bodies dropped without reason."""
    found = records.records_of(listing)
    expected = [key for key, one in found.items() if one.status == "erased"]
    for key, one in listing.present(_ENTRIES).items():
        if one.erased:
            expected.append(one.append)
        if key[:32] not in found:
            yield f"entries: {short(key[32:])} belongs to no record"
        elif one.epoch > found[key[:32]].epoch:
            yield f"entries: {short(key[32:])} is of an epoch to come"
    if sorted(listing.rows(records.ERASED_BODIES)) != sorted(dict.fromkeys(expected)):
        yield "entries: what is erased is not that whose bodies are dropped"
    erasures = listing.present(_ERASURES)
    for key in listing.rows(_ANSWERS):
        if key[:32] not in erasures:
            yield f"entries: {short(key)} answers no request for erasure"
