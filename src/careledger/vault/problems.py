"""What can go wrong at a vault.

`NotServed` has one text for every reason: who may not have a blob learns nothing
about whether it exists.
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class NotServed(CareLedgerError):
    """A blob that this caller does not get, for whatever reason."""

    code: ClassVar[str] = "vault.not-served"
    happened: ClassVar[str] = "The vault has nothing for this request."
    to_do: ClassVar[str] = (
        "Read again: it is served for 15 minutes to the handle that stated the read. If"
        " that does not help, ask the hospital that keeps the record."
    )


class NotKept(CareLedgerError):
    """Blobs that this vault does not take."""

    code: ClassVar[str] = "vault.not-kept"
    happened: ClassVar[str] = "The vault does not keep this for that custodian handle."
    to_do: ClassVar[str] = "Use a custodian handle of this hospital and sealed entries."


class OverQuota(CareLedgerError):
    """More than the vault keeps for one custodian handle."""

    code: ClassVar[str] = "vault.over-quota"
    happened: ClassVar[str] = "This record has used up its room in the vault."
    to_do: ClassVar[str] = (
        "Ask the hospital for more room, or erase entries that are not needed."
    )


class VaultDamaged(CareLedgerError):
    """A stored blob that is not what its hash says; `detail` names the hash."""

    code: ClassVar[str] = "vault.damaged"
    happened: ClassVar[str] = "A stored blob has changed on disk."
    to_do: ClassVar[str] = "Restore it from another custodian of the record."


class VaultFull(CareLedgerError):
    """No room on the disk; what was acknowledged before is all there."""

    code: ClassVar[str] = "vault.disk-full"
    happened: ClassVar[str] = "The vault's disk is full: nothing new was stored."
    to_do: ClassVar[str] = "Make room on the disk, then store it again."


class VaultUnwell(CareLedgerError):
    """The disk, the vault's file or the object store does not do what it should."""

    code: ClassVar[str] = "vault.storage-failed"
    happened: ClassVar[str] = "The vault's storage failed: nothing new was stored."
    to_do: ClassVar[str] = "Check the disk or object store, then try it again."


class OtherVersion(CareLedgerError):
    """A vault's file that another version of CareLedger made."""

    code: ClassVar[str] = "vault.other-version"
    happened: ClassVar[str] = "This vault was made by another version of CareLedger."
    to_do: ClassVar[str] = "Open it with the version that made it."


class NoObjectStore(CareLedgerError):
    """An object store is configured, but its library is not there."""

    code: ClassVar[str] = "vault.no-object-store"
    happened: ClassVar[str] = "The library for object stores is not installed."
    to_do: ClassVar[str] = "Install `careledger[s3]`, or keep blobs in files."
