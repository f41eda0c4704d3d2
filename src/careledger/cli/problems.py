"""What can go wrong at the command line itself."""

from typing import ClassVar

from careledger.errors import CareLedgerError


class UnknownCode(CareLedgerError):
    """A code that no error has; `detail` names near matches."""

    code: ClassVar[str] = "cli.unknown-code"
    happened: ClassVar[str] = "No error has this code."
    to_do: ClassVar[str] = "Copy it from the brackets of the message: error[CODE]."


class NotUnderstood(CareLedgerError):
    """A command line with a word or value that means nothing."""

    code: ClassVar[str] = "cli.usage"
    happened: ClassVar[str] = "The command was not understood."
    to_do: ClassVar[str] = "See how the command is used: add --help to it."


class EmptyVariable(CareLedgerError):
    """A variable that should name the home, and is set to nothing."""

    code: ClassVar[str] = "cli.empty-variable"
    happened: ClassVar[str] = "CARELEDGER_HOME is set, and names no directory."
    to_do: ClassVar[str] = (
        "Give it the directory of the home, or unset it; nothing was done."
    )


class ShortPassphrase(CareLedgerError):
    """A new passphrase that can be guessed soon; one of an earlier home still opens."""

    code: ClassVar[str] = "cli.short-passphrase"
    happened: ClassVar[str] = "This passphrase is too short to protect the keys."
    to_do: ClassVar[str] = (
        "Choose one of at least 8 characters, better several words; nothing was made."
    )


class Fault(CareLedgerError):
    """Something that CareLedger did not expect: its own fault."""

    code: ClassVar[str] = "cli.fault"
    happened: ClassVar[str] = "CareLedger met something it did not expect."
    to_do: ClassVar[str] = (
        "Run the same command with --debug and report what it prints; the ledger keeps"
        " every acknowledged transaction."
    )


class NotFound(CareLedgerError):
    """No transaction, block or entry with this id or number."""

    code: ClassVar[str] = "cli.not-found"
    happened: ClassVar[str] = "This ledger has nothing under that id or number."
    to_do: ClassVar[str] = "Check it with: careledger ledger inspect."


class NotAStateKey(CareLedgerError):
    """Text that should be a key of the state, which may have any length, and is not."""

    code: ClassVar[str] = "cli.not-a-state-key"
    happened: ClassVar[str] = "This is not a key of the state."
    to_do: ClassVar[str] = (
        "Give it in hexadecimal, two digits for each of its 1 to 1,024 bytes;"
        " docs/spec.md lists the keys."
    )


class FileThere(CareLedgerError):
    """A file that a command would have to overwrite."""

    code: ClassVar[str] = "cli.file-exists"
    happened: ClassVar[str] = "There is a file at this path already."
    to_do: ClassVar[str] = "Choose another path; nothing was changed."


class ProofDoubtful(CareLedgerError):
    """A proof that does not prove what it should; `detail` says why."""

    code: ClassVar[str] = "cli.proof-refused"
    happened: ClassVar[str] = "The proof is not good: believe nothing in it."
    to_do: ClassVar[str] = "Ask for the proof again, and check the keys you trust."


class BrokenPromise(CareLedgerError):
    """The audit found a rule broken; `detail` says which."""

    code: ClassVar[str] = "cli.audit-failed"
    happened: ClassVar[str] = "The state of the ledger breaks its own rules."
    to_do: ClassVar[str] = (
        "Stop this node, keep its files and report this: the software is at fault."
    )


class BadNetworkName(CareLedgerError):
    """A network's name that could not stand in a signed note."""

    code: ClassVar[str] = "cli.bad-network-name"
    happened: ClassVar[str] = "This cannot be the name of a network."
    to_do: ClassVar[str] = (
        "Use at most 40 lower-case letters, digits, dots and hyphens, like"
        " health.example."
    )


class DraftNeeded(CareLedgerError):
    """A decision that this home's governors cannot take alone."""

    code: ClassVar[str] = "cli.draft-needed"
    happened: ClassVar[str] = "This decision needs governors of other homes."
    to_do: ClassVar[str] = (
        "Add --draft FILE, let them run: careledger governance sign FILE, then:"
        " careledger governance submit FILE."
    )


class NoNodeHere(CareLedgerError):
    """A home that runs no node, where one is needed; `detail` names it."""

    code: ClassVar[str] = "cli.no-node-here"
    happened: ClassVar[str] = "This home runs no node. Nothing was changed."
    to_do: ClassVar[str] = (
        "Name the home of the node, that of its hospital; if its settings were lost,"
        " first put back careledger.toml and seed.locked from a backup."
    )


class NotSimulated(CareLedgerError):
    """A clock that should run ahead, in a network of real time."""

    code: ClassVar[str] = "cli.not-simulated"
    happened: ClassVar[str] = "This network lives in real time: its clock stays right."
    to_do: ClassVar[str] = "Try it in a network made with: network init --simulated."


class NotValid(CareLedgerError):
    """Files with resources that are not FHIR R4."""

    code: ClassVar[str] = "fhir.not-valid"
    happened: ClassVar[str] = "Not everything in these files is valid FHIR R4."
    to_do: ClassVar[str] = "Correct what is listed, then try again; nothing was stored."


class WhichRecord(CareLedgerError):
    """A home with several records, or none, and nobody said which."""

    code: ClassVar[str] = "cli.which-record"
    happened: ClassVar[str] = "It is not clear which record is meant."
    to_do: ClassVar[str] = (
        "Name one with --record; the records of this home are listed by: careledger"
        " patient records, or practitioner records."
    )


class WhichOne(CareLedgerError):
    """An empty beginning of an id, or one that more than one id has."""

    code: ClassVar[str] = "cli.which-one"
    happened: ClassVar[str] = (
        "No id was given, or more than one begins like this: nothing was done."
    )
    to_do: ClassVar[str] = "List them, then give more of the id, or all of it."
