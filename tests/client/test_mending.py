"""Mending by itself stops early: a person's own acts have room for the day."""

import pytest

from careledger.client import mending
from careledger.client.mending import mend_past, started_today
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


def test_much_of_a_day_is_left() -> None:
    assert mending.EPOCHS_FOR_MENDING * 4 <= EPOCHS_A_DAY
