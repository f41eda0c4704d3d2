"""What can stop an import.

CareLedgerError
├── NothingStored   faults were found, and nobody asked to keep going
└── SourceChanged   a file is not what was judged a moment ago
"""

from typing import ClassVar, Final

from careledger.errors import CareLedgerError
from careledger.fhir.import_report import ImportReport

_APART: Final = "Sensitive resources need a record of their own: --into RECORD."


class NothingStored(CareLedgerError):
    """An import that stored nothing, because not all of it is good.

    Attributes:
        report: every fault, and every resource that needs a context of its own.
    """

    code: ClassVar[str] = "fhir.nothing-stored"
    happened: ClassVar[str] = "Not everything can be imported; nothing was stored."
    to_do: ClassVar[str] = "Correct what is listed, or import the rest: --keep-going."

    def __init__(self, report: ImportReport) -> None:
        advice = [self.to_do] if report.faults else []
        advice += [_APART] if report.sensitive else []
        super().__init__("", " ".join(advice))
        self.report = report


class SourceChanged(CareLedgerError):
    """A file that changed between judging and sealing."""

    code: ClassVar[str] = "fhir.source-changed"
    happened: ClassVar[str] = "The file changed while it was being imported."
    to_do: ClassVar[str] = "Import it again; what is stored already is not repeated."
