"""What an import found and did. Nothing here repeats what a resource says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, or worth knowing.

    Attributes:
        source: the file, as it may be printed.
        number: of the entry or line; 0: the file as a whole.
        path: FHIRPath; empty: the resource as a whole.
        code: permanent.
        message: in words.
    """

    source: str
    number: int
    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A resource with a security label that asks for a context of its own.

    Attributes:
        source: the file, as it may be printed.
        number: of the entry or line.
        type: of the resource.
    """

    source: str
    number: int
    type: str


@dataclass(slots=True)
class ImportReport:
    """What an import found and did.

    Attributes:
        found: resources for the record, good and bad.
        already: of these, stored by an earlier import.
        entries: ids that are on the ledger now: for each record old ones, then new
            ones, in the order of the sources.
        erased_before: good ones that are not stored again, for their owner had
            them erased.
        reference: hospitals' and practitioners' resources by type; kept apart.
        reference_already: of these, known from an earlier import.
        faults: what keeps a resource from being stored.
        notes: what does not: references that lead nowhere, repeated identities.
        sensitive: resources that need their context to be named.
        received: bytes of the resources stored now, as received.
        sealed: bytes of their blobs.
        transactions: with which they were appended.
    """

    found: int = 0
    already: int = 0
    entries: list[bytes] = field(default_factory=list)
    erased_before: int = 0
    reference: dict[str, int] = field(default_factory=dict)
    reference_already: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    sensitive: list[Sensitive] = field(default_factory=list)
    received: int = 0
    sealed: int = 0
    transactions: int = 0

    @property
    def stored(self) -> int:
        """How many resources were stored now."""
        return len(self.entries) - self.already


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import or an export is.

    Attributes:
        stage: `judging`, then `storing`; of an export `reading`.
        done: resources.
        total: resources; 0 while that is not known.
    """

    stage: Literal["judging", "storing", "reading"]
    done: int
    total: int


Listener = Callable[[Progress], None]
"""Told about progress, in the thread that imports or exports."""


def silent(_: Progress) -> None:
    """Tell nobody."""
