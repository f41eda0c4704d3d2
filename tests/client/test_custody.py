"""Who keeps the blobs, what others may pass on, and who acts for an owner."""

import pytest

from careledger.client.opening import Policy
from careledger.client.session_problems import (
    BlobsLost,
    NoSuchPerson,
    NotForThisOffice,
    NotOurWitness,
)
from careledger.client.writing import NewResource
from careledger.ledger.actions.referral import AllEpochs, Offer
from careledger.ledger.refusals.records import BadCustodians
from careledger.ledger.refusals.referral import BeyondOwnRights, PolicyForbids
from careledger.ledger.workflows.records import NOTICE
from careledger.ledger.workflows.referral import WITNESS_WAIT
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere

NOTE = NewResource(b'{"resourceType":"Composition"}')
DAY = 86_400_000


@pytest.fixture
def owned(network: LocalNetwork):
    patient = network.patient()
    record = patient.register(network.joining()).record
    [entry] = patient.append(record, NOTE)
    return patient, record, entry


def test_a_record_moves_to_another_hospital_with_every_blob(network, owned) -> None:
    patient, record, entry = owned
    before = network.vaults[1].count()
    [old] = patient.part(record).seat().custodians
    [new] = patient.set_custodians(record, [network.hospitals[1]])
    assert patient.part(record).seat().custodians == (new, old)  # on notice: last
    assert network.vaults[1].count() == before + 2
    [later] = patient.append(record, NOTE)
    assert network.vaults[1].count() == before + 3
    network.wait(NOTICE)
    assert patient.part(record).seat().custodians == (new,)
    network.vaults[0].sweep()
    for one in (entry, later):
        assert patient.read(record, [one])[0].content == NOTE.content


def lose(network: LocalNetwork, number: int, entry: bytes) -> None:
    """Take an entry's blob out of one hospital's vault."""
    index = network.vaults[number]._index
    with index.changing():
        index._run("DELETE FROM claim WHERE entry=?", entry)


def test_a_lost_blob_keeps_no_other_from_moving(network, owned) -> None:
    patient, record, first = owned
    last = patient.append(record, *[NOTE] * 20)[-1]
    lose(network, 0, first)
    before = [vault.count() for vault in network.vaults]
    with pytest.raises(BlobsLost, match=first.hex()) as told:
        patient.set_custodians(record, network.hospitals[1:3])
    assert last.hex() not in str(told.value)
    after = [vault.count() for vault in network.vaults]
    # The personal entry, and twenty notes of one content: what was there, but one.
    assert after[1] - before[1] == after[2] - before[2] == 21
    lose(network, 0, last)
    new = patient.part(record).seat().custodians[0]
    with pytest.raises(BlobsLost):
        patient.copy_blobs(record, new)
    assert patient.read(record, [last])[0].content == NOTE.content


def test_somebody_must_keep_the_blobs(network, owned) -> None:
    patient, record, _ = owned
    with pytest.raises(BadCustodians):
        patient.set_custodians(record, [])
    [old] = patient.part(record).seat().custodians
    assert len(patient.set_custodians(record, [network.hospitals[2]], [old])) == 1
    assert len(patient.part(record).seat().custodians) == 2


def test_a_hospital_that_does_not_sign_keeps_nothing(network, owned) -> None:
    patient, record, _ = owned
    hospital = network.hospitals[1]

    class Silent:
        offer_custody = staticmethod(hospital.offer_custody)
        keep_record = staticmethod(lambda paper: paper)

    before = patient.part(record).seat().custodians
    with pytest.raises(NotForThisOffice):
        patient.set_custodians(record, [Silent()])
    assert patient.part(record).seat().custodians == before


def test_the_owner_changes_what_others_may_pass_on(network) -> None:
    ada, ben = network.practitioner("Dr. Pol"), network.practitioner("Dr. Icy")
    patient = network.patient()
    record = patient.register(network.joining(ada)).record
    ada.accept(ada.inbox(network.office_of(ada))[0])
    until = network.transport.time() + DAY
    offer = Offer("practitioner", ("read",), AllEpochs(), until, 0)
    patient.set_policy(record, Policy("deny"))
    with pytest.raises(PolicyForbids):
        ada.refer(record, network.listing(ben), offer)
    patient.set_policy(record, Policy("ask"))
    key = ada.refer(record, network.listing(ben), offer)
    [waiting] = patient.waiting(record)
    assert (waiting.invitation, waiting.to_approve) == (key, True)
    [invitation] = ben.inbox(network.office_of(ben))
    with pytest.raises(PolicyForbids):
        ben.accept(invitation)
    patient.approve(record, key)
    assert ben.accept(invitation) == record
    assert patient.waiting(record) == []


def addressed(network: LocalNetwork):
    parent = network.patient()
    parent.register(network.joining())
    return parent, parent.address(network.hospitals[0].keys.signing.public)


def test_a_proxy_acts_for_the_owner_until_revoked(network, owned) -> None:
    patient, record, entry = owned
    parent, address = addressed(network)
    with pytest.raises(NoSuchPerson):
        parent.address(network.registrar.keys.signing.public)
    patient.appoint_proxy(record, address, note="for my mother")
    [invitation] = parent.inbox(network.hospitals[0])
    assert invitation.note == "for my mother"
    assert parent.accept(invitation, "Eva Berg", "mother's") == record
    assert parent.read(record, [entry])[0].content == NOTE.content
    assert parent.append(record, NOTE)
    _, proxy = patient.who_has_access(record)
    assert (proxy.line.role, proxy.person.name) == ("proxy", "Eva Berg")
    assert not proxy.person.verified
    patient.revoke(record, proxy.line.handle)
    with pytest.raises(NothingHere):
        parent.read(record, [entry])


def test_a_minors_proxy_waits_for_the_owner_or_seven_days(network, owned) -> None:
    child, record, entry = owned
    parent, address = addressed(network)
    until = network.transport.time() + 100 * DAY
    with pytest.raises(NotOurWitness):
        network.hospitals[1].invite_for_minor(record, address, until)
    with pytest.raises(BeyondOwnRights):
        network.hospitals[0].invite_for_minor(record, address, 0)
    network.hospitals[0].invite_for_minor(record, address, until)
    [invitation] = parent.inbox(network.hospitals[0])
    with pytest.raises(PolicyForbids):
        parent.accept(invitation, "Eva Berg")
    network.wait(WITNESS_WAIT)
    parent.accept(invitation, "Eva Berg")
    # Whom a witness brought gets keys by the owner's word, not because they lack.
    assert (child.part(record).seat().behind, child.give_missed(record)) == (False, [])
    child.rewrap(record, parent.part(record).handle)
    assert parent.read(record, [entry])[0].content == NOTE.content


def test_a_hospital_is_a_witness_with_whichever_handle_serves(network, owned) -> None:
    patient, record, _ = owned
    home, elsewhere = network.hospitals[:2]
    patient.set_custodians(record, [home])
    network.wait(NOTICE)
    lost = network.patient()
    paper = home.witness(lost.ask_witness(record))
    assert lost.submit_witnessed(paper) == record
    patient.veto(record)
    patient.set_custodians(record, [elsewhere])
    other = network.patient()
    other.set_custodians(other.register(network.joining()).record, [home])
    network.wait(NOTICE)
    for hospital in (home, elsewhere):  # one keeps nothing now, one never witnessed
        with pytest.raises(NotOurWitness):
            hospital.witness(lost.ask_witness(record))
