"""Participants and strangers who mean harm: the others go on undisturbed."""

import pytest

from careledger.client.line import Line
from careledger.engines.tail import POSITION_SIZE
from careledger.ledger.actions.referral import Accept, ReplaceHandle
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node.problems import NotAsked
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey

LAST = 2 ** (8 * POSITION_SIZE) - 1


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


@pytest.mark.parametrize("beyond", [LAST + 1, 2**63, 2**64 - 1, -2])
@pytest.mark.parametrize(
    "kind", [ask.MyReceipts, ask.MyTransactions, ask.MyEntries, ask.RecordHistory]
)
def test_no_log_has_a_position_beyond_six_bytes(scene, kind, beyond: int) -> None:
    _, patient, _, record = scene
    for key in (SigningKey(sha256(b"stranger")), patient.part(record).keys.signing):
        with pytest.raises(NotAsked):
            patient.line.fetch(key, kind(beyond))
    assert patient.line.fetch(key, kind(LAST))


@pytest.mark.parametrize("number", [2**32, 2**53 - 1, -1])
def test_no_seat_has_a_number_of_more_than_four_bytes(scene, number: int) -> None:
    _, patient, _, record = scene
    key = patient.part(record).keys.signing
    with pytest.raises(NotAsked):
        patient.line.fetch(key, ask.Prove(("seats",), numbers=(number,)))
    assert patient.line.fetch(key, ask.Prove(("seats",), numbers=(2**32 - 1,)))
