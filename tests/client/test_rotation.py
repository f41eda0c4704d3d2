"""Rotation at its largest: fifty participants and more."""

import pytest

from careledger.client.writing import NewResource
from careledger.ledger.actions.referral import AllEpochs, Offer
from careledger.local import LocalNetwork

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
FIFTY = 50


@pytest.mark.large
def test_fifty_participants_get_the_next_key_and_the_fifty_first_does_not(
    network: LocalNetwork,
) -> None:
    patient = network.patient()
    record = patient.register(network.joining()).record
    doctors = []
    for number in range(FIFTY + 1):
        doctor = network.practitioner(f"Dr. No. {number}", number % 3)
        offer = Offer("practitioner", ("read",), AllEpochs(), 0, 0)
        patient.invite(record, network.listing(doctor), offer)
        [invitation] = doctor.inbox(network.office_of(doctor))
        doctor.accept(invitation)
        doctors.append(doctor)
    patient.revoke(record, doctors[-1].part(record).handle)
    [entry] = patient.append(record, NOTE)
    for doctor in doctors[:-1]:
        assert doctor.read(record, [entry], "x")[0].content == NOTE.content
    assert len(patient.who_has_access(record)) == FIFTY + 2


def test_keys_of_many_epochs_are_walked_back(network: LocalNetwork) -> None:
    patient = network.patient()
    record = patient.register(network.joining()).record
    written = []
    for _ in range(5):
        written += patient.append(record, NOTE)
        patient.rotate(record)
    late = network.practitioner("Dr. Late")
    offer = Offer("practitioner", ("read",), AllEpochs(), 0, 0)
    patient.invite(record, network.listing(late), offer)
    late.accept(late.inbox(network.office_of(late))[0])
    assert len(late.read(record, written, "x")) == len(written)
    assert set(late.part(record).epochs) == set(range(6))
