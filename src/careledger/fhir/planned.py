"""A good resource between judging and sealing."""

from dataclasses import dataclass, field

from careledger.fhir.references import Reference
from careledger.sealing.manifest import ManifestLine


@dataclass(slots=True)
class Planned:
    """A good resource that will be an entry.

    Attributes:
        source: position of its source.
        number: of the entry or line there.
        entry_id: under which it will be stored.
        digest: SHA-256 of its exact bytes.
        size: of these.
        type: of the resource.
        title: for a list on a screen.
        full_url: of its entry, or empty.
        references: as found in it; empty once they are resolved.
        sensitive: it needs its context to be named.
        raw: the exact bytes while there is room for them, else empty.
        lines: of the manifest, once the references are resolved.
    """

    source: int
    number: int
    entry_id: bytes
    digest: bytes
    size: int
    type: str
    title: str
    full_url: str
    references: list[Reference]
    sensitive: bool
    raw: bytes
    lines: list[ManifestLine] = field(default_factory=list)
