"""What can go wrong with a home and the files that travel between homes.

    CareLedgerError
    ├── NoHome, HomeExists, HalfMade      the directory itself
    ├── UnknownKey, BadSetting, NothingSet  its careledger.toml
    ├── CannotRead, CannotWrite, TooOpen  the disk
    ├── HalfWritten                       a file that ends too early or was changed
    ├── KeysDiffer, NoSuchOffice          its keys
    ├── NoGenesis, OtherNetwork           which network it belongs to
    └── NotAKey, NotADraftOfYours, SignaturesMissing, NotAnApplicant, NoPassphrase,
        NothingSaid, KeystoreMissing, KeystoreDamaged, PoolMissing,
        PoolDamaged

`detail` carries a path, a line or a setting of this machine's own user.
"""

from typing import ClassVar, get_args

from careledger.errors import CareLedgerError
from careledger.ledger.actions.governance import Kind


class NoHome(CareLedgerError):
    """No home where one was expected."""

    code: ClassVar[str] = "home.not-found"
    happened: ClassVar[str] = "There is no CareLedger home in this directory."
    to_do: ClassVar[str] = (
        "Name another with --home, or make one: careledger network init."
    )


class HomeExists(CareLedgerError):
    """A home where none was expected."""

    code: ClassVar[str] = "home.exists"
    happened: ClassVar[str] = "This directory is a CareLedger home already."
    to_do: ClassVar[str] = "Name another directory with --home; nothing was changed."


class NotEmpty(CareLedgerError):
    """A directory with other files, where a home was to be made."""

    code: ClassVar[str] = "home.not-empty"
    happened: ClassVar[str] = "This directory has other files in it."
    to_do: ClassVar[str] = (
        "A home is a directory of its own, closed to everybody else: name a new or an"
        " empty one with --home. Nothing was changed."
    )


class SeedMissing(CareLedgerError):
    """A home whose seed is not there; `detail` names its place."""

    code: ClassVar[str] = "home.seed-missing"
    happened: ClassVar[str] = "The seed of this home's keys is not there."
    to_do: ClassVar[str] = (
        "Put seed.locked back from a backup. Without it this home's keys are gone: a"
        " patient comes back with the 24 words (careledger patient recover in a new"
        " home), everybody else is registered anew."
    )


class HalfMade(CareLedgerError):
    """A seed without settings: lost, or a home whose making was interrupted."""

    code: ClassVar[str] = "home.half-made"
    happened: ClassVar[str] = "This directory has a seed but no careledger.toml."
    to_do: ClassVar[str] = (
        "Restore careledger.toml from a backup; if the making of a home was"
        " interrupted here, move the directory away and start again."
    )


class UnknownKey(CareLedgerError):
    """A setting that nobody reads, so a slip of the pen; `detail` names the line."""

    code: ClassVar[str] = "home.unknown-setting"
    happened: ClassVar[str] = "careledger.toml has a setting that does not exist."
    to_do: ClassVar[str] = "Correct its name or remove it; see docs/operations.md."


class BadSetting(CareLedgerError):
    """A setting, or the whole file, that cannot be read as what it should be."""

    code: ClassVar[str] = "home.bad-setting"
    happened: ClassVar[str] = "careledger.toml has a setting that cannot be read."
    to_do: ClassVar[str] = "Correct the named line; see docs/operations.md."


class NothingSet(CareLedgerError):
    """Settings without what makes a home one: it was emptied, or never finished."""

    code: ClassVar[str] = "home.nothing-set"
    happened: ClassVar[str] = "careledger.toml names neither keys nor a node."
    to_do: ClassVar[str] = (
        "Restore it from a backup: an organisation's home has a table [keys],"
        ' a person\'s home a line node = "DIRECTORY".'
    )


class CannotRead(CareLedgerError):
    """A file that is not there, or not for this user."""

    code: ClassVar[str] = "home.cannot-read"
    happened: ClassVar[str] = "The file cannot be read."
    to_do: ClassVar[str] = "Check the path and its permissions."


class TooOpen(CareLedgerError):
    """Key material, or the home around it, that is open to others on this machine."""

    code: ClassVar[str] = "home.too-open"
    happened: ClassVar[str] = (
        "Others on this machine may read or change what holds keys; nothing was opened."
    )
    to_do: ClassVar[str] = (
        "Close it: chmod 600 for a file, chmod 700 for the home's directory. Then ask"
        " who may have copied it: a copy can be tried with passphrases for ever."
    )


class CannotWrite(CareLedgerError):
    """A file or directory that this user cannot write, or a full disk."""

    code: ClassVar[str] = "home.cannot-write"
    happened: ClassVar[str] = "The file cannot be written."
    to_do: ClassVar[str] = "Check the path, its permissions and the free space."


class HalfWritten(CareLedgerError):
    """A file that ends too early, was changed, or is of another kind."""

    code: ClassVar[str] = "home.half-written"
    happened: ClassVar[str] = "The file is incomplete, changed, or of another kind."
    to_do: ClassVar[str] = "Get it again from where it came, or from a backup."


class KeysDiffer(CareLedgerError):
    """Public keys in careledger.toml that are not those of the home's seed."""

    code: ClassVar[str] = "home.keys-differ"
    happened: ClassVar[str] = "A public key in careledger.toml is not this home's."
    to_do: ClassVar[str] = "Restore careledger.toml from a backup: it was changed."


class NoSuchOffice(CareLedgerError):
    """Something that this home has no key for; `detail` names the office."""

    code: ClassVar[str] = "home.no-such-key"
    happened: ClassVar[str] = "This home has no key for that office."
    to_do: ClassVar[str] = (
        "Do this from the home that has it; see careledger node status."
    )


class NoGenesis(CareLedgerError):
    """A home that does not know yet which network it belongs to."""

    code: ClassVar[str] = "home.no-genesis"
    happened: ClassVar[str] = "This home does not know its network yet."
    to_do: ClassVar[str] = (
        "Copy the network's genesis file into it, under the name genesis: every home of"
        " the network has one. A home that is being made takes it with --genesis."
    )


class OtherNetwork(CareLedgerError):
    """Something of another network than this home's genesis; or that is damaged."""

    code: ClassVar[str] = "home.other-network"
    happened: ClassVar[str] = (
        "This and the genesis file of this home are not of one network."
    )
    to_do: ClassVar[str] = (
        "Use the home of that network, or get the right file. If they were of one"
        " network before, a genesis file was damaged: copy it from anybody in the"
        " network."
    )


class NotAKey(CareLedgerError):
    """Text that should be a key or an identifier and is not."""

    code: ClassVar[str] = "client.not-a-key"
    happened: ClassVar[str] = (
        "This is not a key or identifier of 64 hexadecimal digits."
    )
    to_do: ClassVar[str] = "Copy it again, whole."


class NotAnApplicant(CareLedgerError):
    """An application that could not be admitted as it stands."""

    code: ClassVar[str] = "client.bad-application"
    happened: ClassVar[str] = "The organisation's details are not in order."
    to_do: ClassVar[str] = (
        "Give a name, an entity of at most 35 characters, and kinds from these: "
        + ", ".join(get_args(Kind))
        + "."
    )


class NotADraftOfYours(CareLedgerError):
    """A draft that names none of this home's governors."""

    code: ClassVar[str] = "client.not-your-draft"
    happened: ClassVar[str] = "None of this home's keys is to sign this draft."
    to_do: ClassVar[str] = "Send it to the governors it names, or ask for a new draft."


class SignaturesMissing(CareLedgerError):
    """A draft that not everybody has signed yet; `detail` says how many are missing."""

    code: ClassVar[str] = "client.signatures-missing"
    happened: ClassVar[str] = "Not everybody who is to sign this draft has signed."
    to_do: ClassVar[str] = "Let the others sign it: careledger governance sign FILE."


class NoPassphrase(CareLedgerError):
    """Nobody to ask for the passphrase, an empty one, or two that differ."""

    code: ClassVar[str] = "client.no-passphrase"
    happened: ClassVar[str] = "No passphrase was given, or the two were not the same."
    to_do: ClassVar[str] = (
        "Type it at the prompt, or pass it through --passphrase-fd NUMBER."
    )


class NothingSaid(CareLedgerError):
    """Nobody to ask for recovery words or shares, or nothing said."""

    code: ClassVar[str] = "client.nothing-said"
    happened: ClassVar[str] = "No recovery words or shares were given."
    to_do: ClassVar[str] = (
        "Type them at the prompt, or pass them through --words-fd or --shares-fd"
        " NUMBER, each share on a line of its own."
    )


class KeystoreMissing(CareLedgerError):
    """A person's home without its keystore, which every one has from its making."""

    code: ClassVar[str] = "home.keystore-missing"
    happened: ClassVar[str] = (
        "The keystore of this home is missing: it knows no record until that is back."
    )
    to_do: ClassVar[str] = (
        "Put the file back from a backup, if there is one: it has the labels. Then, in"
        " any case: careledger patient rebuild (or practitioner rebuild, insurer"
        " rebuild). It finds by this home's own seed what the file lacks."
    )


class KeystoreDamaged(HalfWritten):
    """A person's keystore that is cut or changed."""

    code: ClassVar[str] = "home.keystore-damaged"
    happened: ClassVar[str] = "The keystore of this home is incomplete or was changed."
    to_do: ClassVar[str] = KeystoreMissing.to_do


class PoolMissing(CareLedgerError):
    """A hospital's home without the file of the fresh keys that it has handed out."""

    code: ClassVar[str] = "home.pool-missing"
    happened: ClassVar[str] = (
        "The file that says which keys this hospital has handed out is missing, and the"
        " ledger knows such keys: without it no blob of their records is served."
    )
    to_do: ClassVar[str] = (
        "Restore the file from a backup of this home, the newest that there is; nothing"
        " was changed meanwhile."
    )


class PoolDamaged(HalfWritten):
    """The file of a hospital's fresh keys, cut or changed."""

    code: ClassVar[str] = "home.pool-damaged"
    happened: ClassVar[str] = (
        "The file that says which keys this hospital has handed out is incomplete or"
        " was changed."
    )
    to_do: ClassVar[str] = PoolMissing.to_do
