"""Sealed entries that the ledger says a hospital keeps, and its vault does not have.

A vault whose files were lost starts empty, and one from a backup lacks the newest:
both look sound to themselves. So a node that starts compares what the vault keeps for
each custodian handle with the entries of that record, the newest records first, as
far as `MOST` transactions go. That is a moment's work, however long the ledger is. A
blob that was left on its way to the ledger counts as one that is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from careledger.client.keystore import Keystore
from careledger.ledger.actions.records import Append
from careledger.ledger.actions.referral import AllEpochs
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.workflows import entries, records, seats
from careledger.node.digest import acts_at
from careledger.node.ledger_facts import Facts
from careledger.sealing.seeds import handle_keys
from careledger.vault.store import Vault

MOST: Final = 2_000
"""Transactions that are looked at."""

_HANDLES: Final = 500
"""Custodian handles that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What a vault lacks of the records that were looked at.

    Attributes:
        entries: at least so many.
        records: of which these are.
        looked_at: records that were compared, the newest.
    """

    entries: int
    records: int
    looked_at: int

    def warning(self) -> str:
        """Return what to tell who runs the node."""
        return (
            f"WARNING: the vault lacks {self.entries} sealed entries, or more, of"
            f" {self.records} records that the ledger says this hospital keeps (the"
            f" newest {self.looked_at} were compared). They are not served. Stop the"
            " node and put vault.db, vault.db-wal and vault.db.blobs back from a backup"
            " of this home; or let the records' owners bring copies that another"
            " custodian has: careledger patient copy-to-custodian."
        )


def look_for_missing(
    facts: Facts, pool: Keystore, vault: Vault, most: int = MOST
) -> Missing | None:
    """Return what the vault lacks for a hospital's custodian handles, if anything."""
    counts = list(_compare(facts, pool, vault, most))
    lacking = [one for one in counts if one]
    if not lacking:
        return None
    return Missing(sum(lacking), len(lacking), len(counts))


def _compare(facts: Facts, pool: Keystore, vault: Vault, most: int) -> Iterator[int]:
    """Yield how many entries are missing of each record, the newest first."""
    left = most
    for used in pool.kept.used[: -_HANDLES - 1 : -1]:
        handle = handle_keys(pool.seed, pool.device, used.index).signing.public
        record = _served(facts, handle)
        if record and left > 0:
            positions = facts.reader.transactions_of(record, limit=left)
            left -= len(positions)
            there = _entries(facts, record, positions)
            yield max(0, there - vault.usage(handle).blobs)


def _served(facts: Facts, handle: bytes) -> bytes:
    """Return the open record that a custodian handle serves now, or nothing."""
    draft = facts.draft()
    try:
        record = seats.place(draft, handle).record
        records.record(draft, record)
    except Refusal:
        return b""
    return record if records.serves(draft, record, handle, facts.time()) else b""


def _entries(facts: Facts, record: bytes, positions: list[int]) -> int:
    """Return how many entries some transactions added and nobody had erased."""
    draft = facts.draft()
    acts = [act.action for one in positions for act in acts_at(facts, one)]
    added = [
        new.entry for one in acts if isinstance(one, Append) for new in one.entries
    ]
    return sum(entries.may_have(draft, record, AllEpochs(), one) for one in added)
