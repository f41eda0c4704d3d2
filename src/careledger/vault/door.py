"""Who may have a blob, and who may bring one: decided here and nowhere else.

A reader needs a committed `Read` of its own that is still live; a fellow custodian
needs to keep the same record. Nobody is told why not.
"""

from collections.abc import Callable, Sequence
from typing import Final

from careledger.vault.index import Claim
from careledger.vault.problems import NotKept, NotServed
from careledger.vault.view import EntryFact, LedgerView

LIVE: Final = 900_000
"""How long a `Read` opens the vault: 15 minutes of ledger time, in milliseconds."""

MayStore = Callable[[bytes, bytes], bool]
"""Tells whether a handle may write now, in a record that this custodian keeps."""


def nobody(writer: bytes, custodian: bytes) -> bool:  # noqa: ARG001
    """Let no handle upload: what a vault does until it is told who may."""
    return False


def entry_to_read(
    view: LedgerView, reader: bytes, read: bytes, entry: bytes
) -> EntryFact:
    """Return the entry that a live statement entitles `reader` to.

    Raises:
        NotServed: no such statement, by somebody else, not `ok`, older than `LIVE`;
            a handle no longer active; an entry not named there, or erased.
    """
    statement, fact = view.read(read), view.entry_for(reader, entry)
    active, now = view.is_active(reader), view.time()
    if statement is None or fact is None or not active or fact.erased:
        raise NotServed
    if statement.code != "ok" or (reader, entry) not in statement.stated:
        raise NotServed
    if now > statement.time + LIVE:
        raise NotServed
    return fact


def entry_to_copy(view: LedgerView, custodian: bytes, entry: bytes) -> EntryFact:
    """Return the entry that a fellow custodian of its record may copy.

    Raises:
        NotServed: not a custodian that serves the entry's record, or erased.
    """
    fact = view.entry_for(custodian, entry)
    if fact is None or fact.erased or not fact.custodian:
        raise NotServed
    return fact


def check_kept_for(
    view: LedgerView, claims: Sequence[Claim], entry: bytes, fact: EntryFact
) -> None:
    """Check that we keep the blob for this very record.

    A blob's hash is known to more people than may have it: who appends a foreign
    hash to a record of its own must not get the blob by it.

    Raises:
        NotServed: no custodian handle here keeps this entry of this record.
    """
    for claim in claims:
        ours = view.entry_for(claim.custodian, entry)
        same_record = ours is not None and ours.record == fact.record
        if claim.entry == entry and same_record:
            return
    raise NotServed


def check_not_erased(view: LedgerView, custodian: bytes, entry: bytes) -> None:
    """Check that the ledger does not have this entry as erased.

    Raises:
        NotKept: it does.
    """
    fact = view.entry_for(custodian, entry)
    if fact is not None and fact.erased:
        raise NotKept
