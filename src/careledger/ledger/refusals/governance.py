"""What governance refuses."""

from typing import ClassVar

from careledger.ledger.refusals.base import Refusal


class NoQuorum(Refusal):
    """Too few governors signed, one twice, or somebody who is none."""

    code: ClassVar[str] = "governance.no-quorum"
    happened: ClassVar[str] = "Not enough governors signed."
    to_do: ClassVar[str] = "Collect the signatures of as many governors as are needed."


class TooSmall(Refusal):
    """A parameter below its smallest value."""

    code: ClassVar[str] = "governance.too-small"
    happened: ClassVar[str] = "With a parameter this small, work would stand still."
    to_do: ClassVar[str] = "Set a quota to 64 at least: the actions of one envelope."


class BadApplication(Refusal):
    """The application is not signed by the organisation's own key."""

    code: ClassVar[str] = "governance.bad-application"
    happened: ClassVar[str] = "The application is not signed by its organisation."
    to_do: ClassVar[str] = "Ask the organisation for its application file again."


class AlreadyAdmitted(Refusal):
    """The organisation, its key or its node is already there."""

    code: ClassVar[str] = "governance.already-admitted"
    happened: ClassVar[str] = "This organisation, key or node is already admitted."
    to_do: ClassVar[str] = "Use a new key, or change the existing entry."


class NotAdmitted(Refusal):
    """No such organisation or node."""

    code: ClassVar[str] = "governance.not-admitted"
    happened: ClassVar[str] = "There is no such organisation or node."
    to_do: ClassVar[str] = "Check the identifier in the directory."


class BehindTheWall(Refusal):
    """Insurer and research company in one entity or group (EHDS art. 54)."""

    code: ClassVar[str] = "governance.insurer-and-research"
    happened: ClassVar[str] = "One entity or group cannot be both insurer and research."
    to_do: ClassVar[str] = "Admit it for one of the two only."


class BadGovernors(Refusal):
    """A set of governors or a threshold that could never decide anything."""

    code: ClassVar[str] = "governance.bad-governors"
    happened: ClassVar[str] = "These governors could not decide anything."
    to_do: ClassVar[str] = "Name distinct keys in ascending order and a threshold ≤ 7."


class WrongStatus(Refusal):
    """The organisation is already in this state, or has been expelled."""

    code: ClassVar[str] = "governance.wrong-status"
    happened: ClassVar[str] = "The organisation's status does not allow this."
    to_do: ClassVar[str] = "Look at its status in the directory."


class LastNode(Refusal):
    """Without a node nobody vouches for the log."""

    code: ClassVar[str] = "governance.last-node"
    happened: ClassVar[str] = "The network cannot do without its last node."
    to_do: ClassVar[str] = "Admit another node first."
