"""Under which epoch an import seals comes from proofs, for each batch."""

import pytest

from careledger.fhir.importing import import_sources
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import bytes_source
from careledger.ledger.refusals.records import StaleEpoch
from careledger.node.answers import SeatAnswer
from careledger.node.questions import MySeat
from tests.client.junk import joined
from tests.client.lying import altered, lying

CONTENT = b'{"resourceType":"Observation","status":"final","code":{"text":"pulse"}}'


def run_import(practice, record):
    source = bytes_source("1", CONTENT)
    return import_sources(practice.ada, record, [source], ReferenceStore())


def blobs(practice) -> int:
    return sum(vault.count() for vault in practice.network.vaults)


def test_an_old_epoch_by_the_nodes_word_is_not_used(practice) -> None:
    patient, record = practice.new_record()
    patient.rotate(record)
    with lying(practice.ada.line, MySeat, altered(SeatAnswer, epoch=0)):
        assert run_import(practice, record).stored == 1
    assert [one.entry.epoch for one in patient.list_entries(record)] == [1]


def test_nothing_is_stored_while_who_left_has_the_key(practice) -> None:
    patient, record = practice.new_record()
    joined(practice.network, patient, record, "Dr. Ole").leave(record)
    before = blobs(practice)
    with (
        lying(practice.ada.line, MySeat, altered(SeatAnswer, stale=False)),
        pytest.raises(StaleEpoch),
    ):
        run_import(practice, record)
    assert blobs(practice) == before


def test_who_leaves_just_before_a_batch_is_sealed_stops_nothing(practice) -> None:
    patient, record = practice.new_record()
    leaver = joined(practice.network, patient, record, "Dr. Ole")
    asked = []

    def meanwhile(answer: bytes) -> bytes:
        asked.append(answer)
        if len(asked) == 2:  # as the import asks whether it may write
            leaver.leave(record)
        return answer

    with lying(practice.ada.line, MySeat, meanwhile):
        assert run_import(practice, record).stored == 1
    assert [one.entry.epoch for one in patient.list_entries(record)] == [1]
