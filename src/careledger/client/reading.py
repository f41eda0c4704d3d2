"""Reading: state it on the ledger, fetch, check everything, open.

Every entry is checked against a proof: the blob's hash, the commitment to the
key, the entry id, and the seat of its author. The reason for reading goes along,
sealed to the owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from careledger.client.part import Part, current_ring
from careledger.client.proving import check_owner_key, prove_entries
from careledger.client.session_problems import (
    HistoryDoesNotOpen,
    PurposeTooLong,
    WrapDoesNotOpen,
)
from careledger.ledger.actions.records import Read
from careledger.node.answers import EntriesAnswer, EntryLine, SeatAnswer
from careledger.node.questions import Fetch, MyEntries
from careledger.node.state_keys import Entry
from careledger.primitives.encoding import NotCanonical, decode, encode
from careledger.sealing.binding import Binding
from careledger.sealing.bodies import open_body_with, seal_body_to
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keyring import AllEpochs, find_entry_key
from careledger.sealing.manifest import ManifestLine, open_manifest
from careledger.sealing.problems import NotARecipient, Tampered
from careledger.sealing.secret import Secret

_PURPOSE: Final = b"careledger/read-purpose/v1"

MOST_PURPOSE: Final = 500
"""Characters of a reason for reading."""


class Purpose(Secret, frozen=True, tag="purpose"):
    """Why somebody reads, in their words."""

    text: Annotated[str, msgspec.Meta(max_length=MOST_PURPOSE)]


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry in a list.

    Attributes:
        entry: as the ledger has it.
        manifest: what it is; `None` for who holds single entries, or where the
            manifest does not open.
    """

    entry: EntryLine
    manifest: ManifestLine | None


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry that was read.

    Attributes:
        entry: id.
        content: the exact bytes that its author added.
        author: the author's seat, as proven.
        supersedes: the entry it corrects, or empty.
    """

    entry: bytes
    content: bytes
    author: int
    supersedes: bytes


def list_entries(part: Part) -> list[Listed]:
    """Return every entry within this part's scope, oldest first."""
    listed: list[Listed] = []
    after = -1
    while True:
        answer = part.line.ask(part.keys.signing, MyEntries(after), EntriesAnswer)
        known = _manifests(part, answer)
        listed += [Listed(one, known.get(one.entry)) for one in answer.entries]
        if answer.last == after:
            return listed
        after = answer.last


def read(part: Part, entries: Sequence[bytes], purpose: str) -> list[Opened]:
    """Read entries: the owner will see who, when, what and why.

    Args:
        part: whose keys open them.
        entries: ids, at most 256.
        purpose: why, for the owner; at most 500 characters.

    Raises:
        PurposeTooLong: nothing was read, for the owner would not learn why.
        NothingHere: beyond this part's scope, or no part at all.
        NotHeld, WrapDoesNotOpen: the keys do not reach them: nothing was stated.
        NotServed: no vault has one of them for us.
        Tampered: blob, key or content is not what the ledger committed to.
        BadEvidence: the node's proof does not hold.
    """
    check_purpose(purpose)
    seat = part.seat()
    facts = prove_entries(part.line, part.keys.signing, part.record, entries)
    keys = [
        entry_key_of(part, seat, fact, one)
        for fact, one in zip(facts, entries, strict=True)
    ]
    receipt = state_read(part, seat, entries, purpose)
    return [
        _open(part, receipt, one, fact, key)
        for one, fact, key in zip(entries, facts, keys, strict=True)
    ]


def check_purpose(purpose: str) -> None:
    """Check that a reason fits: the owner could not open a longer one.

    Raises:
        PurposeTooLong: it does not.
    """
    if len(purpose) > MOST_PURPOSE:
        raise PurposeTooLong


def entry_key_of(part: Part, seat: SeatAnswer, fact: Entry, entry: bytes) -> bytes:
    """Return the key of one entry, fetching wraps if need be.

    Raises:
        NotHeld, WrapDoesNotOpen: it is not there.
        HistoryDoesNotOpen: this part is to reach it, and was given keys that do not.
    """
    wanted = min(fact.epoch, seat.epoch)
    ring = current_ring(part, wanted) if wanted not in part.epochs else part.ring
    ring = ring or current_ring(part, wanted)
    missing = fact.epoch not in part.epochs
    if missing and isinstance(ring, AllEpochs) and fact.epoch < ring.epoch:
        raise HistoryDoesNotOpen
    return find_entry_key(ring, part.epochs, fact.epoch, entry)


def state_read(
    part: Part, seat: SeatAnswer, entries: Sequence[bytes], purpose: str
) -> bytes:
    """Commit to reading; return the id of the transaction, which opens the vaults."""
    owner = check_owner_key(part.line, part.keys.signing, part.record, seat.owner_key)
    body = seal_purpose(part.line.binding(part.record, 0), part.handle, owner, purpose)
    action = Read(0, tuple(entries))
    return part.line.act([part.keys.signing], [action], [body]).tx_id


def seal_purpose(
    binding: Binding, reader: bytes, owner_key: bytes, purpose: str
) -> bytes:
    """Return the reason for reading as a body that the owner opens."""
    return seal_body_to(
        owner_key, binding.info(_PURPOSE, reader), encode(Purpose(purpose))
    )


def open_purpose(
    key: OpeningKey, binding: Binding, reader: bytes, body: bytes
) -> str | None:
    """Return why somebody read, or `None` if they did not say it to this owner."""
    try:
        content = open_body_with(key, binding.info(_PURPOSE, reader), body)
        return decode(content, Purpose).text
    except (NotARecipient, Tampered, NotCanonical):
        return None


def _open(part: Part, receipt: bytes, entry: bytes, fact: Entry, key: bytes) -> Opened:
    blob = part.line.fetch(part.keys.signing, Fetch(receipt, entry))
    sealed = SealedEntry(entry, blob, fact.blob, fact.key_commitment)
    return Opened(entry, open_entry(key, sealed), fact.author, fact.supersedes)


def _manifests(part: Part, answer: EntriesAnswer) -> dict[bytes, ManifestLine]:
    """Return what the entries are, as far as their manifests open."""
    known: dict[bytes, ManifestLine] = {}
    for one in answer.manifests:
        binding = part.line.binding(part.record, one.epoch)
        try:
            current_ring(part, one.epoch)
            lines = open_manifest(part.epochs[one.epoch], binding, one.bodies)
        except (Tampered, KeyError, WrapDoesNotOpen):
            continue
        mine = {line.entry for line in answer.entries if line.append == one.append}
        known |= {line.entry_id: line for line in lines if line.entry_id in mine}
    return known
