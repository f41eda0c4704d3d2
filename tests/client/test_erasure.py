"""Erasure reaches the vault; what was never appended goes as well."""

import pytest

from careledger.client.reading import state_read
from careledger.client.writing import NewResource, store
from careledger.engines.reading import Reader
from careledger.ledger.actions.records import Append
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import reopen
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.node.questions import Fetch
from careledger.primitives.encoding import decode
from careledger.sealing.envelope import seal_entry
from careledger.vault.problems import NotServed
from careledger.vault.store import LIVE, Vault

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
DAY = 86_400_000


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    patient = network.patient()
    record = patient.register(network.joining()).record
    vault: Vault = network.vaults[0]
    return network, patient, record, vault


def test_an_entry_is_erased_after_the_delay(scene) -> None:
    network, patient, record, vault = scene
    gone, stays = patient.append(record, NOTE, NOTE)
    [other] = patient.append(record, NOTE)
    reader = network.engine.query
    events = patient.history(record)
    appended = [one for one in events if isinstance(one.actions[0], Append)][-2:]
    manifests = [_bodies(reader, event.tx_id) for event in appended]
    assert all(all(bodies) for bodies in manifests)
    patient.erase(record, [gone])
    network.wait(2 * DAY)
    assert vault.sweep().erased == 0
    assert patient.read(record, [gone])
    network.wait(DAY + 1)
    with pytest.raises(NothingHere):
        patient.read(record, [gone])
    assert vault.sweep() == (0, 1)
    assert patient.read(record, [stays])[0].content == NOTE.content
    # What the manifest says of the erased entry is gone; its fellow is still listed.
    assert [any(_bodies(reader, event.tx_id)) for event in appended] == [False, True]
    listed = {one.entry.entry: one.manifest for one in patient.list_entries(record)}
    assert gone not in listed
    assert listed[stays] is None
    assert listed[other] is not None


def _bodies(reader: Reader, tx_id: bytes) -> list[bytes | None]:
    leaf = decode(reader.leaf(reader.receipt(tx_id).position), TransactionLeaf)
    hashes = reopen(leaf.core, leaf.signatures).content.body_hashes
    return [reader.body(one) for one in hashes]


def test_a_blob_that_was_never_appended_goes_after_a_day(scene) -> None:
    network, patient, record, vault = scene
    part = patient.part(record)
    before = vault.count()
    store(part, part.seat(), [seal_entry(bytes(32), NOTE.content)])
    assert vault.count() == before + 1
    assert vault.sweep().dropped == 0
    network.wait(DAY)
    assert vault.sweep().dropped == 1
    assert vault.count() == before


def test_a_statement_opens_the_vault_for_a_quarter_of_an_hour(scene) -> None:
    network, patient, record, _ = scene
    [entry] = patient.append(record, NOTE)
    part = patient.part(record)
    read = state_read(part, part.seat(), [entry], "later")
    network.wait(LIVE - 1000)
    assert part.line.fetch(part.keys.signing, Fetch(read, entry))
    network.wait(2000)
    with pytest.raises(NotServed):
        part.line.fetch(part.keys.signing, Fetch(read, entry))


def test_a_record_is_erased_as_a_whole(scene) -> None:
    network, patient, *_ = scene
    record = patient.open_record(network.hospitals[2], network.registrar, "short")
    vault = network.vaults[2]
    patient.append(record, NOTE, NewResource(NOTE.content[:-1] + b',"id":"2"}'))
    patient.erase(record)
    network.wait(3 * DAY + 1)
    assert vault.sweep() == (0, 2)
    with pytest.raises(NothingHere):
        patient.list_entries(record)
