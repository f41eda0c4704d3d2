"""What can go wrong with this home's own records: told apart, as nobody else could.

The node says one thing for absent, ended and forbidden. Which records are the
home's own, what they are called and who sits in them, this home knows by itself.
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class LabelGiven(CareLedgerError):
    """A record named by its label; `detail` has the beginning of its id."""

    code: ClassVar[str] = "cli.label-given"
    happened: ClassVar[str] = "This is the label of a record, and its id is needed."
    to_do: ClassVar[str] = "Give the beginning of its id; records lists both."


class PartEnded(CareLedgerError):
    """A record of this keystore in which its handle takes no part now."""

    code: ClassVar[str] = "cli.part-ended"
    happened: ClassVar[str] = (
        "Your part in this record has ended, or has not begun: nothing was done."
    )
    to_do: ClassVar[str] = (
        "Ask the owner to invite you again; if you asked for a record back, see"
        " careledger patient finish-recovery."
    )


class TakesPart(CareLedgerError):
    """A record in which this home sits already; `detail` says where."""

    code: ClassVar[str] = "cli.takes-part"
    happened: ClassVar[str] = (
        "You take part in this record already, and a second part would hide the first:"
        " nothing was accepted."
    )
    to_do: ClassVar[str] = (
        "Ask for one invitation to everything that you need; or leave first and then"
        " accept, which ends what you passed on."
    )


class NoSuchEntry(CareLedgerError):
    """A beginning that no entry open to this home has."""

    code: ClassVar[str] = "cli.no-such-entry"
    happened: ClassVar[str] = "No entry of this record that is open to you begins so."
    to_do: ClassVar[str] = "Take the id, or its beginning, from: entries RECORD."


class NoSuchSeat(CareLedgerError):
    """A seat that nobody ever had in this record."""

    code: ClassVar[str] = "cli.no-such-seat"
    happened: ClassVar[str] = "Nobody has, or had, this seat; nothing was revoked."
    to_do: ClassVar[str] = (
        "Take the number at the beginning of a line of: careledger patient"
        " who-has-access RECORD."
    )


class SeatEnded(CareLedgerError):
    """A seat whose part has ended before."""

    code: ClassVar[str] = "cli.seat-ended"
    happened: ClassVar[str] = "This person's part has ended already."
    to_do: ClassVar[str] = "There is nothing left to revoke; nothing was changed."


class OwnSeat(CareLedgerError):
    """The own seat, from which nobody revokes himself."""

    code: ClassVar[str] = "cli.own-seat"
    happened: ClassVar[str] = "This seat is your own; nothing was revoked."
    to_do: ClassVar[str] = (
        "Take the seat of somebody else from: careledger patient who-has-access RECORD."
    )


class NoInvitation(CareLedgerError):
    """An invitation that is not among the open ones that this home sees."""

    code: ClassVar[str] = "cli.no-invitation"
    happened: ClassVar[str] = (
        "No open invitation begins like this: it was taken up or withdrawn, has lapsed,"
        " or never was."
    )
    to_do: ClassVar[str] = (
        "List the open ones: careledger patient waiting RECORD, or your inbox."
    )
