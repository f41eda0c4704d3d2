"""What can go wrong with people: who has joined, is enrolled, or reviews."""

from typing import ClassVar

from careledger.errors import CareLedgerError


class JoinedAlready(CareLedgerError):
    """A second registration from one home."""

    code: ClassVar[str] = "cli.joined-already"
    happened: ClassVar[str] = "This home has joined the network already."
    to_do: ClassVar[str] = "See what it has with: careledger patient records."


class NotJoined(CareLedgerError):
    """A recovery kit of a home that has no record yet: it would recover nothing."""

    code: ClassVar[str] = "cli.not-joined"
    happened: ClassVar[str] = (
        "This home has no record yet: there is nothing to recover."
    )
    to_do: ClassVar[str] = (
        "Register first: careledger patient register; then print the kit."
    )


class OtherNumber(CareLedgerError):
    """A personal number for somebody who was enrolled with another one."""

    code: ClassVar[str] = "cli.other-number"
    happened: ClassVar[str] = (
        "This person is enrolled for emergencies with another personal number;"
        " nothing was changed."
    )
    to_do: ClassVar[str] = (
        "Check whose request this is and type the number again; if the earlier number"
        " was wrong, add --replace."
    )


class NotEnrolled(CareLedgerError):
    """A member id of nobody whom this registrar vouches for."""

    code: ClassVar[str] = "cli.not-enrolled"
    happened: ClassVar[str] = "This registrar vouches for nobody with that member id."
    to_do: ClassVar[str] = (
        "Give the id that registrar endorse showed, or the beginning of it; nothing was"
        " changed."
    )


class NobodyReviews(CareLedgerError):
    """An emergency on a network without an auditor."""

    code: ClassVar[str] = "cli.nobody-reviews"
    happened: ClassVar[str] = "This network has no auditor to review an emergency."
    to_do: ClassVar[str] = (
        "Let the governors admit an organisation of the kind auditor first."
    )


class NotAPatient(CareLedgerError):
    """A personal entry that is a resource of another type."""

    code: ClassVar[str] = "cli.not-a-patient"
    happened: ClassVar[str] = "The personal entry is not a FHIR Patient."
    to_do: ClassVar[str] = "Name a file with a Patient; nothing was sent."
