"""Hospitals and practitioners: public reference data, kept once for all records.

They are no patient's entries, so they are counted apart and never sealed into a
record. Patients' bundles point to them by search
(`Practitioner?identifier=system|value`). A store lives in memory;
`reference_files` keeps it between imports.
"""

from collections import Counter
from typing import ClassVar, Final

import msgspec

from careledger.errors import CareLedgerError
from careledger.fhir.identities import Identities, names_of
from careledger.fhir.nesting import Json
from careledger.primitives.hashing import sha256

REFERENCE_TYPES: Final = (
    "Location",
    "Organization",
    "Practitioner",
    "PractitionerRole",
)
"""The types that may be kept here."""


class NotReferenceData(CareLedgerError):
    """A resource that is about a patient, offered as reference data."""

    code: ClassVar[str] = "fhir.not-reference-data"
    happened: ClassVar[str] = "The resource is neither of a hospital nor of its staff."
    to_do: ClassVar[str] = "Import it into a record instead."


class Kept(msgspec.Struct, frozen=True):
    """One resource of the store.

    Attributes:
        number: 0, 1, … in the order of arrival.
        type: its resource type.
        raw: its exact bytes.
        full_url: of its entry, or empty.
    """

    number: int
    type: str
    raw: bytes
    full_url: str = ""


class ReferenceStore:
    """The hospitals, places, practitioners and roles that are known."""

    def __init__(self) -> None:
        self._kept: list[Kept] = []
        self._known: Identities[Kept] = Identities()
        self._digests: set[bytes] = set()

    def add(self, content: Json, raw: bytes, full_url: str = "") -> bool:
        """Keep one resource; tell whether it is new.

        Args:
            content: the parsed resource, valid.
            raw: its exact bytes.
            full_url: the entry's fullUrl, or nothing.

        Raises:
            NotReferenceData: it is not of `REFERENCE_TYPES`.
        """
        kind = str(content.get("resourceType"))
        if kind not in REFERENCE_TYPES:
            raise NotReferenceData
        kept = Kept(len(self._kept), kind, raw, full_url)
        if not self._known.add(names_of(content, full_url), kept):
            return False
        self._kept.append(kept)
        self._digests.add(sha256(raw))
        return True

    def has(self, raw: bytes) -> bool:
        """Tell whether a resource with exactly these bytes is kept."""
        return sha256(raw) in self._digests

    def find(self, text: str) -> Kept | None:
        """Return the one resource that a reference points to, or nothing."""
        return self._known.find(text)

    def __len__(self) -> int:
        return len(self._kept)

    def counts(self) -> dict[str, int]:
        """Return {resource type: how many}."""
        return dict(sorted(Counter(each.type for each in self._kept).items()))

    def resources(self) -> list[Kept]:
        """Return everything that is kept, in the order of arrival."""
        return list(self._kept)
