"""Export: everything in plain, with the proof that nothing is missing."""

from dataclasses import dataclass

from careledger.client.part import Part
from careledger.client.reading import Opened, list_entries, read
from careledger.client.watching import Event, history
from careledger.node.answers import Evidence
from careledger.node.questions import Prove
from careledger.primitives.encoding import encode

_BATCH = 256


@dataclass(frozen=True, slots=True)
class Export:
    """A record as its owner takes it away.

    Attributes:
        entries: oldest first, exact bytes.
        events: the complete history.
        evidence: encoded proof of the record's counter and running hash, under a
            signed checkpoint.
    """

    entries: tuple[Opened, ...]
    events: tuple[Event, ...]
    evidence: bytes


def export(part: Part) -> Export:
    """Read every entry and return it with the history and its proof.

    Raises:
        NotServed, Tampered, NotHeld: an entry cannot be read: as for `read`.
        NotComplete: the node leaves events out.
    """
    ids = [one.entry.entry for one in list_entries(part)]
    opened: list[Opened] = []
    for start in range(0, len(ids), _BATCH):
        opened += read(part, ids[start : start + _BATCH], "export")
    events = history(part)
    proof = part.line.ask(part.keys.signing, Prove(("trail",)), Evidence)
    return Export(tuple(opened), tuple(events), encode(proof))
