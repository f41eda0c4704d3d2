"""What the desk says when it does not answer.

`NothingHere` is one text for absent, foreign, ended and forbidden: who is not
entitled learns nothing from the difference.
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class NothingHere(CareLedgerError):
    """Nothing that this key may see."""

    code: ClassVar[str] = "node.nothing-here"
    happened: ClassVar[str] = "There is nothing here for this key."
    to_do: ClassVar[str] = (
        "Ask with a handle that takes part now; an ended one sees its receipts only."
    )


class NotAsked(CareLedgerError):
    """A question that is not signed by its key, not fresh, or not well formed."""

    code: ClassVar[str] = "node.not-a-question"
    happened: ClassVar[str] = "The question is not signed by its key, or not fresh."
    to_do: ClassVar[str] = "Check this machine's clock, sign a new question and ask."


class TooBusyToProve(CareLedgerError):
    """The ledger grew during each attempt to prove several facts at one moment."""

    code: ClassVar[str] = "node.no-common-moment"
    happened: ClassVar[str] = "The ledger changed while the facts were being proven."
    to_do: ClassVar[str] = "Ask again in a moment."
