"""A vault in one SQLite file: content-addressed, blind, strict.

    store()   blobs on disk, then the custodian handle's receipt for `Append`
    fetch()   one blob, against a committed `Read` that is still live
    sweep()   drops what was never appended, tombstones what was erased

A blob leaves to whoever stated on the ledger that it will read it, with a handle
that is still active, within `LIVE` of that statement; and to nobody else.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple, Self

from careledger.ledger.workflows.entries import stored_message
from careledger.primitives.hashing import sha256
from careledger.vault.database import open_vault_file
from careledger.vault.problems import NotKept, NotServed, VaultDamaged
from careledger.vault.view import EntryFact, LedgerView

LIVE: Final = 900_000
"""How long a `Read` opens the vault: 15 minutes of ledger time, in milliseconds."""

WAITING: Final = 86_400_000
"""How long a blob may wait for its `Append`: 24 hours, in milliseconds."""

Sign = Callable[[bytes, bytes], bytes]
"""Given a custodian handle of this hospital and a message, returns the signature.

Raises:
    KeyError: not a handle of this hospital.
"""


class Deposit(NamedTuple):
    """One sealed entry as it is brought."""

    entry: bytes
    blob: bytes


class Swept(NamedTuple):
    """What a sweep did.

    Attributes:
        dropped: claims that never got their `Append`, or whose custody ended.
        erased: blobs that were tombstoned.
    """

    dropped: int
    erased: int


class Vault:
    """An open vault. Any thread may call it; one works at a time."""

    def __init__(
        self, path: Path, chain_id: bytes, view: LedgerView, sign: Sign
    ) -> None:
        """Open the vault in `path`, or make it."""
        self._connection = open_vault_file(path)
        self._chain_id, self._view, self._sign = chain_id, view, sign
        self._lock = Lock()

    def store(self, custodian: bytes, deposits: Sequence[Deposit]) -> bytes:
        """Keep sealed entries; return the custodian's receipt for `Append`.

        When this returns, the blobs survive power loss. A receipt names exactly
        these blobs, in this order.

        Raises:
            NotKept: no handle of this hospital, nothing to keep, or erased before.
        """
        hashes = [sha256(one.blob) for one in deposits]
        try:
            receipt = self._sign(custodian, stored_message(self._chain_id, hashes))
        except KeyError:
            raise NotKept from None
        if not deposits:
            raise NotKept
        now = self._view.time()
        with self._lock, self._connection:
            for one, blob_hash in zip(deposits, hashes, strict=True):
                self._keep(custodian, one, blob_hash, now)
        # COMMIT POINT above. A crash before it leaves no receipt and no blob.
        return receipt

    def fetch(self, reader: bytes, read: bytes, entry: bytes) -> bytes:
        """Return the blob of one entry.

        Args:
            reader: a handle that has proved itself to the caller of this method.
            read: id of the transaction in which it stated what it will read.
            entry: one of the entries named there.

        Raises:
            NotServed: no such statement, by somebody else, not `ok`, older than
                `LIVE`, a handle no longer active, erased, or not kept here.
            VaultDamaged: the blob has changed on disk.
        """
        fact = self._entitled(reader, read, entry)
        with self._lock:
            data = self._blob(fact.blob, entry)
        if data is None:
            raise NotServed
        if sha256(data) != fact.blob:
            raise VaultDamaged(fact.blob.hex())
        return data

    def sweep(self) -> Swept:
        """Drop what was never appended, tombstone what was erased.

        A whole erased record needs no list: its entries answer `erased` each.
        """
        now = self._view.time()
        dropped = erased = 0
        with self._lock, self._connection:
            for custodian, entry, blob, stored in self._claims():
                fact = self._view.entry_for(custodian, entry)
                if fact is not None and fact.blob == blob:
                    erased += self._tombstone(blob, now) if fact.erased else 0
                elif stored + WAITING <= now:
                    dropped += self._drop(custodian, entry, blob)
        return Swept(dropped, erased)

    def count(self) -> int:
        """Return how many blobs there are, tombstones left out."""
        sql = "SELECT count(*) FROM blob WHERE data IS NOT NULL"
        with self._lock:
            return sum(number for (number,) in self._connection.execute(sql))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _entitled(self, reader: bytes, read: bytes, entry: bytes) -> EntryFact:
        """Return the entry that a live statement entitles `reader` to.

        Raises:
            NotServed: it does not.
        """
        view = self._view
        statement, fact = view.read(read), view.entry_for(reader, entry)
        active, now = view.is_active(reader), view.time()
        if statement is None or fact is None or not active or fact.erased:
            raise NotServed
        if statement.code != "ok" or (reader, entry) not in statement.stated:
            raise NotServed
        if now > statement.time + LIVE:
            raise NotServed
        return fact

    def _keep(self, custodian: bytes, one: Deposit, blob: bytes, now: int) -> None:
        old = self._one("SELECT erased FROM blob WHERE hash=?", blob)
        if old is not None and old[0]:
            raise NotKept
        run = self._connection.execute
        run("INSERT OR IGNORE INTO blob(hash, data) VALUES(?,?)", (blob, one.blob))
        run(
            "INSERT OR IGNORE INTO claim(custodian, entry, hash, stored)"
            " VALUES(?,?,?,?)",
            (custodian, one.entry, blob, now),
        )

    def _blob(self, blob: bytes, entry: bytes) -> bytes | None:
        sql = "SELECT data FROM blob JOIN claim USING(hash) WHERE hash=? AND entry=?"
        row = self._one(sql, blob, entry)
        return None if row is None else bytes(row[0] or b"") or None

    def _claims(self) -> list[tuple[bytes, bytes, bytes, int]]:
        sql = (
            "SELECT custodian, entry, hash, stored FROM claim JOIN blob USING(hash)"
            " WHERE data IS NOT NULL"
        )
        return list(self._connection.execute(sql))

    def _tombstone(self, blob: bytes, now: int) -> int:
        sql = "UPDATE blob SET data=NULL, erased=? WHERE hash=?"
        self._connection.execute(sql, (now, blob))
        return 1

    def _drop(self, custodian: bytes, entry: bytes, blob: bytes) -> int:
        run = self._connection.execute
        key = (custodian, entry, blob)
        run("DELETE FROM claim WHERE custodian=? AND entry=? AND hash=?", key)
        if self._one("SELECT 1 FROM claim WHERE hash=?", blob) is None:
            run("DELETE FROM blob WHERE hash=?", (blob,))
        return 1

    def _one(self, sql: str, *values: bytes) -> tuple[Any, ...] | None:
        return self._connection.execute(sql, values).fetchone()
