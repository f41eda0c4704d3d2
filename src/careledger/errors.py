"""One tree of errors; each leaf has a permanent code.

    CareLedgerError
    ├── Void       (ledger)   an envelope that leaves no trace in the ledger
    ├── Refusal    (ledger)   a verdict: recorded, final, its code is hashed
    └── …          every other room adds leaves of its own

Codes are permanent and public; texts may improve. Neither may carry personal
data: nothing that a caller sent is ever interpolated, but for what the caller
itself typed on this machine (`detail`).
"""

from collections.abc import Iterator
from typing import ClassVar, TypeVar

E = TypeVar("E", bound="CareLedgerError")


class CareLedgerError(Exception):
    """The root of everything that CareLedger raises on purpose.

    Attributes:
        code: permanent, `room.what-is-wrong`.
        happened: one sentence, in the user's words.
        to_do: what the user can do about it.
        detail: where it happened (a path, a line), never personal data.
        advice: what to do in this very case; mostly `to_do`.
    """

    code: ClassVar[str] = ""
    happened: ClassVar[str] = ""
    to_do: ClassVar[str] = ""

    def __init__(self, detail: str = "", advice: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.advice = advice or self.to_do

    def __str__(self) -> str:
        """Return `error[code]: what happened / what to do: …`."""
        where = f" ({self.detail})" if self.detail else ""
        return f"error[{self.code}]: {self.happened}{where} / what to do: {self.advice}"


def every_error() -> Iterator[type[CareLedgerError]]:
    """Yield each error that has a code, whichever room defined it."""
    waiting = [CareLedgerError]
    while waiting:
        error = waiting.pop()
        waiting.extend(error.__subclasses__())
        if error.code:
            yield error


def error_of(code: str, family: type[E]) -> type[E] | None:
    """Return the error of a family that a code stands for; None if it has none."""
    for error in every_error():
        if error.code == code and issubclass(error, family):
            return error
    return None
