"""Small bundles to import, and what must come back from a record."""

import io
import json

from careledger import demo_data
from careledger.fhir.files import read_pieces
from careledger.fhir.importing import import_sources
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import bytes_source


def bundle(*resources, **first) -> bytes:
    entries = [{"resource": one} for one in resources]
    if first:
        entries[0] |= first
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": entries}
    ).encode()


def patient(**more):
    return {"resourceType": "Patient", "id": "p"} | more


def condition(**more):
    return {"resourceType": "Condition", "subject": {"reference": "Patient/p"}} | more


def raws(content: bytes) -> list[bytes]:
    return [piece.raw for piece in read_pieces(io.BytesIO(content)) if piece.raw]


def reference_store() -> ReferenceStore:
    store = ReferenceStore()
    for content in (demo_data.hospitals(), demo_data.practitioners()):
        for raw in raws(content):
            store.add(json.loads(raw), raw)
    return store


def opened(patient, record) -> list[bytes]:
    ids = [one.entry.entry for one in patient.list_entries(record)]
    found = []
    for start in range(0, len(ids), 256):
        found += patient.read(record, ids[start : start + 256], "check")
    return [one.content for one in found]


def stored(patient, record) -> int:
    return len(patient.list_entries(record))


def check_round_trip(practice, contents: list[bytes], store) -> None:
    person, record = practice.new_record()
    sources = [bytes_source(str(n), each) for n, each in enumerate(contents)]
    report = import_sources(practice.ada, record, sources, store)
    sent = [raw for content in contents for raw in raws(content)]
    assert report.stored == report.found == len(sent)
    assert not report.faults
    assert not report.notes
    assert sorted(opened(person, record)) == sorted(sent)
