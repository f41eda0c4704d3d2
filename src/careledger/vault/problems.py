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
        "State a new Read on the ledger with the handle that asks, then ask again."
    )


class NotKept(CareLedgerError):
    """Blobs that this vault does not take."""

    code: ClassVar[str] = "vault.not-kept"
    happened: ClassVar[str] = "The vault does not keep this for that custodian handle."
    to_do: ClassVar[str] = "Use a custodian handle of this hospital and sealed entries."


class VaultDamaged(CareLedgerError):
    """A stored blob that is not what its hash says; `detail` names the hash."""

    code: ClassVar[str] = "vault.damaged"
    happened: ClassVar[str] = "A stored blob has changed on disk."
    to_do: ClassVar[str] = "Restore it from another custodian of the record."
