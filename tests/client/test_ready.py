"""Who cannot add to a record is told why, before anything is stored or sent."""

import pytest

from careledger.client import ready
from careledger.client.patient import full_access
from careledger.client.practitioner import Practitioner
from careledger.client.writing import NewResource
from careledger.client.writing_problems import (
    MayNotWrite,
    NoCurrentKey,
    RenewalAwaited,
    RenewalsUsedUp,
)
from careledger.ledger.actions.referral import Offer, OnlyEntries
from careledger.local import LocalNetwork
from tests.client.junk import joined

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    """A record with its owner, a doctor, a reader, and a writer with one entry's key."""
    doctor = network.practitioner("Dr. Ada Lind")
    patient = network.patient()
    record = patient.register(network.joining(doctor)).record
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    [entry] = doctor.append(record, NOTE)

    def joined(name: str, *rights: str) -> Practitioner:
        who = network.practitioner(name)
        until = patient.line.transport.time() + 86_400_000
        offer = Offer("practitioner", rights, OnlyEntries((entry,)), until, 0)
        doctor.refer(record, network.listing(who), offer)
        who.accept(who.inbox(network.office_of(who))[0])
        return who

    reader, writer = joined("Dr. Rea", "read"), joined("Dr. Wim", "read", "write")
    return network, patient, doctor, reader, writer, record


def test_who_may_only_read_sends_nothing(scene) -> None:
    network, _, _, reader, _, record = scene
    before = network.engine.query.head.size
    with pytest.raises(MayNotWrite):
        reader.append(record, NOTE)
    assert network.engine.query.head.size == before


def test_who_has_the_key_of_one_entry_cannot_seal_another(scene) -> None:
    *_, writer, record = scene
    with pytest.raises(NoCurrentKey):
        writer.append(record, NOTE)


def test_who_cannot_renew_the_keys_waits_for_who_can(scene) -> None:
    network, patient, _, _, writer, record = scene
    guest = network.practitioner("Dr. Gus")
    patient.invite(record, network.listing(guest), full_access())
    guest.accept(guest.inbox(network.office_of(guest))[0])
    guest.leave(record)
    with pytest.raises(RenewalAwaited):
        writer.append(record, NOTE)
    assert patient.append(record, NOTE)  # which renews them
    with pytest.raises(NoCurrentKey):
        writer.append(record, NOTE)


def test_writing_leaves_the_owner_epochs_to_revoke_with(scene, monkeypatch) -> None:
    network, patient, *_, record = scene
    monkeypatch.setattr(ready, "EPOCHS_FOR_RENEWING", 0)
    bad = joined(network, patient, record, "Dr. Bad")
    joined(network, patient, record, "Dr. Gone").leave(record)
    with pytest.raises(RenewalsUsedUp):
        patient.append(record, NOTE)
    patient.revoke(record, bad.part(record).handle)
    assert patient.append(record, NOTE)
