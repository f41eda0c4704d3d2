"""What a vault asks of the ledger: four questions, and never an engine."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReadFact:
    """A recorded transaction that states what somebody will read.

    Attributes:
        code: its verdict; only `ok` counts.
        time: of its block, milliseconds.
        stated: (reader's handle, entry id) for each entry that it names.
    """

    code: str
    time: int
    stated: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class EntryFact:
    """An entry as the ledger has it.

    Attributes:
        blob: SHA-256 of the sealed blob.
        erased: the entry, or its record, has been erased.
        record: which record it is of, to compare with another answer's.
        custodian: whoever asked is a custodian that serves that record now.
    """

    blob: bytes
    erased: bool
    record: bytes = b""
    custodian: bool = False


class LedgerView(Protocol):
    """The ledger, as far as a vault must see it."""

    def time(self) -> int:
        """Return the ledger's time, milliseconds: never before its last block."""
        ...

    def read(self, tx_id: bytes) -> ReadFact | None:
        """Return a recorded `Read`, or `None`."""
        ...

    def is_active(self, handle: bytes) -> bool:
        """Tell whether a handle may still act in its record."""
        ...

    def entry_for(self, key: bytes, entry_id: bytes) -> EntryFact | None:
        """Return an entry of the one record that `key` belongs to.

        `key` is a participant's handle, or a custodian handle that still serves.
        """
        ...
