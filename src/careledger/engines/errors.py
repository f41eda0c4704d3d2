"""What can go wrong with an engine and its files.

An engine that meets anything unexpected stops before it acknowledges: what
memory holds can no longer be trusted, what the file holds can. The normal start
is the only recovery path.
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class EngineStopped(CareLedgerError):
    """The engine takes nothing more; whether the last blocks count is unknown."""

    code: ClassVar[str] = "engine.stopped"
    happened: ClassVar[str] = "The engine has stopped."
    to_do: ClassVar[str] = (
        "Start it again, then ask for the receipt before you send anything anew."
    )


class Busy(CareLedgerError):
    """The queue stayed full."""

    code: ClassVar[str] = "engine.busy"
    happened: ClassVar[str] = "More transactions arrive than this node can store."
    to_do: ClassVar[str] = "Wait a moment and send the same transaction again."


class StillWaiting(CareLedgerError):
    """A verdict that did not come in time."""

    code: ClassVar[str] = "engine.still-waiting"
    happened: ClassVar[str] = "The verdict has not come yet."
    to_do: ClassVar[str] = "Ask for the receipt later; do not sign a new transaction."


class LedgerInUse(CareLedgerError):
    """Another process has the ledger open."""

    code: ClassVar[str] = "engine.in-use"
    happened: ClassVar[str] = "Another process has this ledger open."
    to_do: ClassVar[str] = (
        "Stop the other process, and try again. A copy can be made and checked beside"
        " it: careledger ledger backup FILE, then careledger ledger verify FILE."
    )


class LedgerMissing(CareLedgerError):
    """No ledger where one was expected."""

    code: ClassVar[str] = "engine.not-found"
    happened: ClassVar[str] = "There is no ledger at this path."
    to_do: ClassVar[str] = (
        "Check the path, and `ledger` in careledger.toml; a lost ledger comes back"
        " with: careledger ledger restore FILE."
    )


class LedgerExists(CareLedgerError):
    """A ledger where none was expected."""

    code: ClassVar[str] = "engine.exists"
    happened: ClassVar[str] = "Something is at this path already."
    to_do: ClassVar[str] = (
        "Choose another path. To restore a lost or damaged ledger, first move away what"
        " is left of it, with its -wal, -shm and -rows files. Nothing was changed."
    )


class WalLeft(CareLedgerError):
    """A write-ahead log whose ledger is gone; a copy must not meet it."""

    code: ClassVar[str] = "engine.write-ahead-log-left"
    happened: ClassVar[str] = "A write-ahead log of the lost ledger is still here."
    to_do: ClassVar[str] = (
        "Move it away together with the ledger it belongs to, then restore again."
    )


class RowsLeft(CareLedgerError):
    """Rows whose ledger is gone; it may be somewhere still and need them."""

    code: ClassVar[str] = "engine.rows-left"
    happened: ClassVar[str] = "Rows of the lost ledger are still here."
    to_do: ClassVar[str] = (
        "Move them away together with the ledger they belong to, then restore again."
    )


class OtherLedger(CareLedgerError):
    """A ledger that did not start from the network's genesis."""

    code: ClassVar[str] = "engine.other-network"
    happened: ClassVar[str] = "This is the ledger of another network."
    to_do: ClassVar[str] = "Take the copy that was made of this network's ledger."


class LedgerDamaged(CareLedgerError):
    """Stored bytes that contradict each other; `detail` names the place."""

    code: ClassVar[str] = "engine.damaged"
    happened: ClassVar[str] = "The stored ledger is damaged."
    to_do: ClassVar[str] = "Stop this node and restore the ledger from a backup."


class BadCopy(LedgerDamaged):
    """A file that was to be restored and is no backup, or not a whole one."""

    code: ClassVar[str] = "engine.bad-copy"
    happened: ClassVar[str] = "There is no whole copy of a ledger at this path."
    to_do: ClassVar[str] = "Take another copy; nothing was changed."


class Forked(CareLedgerError):
    """A log that is not the one this node has signed."""

    code: ClassVar[str] = "engine.forked"
    happened: ClassVar[str] = "This log does not contain the last signed checkpoint."
    to_do: ClassVar[str] = (
        "Restore a backup at least as new as the checkpoint. If there is none, what"
        " came after it is lost: docs/operations.md, under Backup and restore, says how"
        " to go on."
    )


class SignedUnknown(CareLedgerError):
    """The note of what this node has signed is missing or damaged."""

    code: ClassVar[str] = "engine.signed-unknown"
    happened: ClassVar[str] = (
        "What this node has signed last is not known: its note beside the ledger is"
        " missing or damaged. Nothing keeps it from signing a second history."
    )
    to_do: ClassVar[str] = (
        "Put the note (ledger.db.signed) back from a backup. If there is none, tell"
        " whoever has proofs of this node, then run: careledger ledger forget-signed."
    )


class SignedKnown(CareLedgerError):
    """The note of what this node has signed is there; it is not to be given up."""

    code: ClassVar[str] = "engine.signed-known"
    happened: ClassVar[str] = "What this node has signed last is known."
    to_do: ClassVar[str] = "There is nothing to do; nothing was changed."


class ClockJumped(CareLedgerError):
    """The clock and the time since boot have parted."""

    code: ClassVar[str] = "engine.clock-jumped"
    happened: ClassVar[str] = "The clock jumped by more than five minutes."
    to_do: ClassVar[str] = "Set the clock right, then start the engine again."
