"""Mending by itself stops early: a person's own acts have room for the day."""

import pytest

from careledger.client import mending, rotating
from careledger.client.mending import mend_past, started_today
from careledger.client.patient import Patient
from careledger.ledger.actions.records import CannotOpen
from careledger.ledger.parameters import DAY
from careledger.ledger.workflows.rotation import EPOCHS_A_DAY
from careledger.local import LocalNetwork
from tests.client.junk import NOTE, joined, restarted, rotate_with_junk_history


@pytest.fixture
def scene(network: LocalNetwork):
    patient = network.patient()
    record = patient.register(network.joining()).record
    bad = joined(network, patient, record, "Dr. Bad")
    return patient, bad, record


def test_who_breaks_the_past_all_day_is_still_revoked(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    patient, bad, record = scene
    monkeypatch.setattr(mending, "EPOCHS_FOR_MENDING", 2)
    owner = patient.part(record)
    for expected in (True, True, False, False):
        rotate_with_junk_history(bad.part(record), monkeypatch)
        assert mend_past(restarted(owner)) is expected
    assert started_today(owner, owner.seat()) == 2
    [entry] = bad.append(record, NOTE)
    network.wait(DAY)
    assert started_today(owner, owner.seat()) == 0
    assert mend_past(restarted(owner))  # another day
    patient.revoke(record, bad.part(record).handle)
    assert patient.read(record, [entry])[0].content == NOTE.content


def blamed(patient: Patient, record: bytes) -> bool:
    acts = [act for event in patient.history(record) for act in event.actions]
    return any(isinstance(act, CannotOpen) for act in acts)


def test_no_honest_latecomer_is_blamed(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    """Ann comes after an epoch of Bad's under a junk history, and gives Vic its key."""
    patient, bad, record = scene
    vic = joined(network, patient, record, "Dr. Vic")
    rotate_with_junk_history(bad.part(record), monkeypatch)
    ann = joined(network, patient, record, "Dr. Ann")
    ann.rewrap(record, vic.part(record).handle)
    assert mend_past(restarted(vic.part(record)))
    assert not blamed(patient, record)


def test_nor_who_started_keys_under_what_it_had(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    """Ann starts an epoch over a junk history of Bad's: hers is good."""
    patient, bad, record = scene
    vic = joined(network, patient, record, "Dr. Vic")
    rotate_with_junk_history(bad.part(record), monkeypatch)
    ann = joined(network, patient, record, "Dr. Ann")
    rotating.rotate(ann.part(record))
    assert mend_past(restarted(vic.part(record)))
    assert not blamed(patient, record)


def test_who_started_keys_under_junk_is_blamed(scene, network, monkeypatch) -> None:
    patient, bad, record = scene
    vic = joined(network, patient, record, "Dr. Vic")
    rotate_with_junk_history(bad.part(record), monkeypatch)
    assert mend_past(restarted(vic.part(record)))
    assert blamed(patient, record)


def test_much_of_a_day_is_left() -> None:
    assert mending.EPOCHS_FOR_MENDING * 4 <= EPOCHS_A_DAY
