"""Participants and strangers who mean harm: the others go on undisturbed."""

import pytest

from careledger.client.line import Line
from careledger.engines.tail import POSITION_SIZE
from careledger.ledger.actions.records import Rewrap
from careledger.ledger.actions.referral import Accept, ReplaceHandle
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node.answers import KeysAnswer
from careledger.node.problems import NotAsked
from careledger.primitives.encoding import encode
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


def test_junk_wraps_make_nobodys_keys_too_long_to_send(scene) -> None:
    network, patient, doctor, record = scene
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    owner, sender = patient.part(record), doctor.part(record)
    before = owner.line.ask(owner.keys.signing, ask.MyKeys(), KeysAnswer).deliveries
    for number in range(6):
        wraps = [(owner.handle, bytes([number, each]) * 100) for each in range(4)]
        page = encode(tuple(wraps)) + b"\x80"
        action = Rewrap(0, owner.handle, sha256(page))
        page = page.ljust(2048, b"\0")
        sender.line.act([sender.keys.signing], [action], [page])
    after = owner.line.ask(owner.keys.signing, ask.MyKeys(), KeysAnswer).deliveries
    assert after[:-2] == before
    assert [one.sender for one in after[-2:]] == [sender.handle] * 2
    first = (owner.handle, bytes([0, 0]) * 100)
    assert [one.wrap for one in after[-2:]] == [encode(first), encode(wraps[-1])]
    patient.rotate(record)
    patient.rewrap(record, sender.handle)
    [*_, last] = sender.line.ask(
        sender.keys.signing, ask.MyKeys(), KeysAnswer
    ).deliveries
    assert (last.epoch, last.sender) == (1, owner.handle)
