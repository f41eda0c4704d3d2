"""A vault: content-addressed, blind, strict.

    store()      sealed entries on disk, then the custodian's receipt for `Append`
    upload()     one large entry, streamed
    fetch()      one blob, against a committed `Read` that is still live
    serve()      the same as a stream, or a range of it
    hand_over()  one blob, to another custodian of the same record
    sweep()      drops what was never appended, forgets what was erased
    scrub()      reads everything and finds rot
    mend()       fetches rotten blobs from other custodians

A blob leaves to whoever stated on the ledger that it will read it, with a handle
that is still active, within `LIVE` of that statement; to a fellow custodian; and
to nobody else.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

from careledger.ledger.workflows.entries import stored_message
from careledger.vault.blobs import SMALL, Staged, staged_whole
from careledger.vault.door import (
    LIVE,
    check_kept_for,
    check_not_erased,
    entry_to_copy,
    entry_to_read,
)
from careledger.vault.files import Files
from careledger.vault.index import Arrival, Index, Kept, Usage
from careledger.vault.mend import Fellow, Mended, mend
from careledger.vault.problems import (
    NotKept,
    NotServed,
    VaultDamaged,
    VaultFull,
    VaultUnwell,
)
from careledger.vault.scrub import Pace, Scrubbed, scrub
from careledger.vault.shelves import Shelves
from careledger.vault.staging import Staging
from careledger.vault.sweep import WAITING, Swept, sweep
from careledger.vault.terms import ROOM, Deposit, Serving, Setup, Sign, Stored
from careledger.vault.view import EntryFact, LedgerView

__all__ = [
    "LIVE",
    "ROOM",
    "WAITING",
    "Deposit",
    "Serving",
    "Setup",
    "Sign",
    "Stored",
    "Swept",
    "Vault",
]


class Vault:
    """An open vault. Any thread may call it."""

    def __init__(
        self,
        path: Path,
        chain_id: bytes,
        view: LedgerView,
        sign: Sign,
        setup: Setup | None = None,
    ) -> None:
        """Open the vault in `path`, or make it; clear what a crash left behind.

        Raises:
            OtherVersion: made by another version.
            VaultFull, VaultUnwell: the disk does not let us.
        """
        self._chain_id, self._view, self._sign = chain_id, view, sign
        self._setup = setup or Setup()
        self._index = Index(path)
        self._staging = Staging(path.with_name(path.name + ".arriving"))
        files = self._setup.large or Files(path.with_name(path.name + ".blobs"))
        self._shelves = Shelves(self._index, files)

    def store(self, custodian: bytes, deposits: Sequence[Deposit]) -> bytes:
        """Keep sealed entries; return the custodian's receipt for `Append`.

        When this returns, the blobs survive power loss. A receipt names exactly
        these blobs, in this order. Who calls has checked the writer's right.

        Raises:
            NotKept: no handle of this hospital, nothing to keep, or erased before.
            OverQuota: no room left for this handle.
            VaultFull, VaultUnwell: the disk; nothing was kept.
        """
        with ExitStack() as stack:
            arrivals = [
                Arrival(one.entry, self._stage(stack, one.blob)) for one in deposits
            ]
            return self._accept(custodian, arrivals)

    def upload(
        self, writer: bytes, custodian: bytes, entry: bytes, pieces: Iterable[bytes]
    ) -> Stored:
        """Keep one sealed entry that arrives in pieces, in constant memory.

        Args:
            writer: a handle that has proved itself to the caller of this method.
            custodian: a handle of this hospital that keeps the writer's record.
            entry: the entry's id.
            pieces: the sealed blob. What they raise goes through, and then nothing
                is kept.

        Raises:
            NotKept: not a live write right in that record, and as for `store`.
            OverQuota, VaultFull, VaultUnwell: as for `store`.
        """
        if not self._setup.may_store(writer, custodian):
            raise NotKept
        with self._index.reading():
            limit = self._setup.room.size - self._index.usage(custodian).size
        with self._staging.receive(pieces, limit) as staged:
            receipt = self._accept(custodian, [Arrival(entry, staged)])
        return Stored(staged.blob, staged.size, receipt)

    def fetch(self, reader: bytes, read: bytes, entry: bytes) -> bytes:
        """Return the blob of one entry, whole; `serve` streams large ones.

        Args:
            reader: a handle that has proved itself to the caller of this method.
            read: id of the transaction in which it stated what it will read.
            entry: one of the entries named there.

        Raises:
            NotServed: no such statement, by somebody else, not `ok`, older than
                `LIVE`, a handle no longer active, erased, or not kept here.
            VaultDamaged: the blob has changed on disk.
            VaultUnwell: the disk failed.
        """
        return b"".join(self.serve(reader, read, entry).pieces)

    def serve(
        self,
        reader: bytes,
        read: bytes,
        entry: bytes,
        start: int = 0,
        stop: int | None = None,
    ) -> Serving:
        """Return the blob of one entry as a stream, or bytes `start` to `stop`.

        Each range needs the `Read` to be live when it is asked for; what has begun
        may end. A range beyond the end is cut there.

        Raises:
            NotServed, VaultDamaged, VaultUnwell: as for `fetch`; the latter two
                from `pieces` also.
        """
        fact = entry_to_read(self._view, reader, read, entry)
        return self._serve(entry, fact, start, stop)

    def hand_over(self, custodian: bytes, entry: bytes) -> Iterator[bytes]:
        """Return the blob of one entry, to another custodian of its record.

        Args:
            custodian: a handle that has proved itself to the caller of this method.
            entry: the entry's id.

        Raises:
            NotServed: no custodian of that entry's record, erased, or not here.
            VaultDamaged, VaultUnwell: as for `serve`.
        """
        fact = entry_to_copy(self._view, custodian, entry)
        return self._serve(entry, fact, 0, None).pieces

    def sweep(self) -> Swept:
        """Drop what was never appended, forget what was erased."""
        return sweep(self._shelves, self._view)

    def scrub(self, pace: Pace | None = None) -> Scrubbed:
        """Hash everything again, at a bounded rate; mark what has rotted."""
        return scrub(self._shelves, self._view.time, pace or Pace())

    def mend(self, fellows: Sequence[Fellow]) -> Mended:
        """Replace rotten blobs by what other custodians of their records have."""
        return mend(self._shelves, self._staging, fellows, self._view.time)

    def usage(self, custodian: bytes) -> Usage:
        """Return what is kept for a custodian handle."""
        with self._index.reading():
            return self._index.usage(custodian)

    def count(self) -> int:
        """Return how many blobs there are, tombstones left out."""
        with self._index.reading():
            return self._index.count()

    def close(self) -> None:
        """Close the files."""
        self._staging.close()
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stage(self, stack: ExitStack, blob: bytes) -> Staged:
        if len(blob) <= SMALL:
            return staged_whole(blob)
        limit = self._setup.room.size
        return stack.enter_context(self._staging.receive([blob], limit))

    def _accept(self, custodian: bytes, arrivals: Sequence[Arrival]) -> bytes:
        """Keep staged blobs; return the receipt."""
        hashes = [one.staged.blob for one in arrivals]
        try:
            receipt = self._sign(custodian, stored_message(self._chain_id, hashes))
        except KeyError:
            raise NotKept from None
        if not all(one.staged.size for one in arrivals) or not arrivals:
            raise NotKept
        for one in arrivals:
            check_not_erased(self._view, custodian, one.entry)
        self._shelves.keep(custodian, arrivals, self._setup.room, self._view.time())
        return receipt

    def _serve(
        self, entry: bytes, fact: EntryFact, start: int, stop: int | None
    ) -> Serving:
        with self._index.reading():
            kept = self._index.find(fact.blob)
            claims = self._index.claims_on(fact.blob)
        if kept is None:
            raise NotServed
        check_kept_for(self._view, claims, entry, fact)
        if kept.rotten:
            raise VaultDamaged(kept.blob.hex())
        end = kept.size if stop is None else min(stop, kept.size)
        pieces = self._pieces(kept, max(0, start), end)
        return Serving(kept.blob, kept.size, pieces)

    def _pieces(self, kept: Kept, start: int, stop: int) -> Iterator[bytes]:
        """Yield a range; remember rot that comes to light."""
        try:
            yield from self._shelves.blocks(kept, start, stop)
        except VaultDamaged:
            # Named to the reader even if there is no room to remember it.
            with suppress(VaultFull, VaultUnwell):
                if not self._shelves.condemn(kept.blob, self._view.time()):
                    raise NotServed from None
            raise
