"""Participants and strangers who mean harm: the others go on undisturbed."""

import pytest

from careledger.client.line import Line
from careledger.ledger.actions.referral import Accept, ReplaceHandle
from careledger.local import LocalNetwork
from careledger.node import questions as ask


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture
def scene(network: LocalNetwork):
    doctor, patient = network.practitioner("Dr. Ann"), network.patient()
    record = patient.register(network.joining(doctor)).record
    return network, patient, doctor, record


def bare(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a line send only the one body without which nothing is admitted."""
    act = line.act

    def act_barely(keys, actions, bodies=()):
        assert isinstance(actions[0], Accept | ReplaceHandle)
        assert len(bodies) == 3
        return act(keys, actions, bodies[:1])

    monkeypatch.setattr(line, "act", act_barely)


@pytest.mark.parametrize("moves", [False, True])
def test_who_brings_no_wrap_and_no_card_blinds_nobody(
    scene, moves: bool, monkeypatch
) -> None:
    network, patient, doctor, record = scene
    [found] = doctor.inbox(network.office_of(doctor))
    if moves:
        doctor.accept(found)
        with monkeypatch.context() as patched:
            bare(doctor.part(record).line, patched)
            doctor.move(record)
    else:
        with monkeypatch.context() as patched:
            bare(doctor.line, patched)
            doctor.accept(found)
    key = patient.part(record).keys.signing
    for question in (ask.MyKeys(), ask.MyEntries(), ask.Holders(), ask.Statements()):
        assert patient.line.fetch(key, question)
    _, shown = patient.who_has_access(record)
    assert shown.line.active
    assert shown.line.card == b""
    patient.rotate(record)
    patient.revoke(record, shown.line.handle)
    assert not patient.who_has_access(record)[1].line.active
