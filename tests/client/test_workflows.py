"""Both workflows, end to end, with real keys: joining and referral."""

import json

import pytest

from careledger.client.patient import full_access
from careledger.client.session_problems import NotAResource
from careledger.client.writing import NewResource
from careledger.client.writing_problems import MayNotWrite
from careledger.ledger.actions.referral import Offer, OnlyEntries
from careledger.ledger.refusals.referral import BeyondOwnRights
from careledger.local import LocalNetwork
from careledger.node.answers import Peer
from careledger.node.problems import NothingHere
from careledger.node.questions import MyAsset

DAY = 86_400_000


def observation(value: int) -> NewResource:
    body = {"resourceType": "Observation", "valueQuantity": {"value": value}}
    return NewResource(json.dumps(body).encode(), f"reading {value}")


def asset(session, record: bytes) -> list[bytes]:
    part = session.part(record)
    return [
        p.handle for p in part.line.ask(part.keys.signing, MyAsset(), tuple[Peer, ...])
    ]


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    ada = network.practitioner("Dr. Ada Lind")
    ben = network.practitioner("Dr. Ben Roth", hospital=1)
    patient = network.patient()
    kit = patient.register(network.joining(ada))
    [invitation] = ada.inbox(network.office_of(ada))
    assert ada.accept(invitation) == kit.record
    return ada, ben, patient, kit.record


def test_a_practitioner_reads_and_writes_what_the_patient_shared(scene) -> None:
    ada, _, patient, record = scene
    [personal] = ada.list_entries(record)
    assert personal.manifest.resource_type == "Patient"
    [opened] = ada.read(record, [personal.entry.entry], "first visit")
    assert json.loads(opened.content)["resourceType"] == "Patient"
    assert opened.author == 0
    first, second = ada.append(record, observation(1), observation(2))
    read = patient.read(record, [second, first])
    assert [json.loads(one.content)["valueQuantity"]["value"] for one in read] == [2, 1]
    assert {one.author for one in read} == {1}


def test_both_assets_list_each_other(scene) -> None:
    ada, _, patient, record = scene
    assert asset(patient, record) == [ada.part(record).handle]
    assert asset(ada, record) == [patient.part(record).handle]


def test_a_referral_gives_one_entry_and_both_assets(scene, network) -> None:
    ada, ben, patient, record = scene
    one, other = ada.append(record, observation(7), observation(8))
    offer = Offer(
        "practitioner", ("read",), OnlyEntries((one,)), network.clock.now + DAY, 0
    )
    ada.refer(record, network.listing(ben), offer, "please look at this")
    [invitation] = ben.inbox(network.office_of(ben))
    assert invitation.note == "please look at this"
    assert invitation.card.name == "Dr. Ada Lind"
    assert ben.accept(invitation) == record
    [listed] = ben.list_entries(record)
    assert (listed.entry.entry, listed.manifest) == (one, None)
    [opened] = ben.read(record, [one], "second opinion")
    assert json.loads(opened.content)["valueQuantity"]["value"] == 7
    with pytest.raises(NothingHere):
        ben.read(record, [other], "curious")
    a, b = ada.part(record).handle, ben.part(record).handle
    assert b in asset(ada, record)
    assert asset(ben, record) == [patient.part(record).handle, a]
    with pytest.raises(MayNotWrite):
        ben.append(record, observation(9))


def test_the_patient_sees_who_has_access_and_who_looked(scene) -> None:
    _, _, patient, record = scene
    access = patient.who_has_access(record)
    assert [
        (one.line.number, one.person.name, one.person.verified) for one in access
    ] == [
        (0, "", False),
        (1, "Dr. Ada Lind", True),
        (2, "Dr. Ben Roth", True),
    ]
    looks = [one for one in patient.who_looked(record) if one.person.name]
    assert [(one.person.name, one.purpose) for one in looks] == [
        ("Dr. Ada Lind", "first visit"),
        ("Dr. Ben Roth", "second opinion"),
    ]


def test_the_history_is_complete_and_has_refused_attempts(scene, network) -> None:
    ada, ben, patient, record = scene
    with pytest.raises(BeyondOwnRights):
        ada.refer(record, network.listing(ben), full_access())
    events = patient.history(record)
    assert events[-1].code == "referral.beyond-own-rights"
    assert len({event.tx_id for event in events}) == len(events)


def test_what_is_no_resource_is_not_added(scene) -> None:
    ada, _, _, record = scene
    for content in (b"", b"[]", b'{"a":1}', b'{"resourceType":""}'):
        with pytest.raises(NotAResource):
            ada.append(record, NewResource(content))
