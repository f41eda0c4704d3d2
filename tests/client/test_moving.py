"""Moving to a fresh handle, and sealed statements."""

import pytest

from careledger.client.declaring import Declared, statements
from careledger.client.writing import NewResource
from careledger.ledger.actions.referral import Offer, OnlyEntries
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.node.questions import MySeat
from careledger.sealing.problems import TooLarge

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
CONSENT = b'{"resourceType":"Consent","status":"active"}'


@pytest.fixture
def scene(network: LocalNetwork):
    doctor = network.practitioner("Dr. Moe Vann")
    patient = network.patient()
    record = patient.register(network.joining(doctor)).record
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    return network, patient, doctor, record


def test_a_moved_participation_goes_on_and_the_old_handle_is_out(scene) -> None:
    _, patient, doctor, record = scene
    [entry] = doctor.append(record, NOTE)
    old = doctor.part(record)
    doctor.move(record)
    new = doctor.part(record)
    assert new.handle != old.handle
    with pytest.raises(NothingHere):
        old.line.fetch(old.keys.signing, MySeat())
    assert doctor.read(record, [entry], "x")[0].content == NOTE.content
    shown = patient.who_has_access(record)[1]
    assert (shown.person.name, shown.person.verified) == ("Dr. Moe Vann", True)
    assert shown.line.handle == new.handle
    patient.rotate(record)
    [later] = patient.append(record, NOTE)
    doctor._parts.clear()  # as after a restart: the keys come from the ledger
    assert doctor.read(record, [entry, later], "x")[1].content == NOTE.content


def test_statements_open_for_who_holds_the_whole_record(scene) -> None:
    network, patient, doctor, record = scene
    patient.declare(record, CONSENT)
    patient.rotate(record)
    patient.declare(record, CONSENT)
    assert patient.statements(record) == [Declared(0, CONSENT)] * 2
    assert statements(doctor.part(record)) == patient.statements(record)
    [entry] = patient.append(record, NOTE)
    single = network.practitioner("Dr. One")
    offer = Offer("practitioner", ("read",), OnlyEntries((entry,)), 0, 0)
    patient.invite(record, network.listing(single), offer)
    single.accept(single.inbox(network.office_of(single))[0])
    with pytest.raises(NothingHere):
        statements(single.part(record))
    with pytest.raises(TooLarge):
        patient.declare(record, bytes(13_000))
