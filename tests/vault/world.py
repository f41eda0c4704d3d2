"""What tests of the vault share: a ledger that says what it is told to say."""

from dataclasses import dataclass, field
from pathlib import Path

import apsw

from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.vault.blobs import BLOCK, SMALL
from careledger.vault.store import Deposit, Setup, Vault
from careledger.vault.view import EntryFact, ReadFact

CHAIN = sha256(b"chain")
KEEPER = SigningKey(sha256(b"keeper"))
OTHER = SigningKey(sha256(b"other keeper"))
READER, WRITER = sha256(b"reader"), sha256(b"writer")
STRANGER = sha256(b"stranger")
ENTRY, READ, BLOB = b"e" * 16, sha256(b"read"), b"sealed bytes"
SECOND, THIRD = b"f" * 16, b"g" * 16
RECORD, FOREIGN = sha256(b"record"), sha256(b"another record")
START = 1_800_000_000_000

LARGE = bytes(range(251)) * ((2 * BLOCK + SMALL) // 251)
"""Two whole blocks and a part of one."""


@dataclass
class World:
    """A ledger."""

    now: int = START
    reads: dict[bytes, ReadFact] = field(default_factory=dict)
    active: list[bytes] = field(default_factory=lambda: [READER])
    entries: dict[tuple[bytes, bytes], EntryFact] = field(default_factory=dict)

    def time(self) -> int:
        return self.now

    def read(self, tx_id: bytes) -> ReadFact | None:
        return self.reads.get(tx_id)

    def is_active(self, handle: bytes) -> bool:
        return handle in self.active

    def entry_for(self, key: bytes, entry_id: bytes) -> EntryFact | None:
        return self.entries.get((key, entry_id))

    def append(self, entry: bytes, blob: bytes, *, erased: bool = False) -> None:
        """Have an entry in the record of reader and keeper."""
        hashed = sha256(blob)
        fact = EntryFact(hashed, erased, RECORD)
        self.entries[READER, entry] = fact
        for keeper in (KEEPER, OTHER):
            self.entries[keeper.public, entry] = EntryFact(
                hashed, erased, RECORD, custodian=True
            )

    def state(self, *entries: bytes, read: bytes = READ) -> None:
        """Have the reader state what it will read."""
        stated = tuple((READER, entry) for entry in entries)
        self.reads[read] = ReadFact("ok", self.now, stated)


def sign(custodian: bytes, message: bytes) -> bytes:
    return {k.public: k for k in (KEEPER, OTHER)}[custodian].sign(message)


def may_store(writer: bytes, custodian: bytes) -> bool:
    return writer == WRITER and custodian in (KEEPER.public, OTHER.public)


def open_vault(folder: Path, world: World, **setup) -> Vault:
    made = Setup(**{"may_store": may_store, **setup})
    return Vault(folder / "vault.db", CHAIN, world, sign, made)


def put(vault: Vault, entry: bytes, blob: bytes, keeper=KEEPER) -> bytes:
    return vault.store(keeper.public, [Deposit(entry, blob)])


def blob_file(folder: Path, blob: bytes) -> Path:
    return folder / "vault.db.blobs" / sha256(blob).hex()


def arriving(folder: Path) -> list[str]:
    names = [one.name for one in (folder / "vault.db.arriving").iterdir()]
    return [name for name in names if name != "users"]


def readable(world: World, entry: bytes, blob: bytes) -> None:
    world.append(entry, blob)
    world.state(entry)


def connection(vault: Vault) -> apsw.Connection:
    """Return the vault's own connection, to break things with."""
    return vault._index._connection
