"""Where references lead, written beside the resources and never into them.

A resource is sealed as received; its `urn:uuid:…` means nothing outside its
bundle. The sealed manifest of an append therefore says, for each entry, which
text points to which entry of the record or to which resource of the reference
store. Everything is learned first, for a bundle may point forward; until then an
import keeps the references of each entry, not the entry.

    links = Links(store)
    for entry_id, piece, examined in entries:
        links.learn(entry_id, examined.content, piece.full_url)
        waiting.append((examined.type, examined.references, piece.full_url))
    for kind, references, full_url in waiting:
        resolved = links.resolve(kind, references, full_url)
"""

import re
from typing import Final, Literal

import msgspec

from careledger.fhir import findings
from careledger.fhir.findings import Finding
from careledger.fhir.identities import Identities, names_of
from careledger.fhir.nesting import Json
from careledger.fhir.paths import fhirpath
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.references import Reference, may_point_to

_VERSION: Final = re.compile(r"/_history/[^/]+$")
_ADDRESS: Final = re.compile(r"https?://")


class Target(msgspec.Struct, frozen=True):
    """What one reference points to.

    Attributes:
        where: `entry` of a record, `reference` store, `contained` in the resource
            itself, `outside` (an address elsewhere), or `nowhere`.
        id: the entry's id, as it was learned; else empty.
        number: the resource's number in the reference store; else 0.
        type: the type of what is there; empty: unknown.
    """

    where: Literal["entry", "reference", "contained", "outside", "nowhere"]
    id: bytes = b""
    number: int = 0
    type: str = ""


class Resolved(msgspec.Struct, frozen=True):
    """The references of one resource.

    Attributes:
        targets: text of the reference to what it points to.
        findings: references that lead nowhere, or to a type not allowed there.
    """

    targets: dict[str, Target]
    findings: list[Finding]


class Links:
    """What one import, and the record it goes to, can point to."""

    def __init__(self, store: ReferenceStore) -> None:
        self._store = store
        self._entries: Identities[Target] = Identities()

    def learn(
        self, entry_id: bytes, content: Json, full_url: str = ""
    ) -> list[Finding]:
        """Learn one valid entry; return a finding if its identity is taken.

        The entry itself is not lost: it can be imported, but not be pointed to.
        """
        kind = str(content["resourceType"])
        target = Target("entry", entry_id, type=kind)
        if self._entries.add(names_of(content, full_url), target):
            return []
        return [Finding(f"{kind}.id", findings.REPEATED_ID)]

    def resolve(
        self, kind: str, references: list[Reference], full_url: str = ""
    ) -> Resolved:
        """Return where the references of one resource of type `kind` lead."""
        targets: dict[str, Target] = {}
        faults = []
        for each in references:
            if each.text not in targets:
                targets[each.text] = self._find(each.text, full_url)
            if code := _fault(each, targets[each.text]):
                faults.append(Finding(fhirpath(kind, each.place), code))
        return Resolved(targets, faults)

    def _find(self, text: str, full_url: str) -> Target:
        if text.startswith("#"):
            return Target("contained")
        for name in _names(text, full_url):
            if entry := self._entries.find(name):
                return entry
            if kept := self._store.find(name):
                return Target("reference", number=kept.number, type=kept.type)
        return Target("outside" if _ADDRESS.match(text) else "nowhere")


def _names(text: str, full_url: str) -> list[str]:
    """Return the names to look for; those nearest to the bundle come first."""
    plain = _VERSION.sub("", text)
    if _ADDRESS.match(full_url) and not _ADDRESS.match(plain):
        # https://hl7.org/fhir/R4/bundle.html#references: same server as the entry.
        base = full_url.rsplit("/", 2)[0]
        return [f"{base}/{plain}", plain]
    return [plain]


def _fault(reference: Reference, target: Target) -> str:
    if target.where == "nowhere":
        return findings.UNRESOLVED
    allowed = may_point_to(reference, target.type)
    return "" if allowed else findings.WRONG_TARGET
