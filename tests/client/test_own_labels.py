"""What patients call their records: it comes back with the words, to nobody else."""

import pytest

from careledger.client import own_labels
from careledger.client.declaring import Declared, own_label, statements
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.own_labels import OwnLabel, open_label, seal_label
from careledger.client.patient import Patient
from careledger.client.recovering import DELAY, NO_LABEL
from careledger.client.session_problems import NotWhatWasAsked
from careledger.ledger.actions.records import Declare
from careledger.local import LocalNetwork
from careledger.node.answers import StatementLine
from careledger.node.history_answers import PAGE
from careledger.node.questions import Statements
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing import aead
from careledger.sealing.bodies import seal_body
from careledger.sealing.keys import KEY_SIZE
from careledger.sealing.secret import encode_secret
from careledger.sealing.seeds import join_recovery_secret, seed_of, words_of
from tests.client.lying import lying

LONGEST = "\U0001f3e5" * 200
CONSENT = b'{"resourceType":"Consent"}'


@pytest.fixture
def scene(network: LocalNetwork):
    doctor, patient = network.practitioner("Dr. Ann"), network.patient()
    kit = patient.register(network.joining(doctor))
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    return patient, doctor, kit


def labels_of(patient: Patient) -> dict[bytes, str]:
    return {one.record: one.label for one in patient.store.kept.used if one.record}


def from_words(network: LocalNetwork, words: str) -> Patient:
    again = Patient(Line(network.transport), Keystore(seed_of(words)))
    again.recover()
    return again


@pytest.mark.parametrize("label", ["dentist", LONGEST])
def test_guardians_give_every_label_back(
    network: LocalNetwork, scene, label: str
) -> None:
    patient, doctor, kit = scene
    record = patient.open_record(network.hospitals[1], network.registrar, label)
    again = network.patient()
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    assert {one.label for one in again.finish_recovery()} == {""}
    network.wait(DELAY)
    for _ in range(2):  # the second time it is only looked up
        found = {one.record: one.label for one in again.finish_recovery()}
        assert found == labels_of(again) == labels_of(patient)
        assert found[record] == label
        size = network.engine.query.head.size
    assert again.statements(record) == []  # it is sealed anew, and shown to nobody
    words = words_of(again.store.seed)
    assert labels_of(from_words(network, words)) == found
    assert network.engine.query.head.size == size
    assert own_label(doctor.part(kit.record), doctor.store) is None


def test_a_label_of_other_shares_does_not_come_back(
    network: LocalNetwork, scene, monkeypatch
) -> None:
    patient, _, kit = scene
    with monkeypatch.context() as patched:
        patched.setattr(own_labels, "_guarding", lambda _: sha256(b"another kit"))
        patient.open_record(network.hospitals[1], network.registrar, "dentist")
    again = network.patient()
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    network.wait(DELAY)
    labels = {one.label for one in again.finish_recovery()}
    assert labels == {labels_of(patient)[kit.record], ""}
    assert set(labels_of(again).values()) == labels - {""} | {NO_LABEL}


def test_a_label_made_for_the_seed_alone_opens_as_before(scene) -> None:
    patient, _, kit = scene
    line, store = patient.line, patient.store
    sealed = seal_label(line, store, kit.record, "dentist").sealed
    older = OwnLabel(sealed[: -KEY_SIZE - aead.OVERHEAD])
    assert open_label(line, store, kit.record, older) == "dentist"


@pytest.mark.parametrize("label", ["dentist", "", LONGEST])
def test_words_give_every_label_back(network: LocalNetwork, scene, label: str) -> None:
    patient, _, kit = scene
    record = patient.open_record(network.hospitals[1], network.registrar, label)
    assert labels_of(patient).keys() == {kit.record, record}
    patient.rotate(record)
    again = from_words(network, kit.words)
    assert labels_of(again) == labels_of(patient)
    assert labels_of(again)[record] == label


def test_others_see_neither_the_label_nor_a_statement(
    network: LocalNetwork, scene
) -> None:
    patient, doctor, kit = scene
    part = doctor.part(kit.record)
    assert own_label(part, doctor.store) is None
    assert statements(part) == patient.statements(kit.record) == []
    patient.declare(kit.record, CONSENT)
    assert statements(part) == [Declared(0, CONSENT)]


def test_every_record_has_a_label_of_one_size(network: LocalNetwork, scene) -> None:
    patient, _, _ = scene
    sizes = set()
    for label in ("", "x", LONGEST):
        record = patient.open_record(network.hospitals[0], network.registrar, label)
        part = patient.part(record)
        raw = part.line.fetch(part.keys.signing, Statements())
        [line] = decode(raw, tuple[StatementLine, ...])
        inner = seal_label(part.line, patient.store, record, label)
        sizes.add((len(line.body), len(inner.sealed)))
    assert len(sizes) == 1


def declare_label(part, label) -> None:
    binding = part.line.binding(part.record, 0)
    marker = b"careledger/statement/v1"
    body = seal_body(part.epochs[0], marker, binding, encode_secret(label))
    part.line.act([part.keys.signing], [Declare(0)], [body])


def test_nobody_but_the_owner_says_what_is_not_shown(scene) -> None:
    patient, doctor, kit = scene
    part, author = doctor.part(kit.record), doctor.part(kit.record).seat().number
    statements(part)
    declare_label(part, seal_label(part.line, doctor.store, kit.record, "hidden"))
    assert patient.statements(kit.record) == [Declared(author, None)]


def test_a_label_opens_for_its_seed_and_its_record_alone(scene) -> None:
    patient, doctor, kit = scene
    line, store = patient.line, patient.store
    sealed = seal_label(line, store, kit.record, "dentist")
    assert open_label(line, store, kit.record, sealed) == "dentist"
    assert open_label(line, store, bytes(32), sealed) is None
    assert open_label(line, doctor.store, kit.record, sealed) is None


def test_statements_come_in_pages_in_order(scene) -> None:
    patient, doctor, kit = scene
    part = doctor.part(kit.record)
    for _ in range(PAGE // 16 + 1):
        act = [Declare(0)] * 16
        bodies = [sha256(bytes([number])) for number in range(16)]
        part.line.act([part.keys.signing], act, bodies)
    patient.declare(kit.record, CONSENT)
    raw = part.line.fetch(part.keys.signing, Statements())
    first = decode(raw, tuple[StatementLine, ...])
    assert PAGE <= len(first) < PAGE + 16
    found = patient.statements(kit.record)
    assert len(found) == (PAGE // 16 + 1) * 16 + 1
    assert found[-1] == Declared(0, CONSENT)
    backwards = lambda raw: encode(  # noqa: E731
        decode(raw, tuple[StatementLine, ...])[::-1]
    )
    with (
        lying(part.line, Statements, backwards),
        pytest.raises(NotWhatWasAsked),
    ):
        statements(part)
