"""What can go wrong between a command and the node that serves it."""

from typing import ClassVar

from careledger.errors import CareLedgerError


class NodeNotServing(CareLedgerError):
    """Nobody listens on a node's socket; `detail` names it."""

    code: ClassVar[str] = "cli.node-not-serving"
    happened: ClassVar[str] = "No node serves at this place."
    to_do: ClassVar[str] = (
        "Start it in the home of the hospital: careledger node serve. Its directory's"
        " path may have at most about 90 characters."
    )


class NodeNotUnderstood(CareLedgerError):
    """A call or a reply that is cut, too long, or of another version."""

    code: ClassVar[str] = "cli.node-not-understood"
    happened: ClassVar[str] = "The node and this command did not understand each other."
    to_do: ClassVar[str] = (
        "Use the same version of CareLedger for both, then try again."
    )
