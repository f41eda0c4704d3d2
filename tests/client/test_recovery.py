"""Recovery: the map from words, the records from guardians, and the owner's veto."""

import pytest

from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.patient import Patient
from careledger.client.recovering import DELAY
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import Erase
from careledger.ledger.refusals.base import NobodyKnown
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.primitives.hashing import sha256
from careledger.sealing.problems import WrongShares
from careledger.sealing.seeds import join_recovery_secret, seed_of

NOTE = NewResource(b'{"resourceType":"Composition"}')


@pytest.fixture
def joined(network: LocalNetwork):
    patient = network.patient()
    kit = patient.register(network.joining())
    [entry] = patient.append(kit.record, NOTE)
    return patient, kit, entry


def someone_new(network: LocalNetwork, seed: bytes) -> Patient:
    return Patient(Line(network.transport), Keystore(seed))


def test_words_give_records_and_content_back(network, joined) -> None:
    patient, kit, entry = joined
    second = patient.open_record(network.hospitals[1], network.registrar, "dentist")
    again = someone_new(network, seed_of(kit.words))
    assert again.recover() == [kit.record, second]
    assert again.read(kit.record, [entry])[0].content == NOTE.content
    fresh = again.store.take("next")
    assert fresh > max(one.index for one in patient.store.kept.used)


def test_guardians_give_ownership_back_after_the_delay(network, joined) -> None:
    patient, kit, entry = joined
    with pytest.raises(WrongShares):
        join_recovery_secret(kit.shares[:1])
    secret = join_recovery_secret([kit.shares[2], kit.shares[0]])
    again = someone_new(network, sha256(b"new seed" + kit.record))
    assert again.ask_back(secret) == [kit.record]
    with pytest.raises(NothingHere):
        again.take_over(kit.record)
    network.wait(DELAY)
    again.take_over(kit.record)
    [opened] = again.read(kit.record, [entry])
    assert opened.content == NOTE.content
    assert again.append(kit.record, NOTE)
    with pytest.raises(NothingHere):
        patient.read(kit.record, [entry])
    with pytest.raises(NobodyKnown):
        patient.part(kit.record).line.act(
            [patient.part(kit.record).keys.signing], [erase_everything()]
        )
    assert again.history(kit.record)


def erase_everything():
    return Erase(0, ())


def test_the_owner_can_stop_a_recovery_he_did_not_ask_for(network, joined) -> None:
    patient, kit, entry = joined
    thief = someone_new(network, sha256(b"conspiring guardians" + kit.record))
    thief.ask_back(join_recovery_secret(kit.shares[:2]))
    patient.veto(kit.record)
    network.wait(DELAY)
    with pytest.raises(NothingHere):
        thief.take_over(kit.record)
    assert patient.read(kit.record, [entry])


def test_an_unknown_secret_finds_nothing(network) -> None:
    nobody = someone_new(network, sha256(b"nobody"))
    assert nobody.ask_back(sha256(b"no secret")) == []
    assert nobody.recover() == []
