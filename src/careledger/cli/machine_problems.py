"""What can go wrong between a command and the machine that it runs on."""

from typing import ClassVar

from careledger.errors import CareLedgerError


class AnswerNotWritten(CareLedgerError):
    """Standard output is closed, or what it leads to is full."""

    code: ClassVar[str] = "cli.answer-not-written"
    happened: ClassVar[str] = "The answer could not be written to standard output."
    to_do: ClassVar[str] = (
        "Make room there, or send it elsewhere. What the command was to do is done:"
        " look before you run it again."
    )


class DiskFull(CareLedgerError):
    """No room is left for what has to be kept; `detail` names the place."""

    code: ClassVar[str] = "cli.disk-full"
    happened: ClassVar[str] = "The disk is full: nothing more can be kept there."
    to_do: ClassVar[str] = (
        "Make room on it, start the node again if it has ended, then run the same"
        " command again; the ledger keeps every acknowledged transaction."
    )


class NodeStopped(CareLedgerError):
    """A node that ended, or fell silent, in the middle of a call."""

    code: ClassVar[str] = "cli.node-stopped"
    happened: ClassVar[str] = "The node stopped answering in the middle of a call."
    to_do: ClassVar[str] = (
        "Start it again in the home of the hospital: careledger node serve; then run"
        " the same command again."
    )


class TooMuchSaid(CareLedgerError):
    """Far more than a passphrase, or than words and shares, in a descriptor."""

    code: ClassVar[str] = "cli.too-much-said"
    happened: ClassVar[str] = (
        "What came through the descriptor is too long to be what was asked for."
    )
    to_do: ClassVar[str] = (
        "Check which file is behind its number: its first line is the passphrase;"
        " nothing was done."
    )
