"""Who keeps which blob for whom: the vault's table of contents.

A blob is kept as long as there is one claim on it. Who changes anything does so
inside `changing`, one transaction; who looks, inside `reading`. No rule about who
may do what lives here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final, NamedTuple

from careledger.durable import sync_path
from careledger.vault.blobs import SMALL, Staged
from careledger.vault.database import open_vault_file
from careledger.vault.disk import disk_errors
from careledger.vault.problems import NotKept, OverQuota, VaultUnwell
from careledger.vault.small import SmallBlobs

PAGE: Final = 256
"""Claims that a sweep looks at in one transaction."""


class Arrival(NamedTuple):
    """A staged blob and the entry it is for."""

    entry: bytes
    staged: Staged


class Claim(NamedTuple):
    """That a custodian handle keeps a blob for an entry of its record.

    Attributes:
        stored: when, ledger time in milliseconds.
    """

    custodian: bytes
    entry: bytes
    blob: bytes
    stored: int


class Kept(NamedTuple):
    """What is known of a blob.

    Attributes:
        blocks: SHA-256 of each block, if there are several.
        rotten: ledger time in milliseconds when rot was found, or 0.
    """

    blob: bytes
    size: int
    blocks: bytes
    rotten: int


class Usage(NamedTuple):
    """What one custodian handle keeps."""

    size: int
    blobs: int


class Index:
    """The open table of contents. Any thread may call it; one works at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._connection = open_vault_file(path)
        self._lock = RLock()
        self.small = SmallBlobs(self._connection)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction: all of it is durable at the end, or nothing happened.

        Raises:
            VaultFull, VaultUnwell: the disk refused; nothing happened.
        """
        with self._lock, disk_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")  # COMMIT POINT.
            finally:
                # After a full disk SQLite has already rolled back.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep other threads away while something is read."""
        with self._lock, disk_errors():
            yield

    def close(self) -> None:
        """Close the file."""
        with self.reading():
            self._connection.close()

    # Arriving

    def admit(self, custodian: bytes, arrivals: Sequence[Arrival], room: Usage) -> None:
        """Check that blobs may be kept.

        Raises:
            NotKept: an entry that was erased before.
            OverQuota: more than `room`, with what the handle keeps already.
        """
        if any(self._is_buried(custodian, one.entry) for one in arrivals):
            raise NotKept
        used = self.usage(custodian)
        new = {
            (entry, staged.blob): staged.size
            for entry, staged in arrivals
            if not self._has_claim(custodian, entry, staged.blob)
        }
        if used.size + sum(new.values()) > room.size:
            raise OverQuota
        if used.blobs + len(new) > room.blobs:
            raise OverQuota

    def expect(self, blob: bytes, now: int) -> None:
        """Note that a large blob is about to be put; a crash leaves this trace."""
        self._run("INSERT OR REPLACE INTO loose VALUES(?,?)", blob, now)

    def keep(self, custodian: bytes, arrival: Arrival, now: int) -> None:
        """Note a blob that has been put, and who keeps it for which entry.

        Raises:
            VaultUnwell: it was expected so long ago that it has been tidied away.
        """
        entry, staged = arrival
        if staged.size > SMALL and not self._is_somewhere(staged.blob):
            raise VaultUnwell
        self.replaced(staged)
        if not self._has_claim(custodian, entry, staged.blob):
            claim = (custodian, entry, staged.blob, now)
            self._run("INSERT INTO claim VALUES(?,?,?,?)", *claim)
            self._use(custodian, staged.size, 1)

    def replaced(self, staged: Staged) -> None:
        """Note that a blob has been put, whole."""
        self.tidied(staged.blob)
        self._run(
            "INSERT INTO blob(hash, size, blocks) VALUES(?,?,?)"
            " ON CONFLICT DO UPDATE SET rotten=0, blocks=excluded.blocks",
            *(staged.blob, staged.size, staged.blocks),
        )

    # Looking

    def find(self, blob: bytes) -> Kept | None:
        """Return what is known of a blob that is kept, or `None`."""
        sql = "SELECT hash, size, blocks, rotten FROM blob WHERE hash=?"
        return next((Kept(*row) for row in self._run(sql, blob)), None)

    def after(self, blob: bytes) -> Kept | None:
        """Return the next blob that is kept, in order of hashes, or `None`."""
        sql = (
            "SELECT hash, size, blocks, rotten FROM blob WHERE hash>?"
            " ORDER BY hash LIMIT 1"
        )
        return next((Kept(*row) for row in self._run(sql, blob)), None)

    def rotten(self) -> list[Kept]:
        """Return the blobs in which rot was found."""
        sql = "SELECT hash, size, blocks, rotten FROM blob WHERE rotten>0 ORDER BY hash"
        return [Kept(*row) for row in self._run(sql)]

    def claims_on(self, blob: bytes) -> list[Claim]:
        """Return the claims on a blob."""
        sql = (
            "SELECT custodian, entry, hash, stored FROM claim"
            " WHERE hash=? ORDER BY entry, custodian"
        )
        return [Claim(*row) for row in self._run(sql, blob)]

    def claims_after(self, last: Claim) -> list[Claim]:
        """Return the next `PAGE` claims, in their order."""
        sql = (
            "SELECT custodian, entry, hash, stored FROM claim"
            " WHERE (custodian, entry, hash) > (?,?,?)"
            " ORDER BY custodian, entry, hash LIMIT ?"
        )
        return [Claim(*row) for row in self._run(sql, *last[:3], PAGE)]

    def usage(self, custodian: bytes) -> Usage:
        """Return what a custodian handle keeps."""
        sql = "SELECT bytes, blobs FROM usage WHERE custodian=?"
        return next((Usage(*row) for row in self._run(sql, custodian)), Usage(0, 0))

    def count(self) -> int:
        """Return how many blobs are kept."""
        return int(self._run("SELECT count(*) FROM blob")[0][0])

    # Leaving

    def drop(self, claim: Claim) -> bool:
        """Forget a claim, and the blob with its last one; tell if it was there."""
        kept = self.find(claim.blob)
        if kept is None or not self._has_claim(*claim[:3]):
            return False
        key = claim[:3]
        self._run("DELETE FROM claim WHERE custodian=? AND entry=? AND hash=?", *key)
        self._use(claim.custodian, -kept.size, -1)
        if not self.claims_on(claim.blob):
            self._forget(kept)
        return True

    def bury(self, claim: Claim, now: int) -> bool:
        """Drop a claim whose entry was erased: nothing is kept for that entry again.

        Whoever else keeps the same bytes, or will, is untouched: else one could have
        the blob of another's record refused by erasing a copy in one's own.
        """
        grave = (claim.custodian, claim.entry, now)
        self._run("INSERT OR IGNORE INTO tombstone VALUES(?,?,?)", *grave)
        return self.drop(claim)

    def mark(self, blob: bytes, rotten: int) -> None:
        """Note when rot was found in a blob; 0 when it is whole after all."""
        self._run("UPDATE blob SET rotten=? WHERE hash=?", rotten, blob)

    def loose(self, until: int) -> list[bytes]:
        """Return large blobs that nobody has kept since `until` (milliseconds)."""
        sql = (
            "SELECT hash FROM loose WHERE since<=?"
            " AND hash NOT IN (SELECT hash FROM blob) ORDER BY hash"
        )
        return [row[0] for row in self._run(sql, until)]

    def tidied(self, blob: bytes) -> None:
        """Note that nothing of a blob lies anywhere without a row."""
        self._run("DELETE FROM loose WHERE hash=?", blob)

    def scour(self) -> None:
        """Take what was forgotten out of the write-ahead log too."""
        with self.reading():
            self._run("PRAGMA wal_checkpoint(TRUNCATE)")
            # SQLite does not sync the cut: a power loss would bring the log back.
            sync_path(Path(self._connection.filename_wal))

    def _forget(self, kept: Kept) -> None:
        self._run("DELETE FROM blob WHERE hash=?", kept.blob)
        if kept.size <= SMALL:
            self.small.remove(kept.blob)
        else:
            # The file goes after the commit; a crash in between leaves this trace.
            # One that is there already belongs to whoever is bringing the blob now.
            self._run("INSERT OR IGNORE INTO loose VALUES(?,0)", kept.blob)

    def _is_buried(self, custodian: bytes, entry: bytes) -> bool:
        sql = "SELECT 1 FROM tombstone WHERE custodian=? AND entry=?"
        return bool(self._run(sql, custodian, entry))

    def _is_somewhere(self, blob: bytes) -> bool:
        sql = "SELECT 1 FROM loose WHERE hash=?"
        return bool(self._run(sql, blob)) or self.find(blob) is not None

    def _has_claim(self, *key: bytes) -> bool:
        sql = "SELECT 1 FROM claim WHERE custodian=? AND entry=? AND hash=?"
        return bool(self._run(sql, *key))

    def _use(self, custodian: bytes, size: int, blobs: int) -> None:
        sql = (
            "INSERT INTO usage VALUES(?,?,?) ON CONFLICT DO UPDATE"
            " SET bytes=bytes+excluded.bytes, blobs=blobs+excluded.blobs"
        )
        self._run(sql, custodian, size, blobs)

    def _run(self, sql: str, *values: bytes | int) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(sql, values))
