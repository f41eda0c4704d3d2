"""Breaking the glass: two people, two agents, one auditor, and nobody else."""

import msgspec
import pytest

from careledger.client.directory import organisations
from careledger.client.emergencies import emergency_paper
from careledger.client.session_problems import NotForThisOffice, OneHospital
from careledger.client.writing import NewResource
from careledger.ledger.refusals.emergency import NoPlan, NoSuchAccess, NotTwoPeople
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.sealing.problems import NotARecipient, WrongShares

ALLERGY = NewResource(b'{"resourceType":"AllergyIntolerance"}', "penicillin")
DAY = 86_400_000


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    patient = network.patient()
    record = patient.register(network.joining()).record
    agents = [hospital.new_agent() for hospital in network.hospitals]
    patient.set_plan(record, agents)
    patient.rotate(record)  # shares are renewed with the keys
    [entry] = patient.append(record, ALLERGY)
    doctors = [network.practitioner(n, 1, "emergency") for n in ("Dr. Uma", "Dr. Vic")]
    return network, patient, record, entry, agents, doctors


def paper_for(network, record, doctors):
    two = tuple(doctor.stand_by() for doctor in doctors)
    [auditor] = organisations(doctors[0].line, "auditor")
    paper = emergency_paper(
        doctors[0].line, record, two, auditor.mailbox, "unconscious after a fall"
    )
    for doctor in doctors:
        paper = doctor.break_glass(paper)
    return paper


def test_an_emergency_from_end_to_end(scene) -> None:
    network, patient, record, entry, agents, doctors = scene
    for hospital, agent in zip(network.hospitals, agents, strict=True):
        assert hospital.release_share(agent.key) == []  # nothing happened yet
    access = doctors[0].submit_emergency(record, paper_for(network, record, doctors))
    doctors[1].settle_emergency(record)
    released = [
        share
        for hospital, agent in zip(network.hospitals[:2], agents[:2], strict=True)
        for share in hospital.release_share(agent.key)
    ]
    with pytest.raises(WrongShares):
        doctors[0].open_emergency(record, released[:1])
    for doctor in doctors:
        doctor.open_emergency(record, released)
        [opened] = doctor.read(record, [entry], "allergies")
        assert opened.content == ALLERGY.content
    looks = [one for one in patient.who_looked(record) if one.purpose == "allergies"]
    assert len(looks) == 2
    roles = [one.line.role for one in patient.who_has_access(record)]
    assert roles == ["owner", "emergency", "emergency"]

    [(line, disclosed)] = network.auditor.accesses()
    assert line.access == access
    assert [card.name for card in disclosed.cards] == ["Dr. Uma", "Dr. Vic"]
    assert disclosed.reason == "unconscious after a fall"
    network.auditor.review(access, justified=True)
    with pytest.raises(NoSuchAccess):
        network.auditor.review(access, justified=False)
    assert network.auditor.accesses()[0][0].status == "justified"

    network.wait(DAY)
    with pytest.raises(NothingHere):
        doctors[0].read(record, [entry], "a day later")
    for hospital, agent in zip(network.hospitals, agents, strict=True):
        assert hospital.release_share(agent.key) == []


def test_one_person_posing_as_two_is_refused(scene) -> None:
    _, _, record, _, _, doctors = scene
    double = doctors[0]
    first = double.stand_by()
    first_index = double._standing
    second = double.stand_by()
    [auditor] = organisations(double.line, "auditor")
    paper = emergency_paper(double.line, record, (first, second), auditor.mailbox, "x")
    paper = double.break_glass(paper)
    double._standing = first_index
    with pytest.raises(NotTwoPeople):
        double.submit_emergency(record, double.break_glass(paper))


def test_a_record_without_a_plan_stays_shut(scene) -> None:
    network, _, _, _, _, doctors = scene
    other = network.patient()
    record = other.register(network.joining()).record
    with pytest.raises(NoPlan):
        doctors[0].submit_emergency(record, paper_for(network, record, doctors))


def test_a_refused_attempt_elsewhere_is_not_in_the_history(scene) -> None:
    network, _, _, _, _, doctors = scene
    patient = network.patient()
    record = patient.register(network.joining()).record
    two = tuple(doctor.stand_by() for doctor in doctors)
    [auditor] = organisations(doctors[0].line, "auditor")

    def attempt() -> None:
        line, mailbox = doctors[0].line, auditor.mailbox
        paper = emergency_paper(line, record, two, mailbox, "again")
        doctors[1].co_sign(doctors[0].break_glass(paper))

    with pytest.raises(NoPlan):
        attempt()
    patient.set_plan(record, [hospital.new_agent() for hospital in network.hospitals])
    attempt()  # with the same two handles, which belong to the record from here on
    codes = [event.code for event in patient.history(record)]
    assert codes == ["ok"] * len(codes)


def test_a_paper_that_the_first_has_not_signed_goes_nowhere(scene) -> None:
    network, _, record, _, _, doctors = scene
    two = tuple(doctor.stand_by() for doctor in doctors)
    [auditor] = organisations(doctors[0].line, "auditor")
    line, mailbox = doctors[0].line, auditor.mailbox
    bare = emergency_paper(line, record, two, mailbox, "unsigned")
    with pytest.raises(NotForThisOffice):
        doctors[1].co_sign(bare)
    stranger = network.practitioner("Dr. Wim", 2, "emergency")
    stranger.stand_by()
    with pytest.raises(NotForThisOffice):
        stranger.co_sign(doctors[0].break_glass(bare))
    key = doctors[0].me.member
    with pytest.raises(NotForThisOffice):
        stranger.co_sign(network.hospitals[0].admit_patient(key))


def test_who_is_no_auditor_learns_nothing(scene) -> None:
    network = scene[0]
    network.auditor.keys, keys = network.hospitals[0].keys, network.auditor.keys
    with pytest.raises(NothingHere):
        network.auditor.accesses()
    network.auditor.keys = keys


def test_a_plan_of_one_organisation_is_no_plan(scene) -> None:
    network, patient, record, *_ = scene
    with pytest.raises(OneHospital):
        patient.set_plan(record, [network.hospitals[0].new_agent() for _ in range(3)])


def test_a_share_opens_for_its_addressee_only(scene) -> None:
    network, *_, doctors = scene
    patient = network.patient()
    fresh = patient.register(network.joining()).record
    agents = [hospital.new_agent() for hospital in network.hospitals]
    patient.set_plan(fresh, agents)
    doctors[0].submit_emergency(fresh, paper_for(network, fresh, doctors))
    doctors[1].settle_emergency(fresh)
    released = [
        share
        for hospital, agent in zip(network.hospitals, agents, strict=True)
        for share in hospital.release_share(agent.key)
    ]
    mine = doctors[0].part(fresh).handle
    stolen = [msgspec.structs.replace(s, to=mine) for s in released if s.to != mine]
    with pytest.raises(NotARecipient):
        doctors[0].open_emergency(fresh, stolen)
