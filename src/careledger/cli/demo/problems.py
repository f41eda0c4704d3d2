"""What can go wrong with the demonstration."""

from typing import ClassVar

from careledger.errors import CareLedgerError


class DemoFailed(CareLedgerError):
    """The demonstration did not keep its promise; `detail` says which."""

    code: ClassVar[str] = "cli.demo-failed"
    happened: ClassVar[str] = "The demonstration did not go as it should."
    to_do: ClassVar[str] = "Report this with your machine and its file system."


class NoBundles(CareLedgerError):
    """A directory without a patient's bundle; `detail` names it."""

    code: ClassVar[str] = "cli.no-bundles"
    happened: ClassVar[str] = "No patient's bundle is in this directory."
    to_do: ClassVar[str] = (
        "Name a directory with FHIR R4 Bundles in it, one .json file per patient."
    )


class BundleNotValid(CareLedgerError):
    """A bundle for the demonstration that is not FHIR R4; `detail` names it."""

    code: ClassVar[str] = "cli.bundle-not-valid"
    happened: ClassVar[str] = "Not everything in this bundle is valid FHIR R4."
    to_do: ClassVar[str] = (
        "Correct what standard error lists, or take the file out of the directory."
    )
