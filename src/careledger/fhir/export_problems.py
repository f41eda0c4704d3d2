"""What can go wrong with an exported folder: told apart, for each has its own way out.

`detail` has places inside the folder and ids of the owner's own records.
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class ExportDamaged(CareLedgerError):
    """A folder that is not what was exported; `detail` names the file."""

    code: ClassVar[str] = "fhir.export-damaged"
    happened: ClassVar[str] = "The exported folder was changed, or is not complete."
    to_do: ClassVar[str] = "Use another copy, or export again."


class NoExport(CareLedgerError):
    """A place where no export is: nothing, a file, or another folder."""

    code: ClassVar[str] = "fhir.no-export"
    happened: ClassVar[str] = "There is no exported folder in this place."
    to_do: ClassVar[str] = (
        "Check the path: name the folder that careledger patient export has made."
    )


class OtherKeys(CareLedgerError):
    """Proofs that hold by the folder's own keys, and not by the trusted ones."""

    code: ClassVar[str] = "fhir.other-keys"
    happened: ClassVar[str] = (
        "This export is signed with other keys than the ones it was checked with."
    )
    to_do: ClassVar[str] = (
        "Name the keys of the network that it is from, with --keys. If these are the"
        " keys, do not believe the export."
    )


class NotOfTheExport(CareLedgerError):
    """Something in the folder that no export wrote there; `detail` names it."""

    code: ClassVar[str] = "fhir.not-of-the-export"
    happened: ClassVar[str] = (
        "In the exported folder is something that does not belong there; nothing"
        " proves what it says."
    )
    to_do: ClassVar[str] = "Move it out of the folder, do not believe it, check again."


class RecordsMissing(CareLedgerError):
    """Records that the owner's home knows and the folder lacks; `detail` has ids."""

    code: ClassVar[str] = "fhir.records-missing"
    happened: ClassVar[str] = "Records of this home are not in this export."
    to_do: ClassVar[str] = (
        "If they are newer than the export, export again; if not, use another copy."
    )


class EntriesMissing(CareLedgerError):
    """Entries that an export lists as missing, for no vault had them; `detail`: ids."""

    code: ClassVar[str] = "fhir.entries-missing"
    happened: ClassVar[str] = (
        "Entries are missing in this export: it says that no vault had them when it was"
        " made. Everything else is there."
    )
    to_do: ClassVar[str] = (
        "Ask the hospital to put its vault back from a backup, or to fetch them from"
        " another custodian, and export again; or the author to add them again."
    )


class NothingToExport(CareLedgerError):
    """An export by somebody who has no record."""

    code: ClassVar[str] = "fhir.nothing-to-export"
    happened: ClassVar[str] = "This home has no record: nothing was exported."
    to_do: ClassVar[str] = (
        "Join first: careledger patient register; or name another home with --home."
    )
