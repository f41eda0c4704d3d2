"""What an owner takes away of one record, read and proven.

Nothing is written here (`exporting`). Every resource is read like any other time:
stated on the ledger, checked against its proof. Its blob and the key of that one
entry are taken along, so that whoever gets the export can check offline that the
resource is what the ledger committed to. The history is complete, or this raises.
"""

from dataclasses import dataclass, field
from typing import Final

from careledger.client.paging import every_page
from careledger.client.part import Part
from careledger.client.patient import Patient
from careledger.client.reading import Listed, entry_key_of, state_read
from careledger.client.session_problems import BadEvidence, NotWhatWasAsked
from careledger.client.watching import Access, Event, Look
from careledger.fhir.import_report import Listener, Progress, silent
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.history import check_complete
from careledger.ledger.proofs import ProofFile, ProvenState, format_proof
from careledger.node.answers import Evidence, Recorded, SeatAnswer
from careledger.node.questions import Fetch, Prove, RecordHistory
from careledger.node.state_keys import Entry, Trail, entry_key, trail_key
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import same, sha256
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.problems import Tampered
from careledger.vault.problems import NotServed, VaultDamaged, VaultUnwell

_PAGE: Final = 64
"""Entries that one question proves."""

_TRIES: Final = 3

_PURPOSE: Final = "export"


@dataclass(frozen=True, slots=True)
class TakenEntry:
    """One entry, open and sealed.

    Attributes:
        listed: as the ledger and the manifest have it.
        content: the exact bytes that its author added; empty, if it does not open.
        blob: as the vault served it.
        key: of this entry alone.
        proof: a `.tlog-proof` that the ledger has it.
        opens: no, if the blob is what its author committed to, and is no entry.
        served: no, if no vault had the blob whole: then there is none.
    """

    listed: Listed
    content: bytes
    blob: bytes
    key: bytes
    proof: bytes
    opens: bool = True
    served: bool = True


@dataclass(frozen=True, slots=True)
class Taken:
    """One record as its owner takes it away.

    Attributes:
        label: what its owner calls it.
        entries: all that open, oldest first.
        events: the complete history.
        cores: of each event, what was signed: its SHA-256 is the transaction's id.
        access: everybody who has or had a part.
        looks: who read what, when and why.
        history_proof: a `.tlog-proof` of the history's length and hash.
        unreadable: entries that open for nobody: their author sealed them wrongly.
        missing: entries that no vault had.
    """

    label: str
    entries: list[TakenEntry]
    events: list[Event]
    cores: list[bytes]
    access: list[Access]
    looks: list[Look]
    history_proof: bytes
    unreadable: list[TakenEntry] = field(default_factory=list)
    missing: list[TakenEntry] = field(default_factory=list)


def records_of(patient: Patient) -> list[bytes]:
    """Return the ids of the patient's records, in the order of their opening."""
    used = patient.store.kept.used
    return list(dict.fromkeys(one.record for one in used if one.record))


def take_record(patient: Patient, record: bytes, listener: Listener = silent) -> Taken:
    """Read everything of one record.

    An entry that its author sealed wrongly stands aside and does not stop the rest:
    one who may write could otherwise keep all the others from their owner. So does
    one that no vault has.

    Args:
        patient: whose it is.
        record: its id.
        listener: told about progress.

    Raises:
        NotHeld: an entry cannot be read: as for `read`.
        Tampered: a blob is not the one that the ledger committed to.
        NotComplete: the node leaves events out.
        BadEvidence: the node's proof does not hold.
    """
    part = patient.part(record)
    listed = patient.list_entries(record)
    entries: list[TakenEntry] = []
    for start in range(0, len(listed), _PAGE):
        entries += _take_page(part, listed[start : start + _PAGE])
        listener(Progress("reading", len(entries), len(listed)))
    events, proof = _complete_history(patient, part)
    return Taken(
        patient.store.find(record).label,
        [one for one in entries if one.opens],
        events,
        _cores(part, events),
        patient.who_has_access(record),
        patient.who_looked(record),
        proof,
        [one for one in entries if one.served and not one.opens],
        [one for one in entries if not one.served],
    )


def _take_page(part: Part, page: list[Listed]) -> list[TakenEntry]:
    ids = tuple(one.entry.entry for one in page)
    evidence = _evidence(part, Prove(("entries",), entries=ids))
    keys = [entry_key(part.record, one) for one in ids]
    facts = [_decoded(raw) for raw in part.line.check(evidence, keys)]
    seat = part.seat()
    receipt = state_read(part, seat, ids, _PURPOSE)
    proofs = _proof_files(evidence)
    return [
        _take(part, seat, receipt, one, fact, proof)
        for one, fact, proof in zip(page, facts, proofs, strict=True)
    ]


def _take(
    part: Part,
    seat: SeatAnswer,
    receipt: bytes,
    one: Listed,
    fact: Entry,
    proof: bytes,
) -> TakenEntry:
    entry = one.entry.entry
    key = entry_key_of(part, seat, fact, entry)
    try:
        blob = part.line.fetch(part.keys.signing, Fetch(receipt, entry))
    except (NotServed, VaultDamaged, VaultUnwell):
        return TakenEntry(one, b"", b"", key, proof, opens=False, served=False)
    sealed = SealedEntry(entry, blob, fact.blob, fact.key_commitment)
    try:
        return TakenEntry(one, open_entry(key, sealed), blob, key, proof)
    except Tampered:
        if not same(sha256(blob), fact.blob):
            raise  # the vault's doing: another may serve the right one
        return TakenEntry(one, b"", blob, key, proof, opens=False)


def _complete_history(patient: Patient, part: Part) -> tuple[list[Event], bytes]:
    """Return the history and the proof that it is complete.

    Somebody may act between the two questions; then both are asked again.

    Raises:
        NotComplete: the node leaves events out.
    """
    for _ in range(_TRIES):
        events = patient.history(part.record)
        evidence = _evidence(part, Prove(("trail",)))
        [value] = part.line.check(evidence, [trail_key(part.record)])
        history = decode(value or b"", Trail).history
        if history.counter == len(events):
            break
    check_complete([one.tx_id for one in events], history)
    return events, _proof_files(evidence)[0]


def _cores(part: Part, events: list[Event]) -> list[bytes]:
    """Return what was signed, event by event.

    Raises:
        NotWhatWasAsked: the node gives no core for one of them, or pages that are not
            in order.
    """

    def ask(after: int) -> tuple[Recorded, ...]:
        question = RecordHistory(after)
        return part.line.ask(part.keys.signing, question, tuple[Recorded, ...])

    cores: dict[bytes, bytes] = {}
    for page in every_page(ask):
        found = [decode(one.leaf, TransactionLeaf).core for one in page]
        cores |= {sha256(core): core for core in found}
    if not all(one.tx_id in cores for one in events):
        raise NotWhatWasAsked
    return [cores[one.tx_id] for one in events]


def _evidence(part: Part, question: Prove) -> Evidence:
    return part.line.ask(part.keys.signing, question, Evidence)


def _decoded(raw: bytes | None) -> Entry:
    if raw is None:
        raise BadEvidence
    return decode(raw, Entry)


def _proof_files(evidence: Evidence) -> list[bytes]:
    """Return each proof of the evidence as a file that stands alone."""
    return [
        format_proof(
            ProofFile(
                ProvenState(evidence.leaf, encode(proof)),
                evidence.index,
                evidence.path,
                evidence.checkpoint,
            )
        )
        for proof in evidence.proofs
    ]
