"""Offices sign what they are meant to sign, and agents help whom they should."""

import dataclasses

import msgspec
import pytest

from careledger.client.directory import PublicCard, open_directory, organisations
from careledger.client.emergencies import emergency_paper
from careledger.client.opening import Custody, Policy, opening_paper
from careledger.client.papers import content_of, draw_up, sign
from careledger.client.patient import full_access
from careledger.client.plans import agent_key
from careledger.client.session_problems import (
    BadEvidence,
    BadName,
    KeyMissing,
    NotForThisOffice,
    WrongRole,
)
from careledger.client.tokens import get_tokens
from careledger.ledger.actions.records import Declare, Erased
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node.answers import DutyAnswer, HoldersAnswer
from careledger.node.problems import NothingHere
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.seeds import handle_keys, recovery_keys
from tests.client.lying import NOTE, SPY, altered, lying


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    patient = network.patient()
    record = patient.register(network.joining()).record
    agents = [hospital.new_agent() for hospital in network.hospitals]
    patient.set_plan(record, agents)
    return network, patient, record, agents


def test_a_hospital_signs_openings_with_its_own_handles_only(scene) -> None:
    network, patient, _, _ = scene
    here, there = network.hospitals[:2]
    token = get_tokens(patient.line, patient.store, network.registrar, ["dentist"])[0]
    paper = opening_paper(
        patient.line, patient.store, token, there.offer_custody(), Policy()
    )
    with pytest.raises(NotForThisOffice):
        here.keep_record(paper)
    custodian = content_of(paper).signers[1]
    for action in (Erased(0, bytes(32)), Declare(0)):
        other = draw_up(patient.line, [custodian], [action])
        with pytest.raises(NotForThisOffice):
            there.keep_record(other)
    with pytest.raises(NotForThisOffice):
        content_of(msgspec.structs.replace(paper, bodies=(b"other",)))
    with pytest.raises(NotForThisOffice):
        content_of(msgspec.structs.replace(paper, core=b"no core"))
    for places in ((), paper.signatures[1:], (*paper.signatures, b"")):
        with pytest.raises(NotForThisOffice):
            there.keep_record(msgspec.structs.replace(paper, signatures=places))
    with pytest.raises(NotForThisOffice):
        sign(paper, here.keys.signing)
    assert all(there.keep_record(paper).signatures)


def test_no_paper_takes_the_handle_of_another_record(scene) -> None:
    network, patient, record, _ = scene
    [hospital] = [
        one
        for one in network.hospitals
        if any(used.record == record for used in one.pools.custodians.kept.used)
    ]
    before = hospital.pools.custodians.kept
    [handle] = patient.part(record).seat().custodians
    witness = hospital.offer_custody().witness
    token = get_tokens(patient.line, patient.store, network.registrar, ["dentist"])[0]
    stolen = opening_paper(
        patient.line, patient.store, token, Custody((handle,), witness), Policy()
    )
    with pytest.raises(NotForThisOffice):
        hospital.keep_record(stolen)
    assert hospital.pools.custodians.kept.used[: len(before.used)] == before.used


def test_a_hospital_signs_the_same_opening_again(scene) -> None:
    network, patient, *_ = scene
    token = get_tokens(patient.line, patient.store, network.registrar, ["dentist"])[0]
    hospital = network.hospitals[0]
    paper = opening_paper(
        patient.line, patient.store, token, hospital.offer_custody(), Policy()
    )
    assert hospital.keep_record(paper) == hospital.keep_record(paper)


def test_a_registrar_endorses_for_the_member_itself_only(scene) -> None:
    network, *_ = scene
    victim, thief = network.practitioner("Dr. Vera"), network.practitioner("Dr. Theo")
    request = thief._request("practitioner", [99])
    stolen = msgspec.structs.replace(request, member=victim.me.member)
    with pytest.raises(NotForThisOffice):
        network.registrar.endorse(stolen)
    other = victim._request("practitioner", [98])
    swapped = msgspec.structs.replace(other, handles=request.handles)
    with pytest.raises(NotForThisOffice):
        network.registrar.endorse(swapped)


def test_a_token_office_that_answers_something_else(scene) -> None:
    network, patient, _, _ = scene

    class Swapping:
        token_key = network.registrar.token_key

        def issue_tokens(self, member, requests):
            return network.registrar.issue_tokens(member, [*requests[:-1], other[0]])

    other = []

    class Recording(Swapping):
        def issue_tokens(self, member, requests):
            other.append(requests[0])
            raise NotForThisOffice

    with pytest.raises(NotForThisOffice):
        get_tokens(patient.line, patient.store, Recording(), ["one"])
    with pytest.raises(NotForThisOffice):
        get_tokens(patient.line, patient.store, Swapping(), ["two"])


def test_keys_that_sit_on_no_seat_see_no_seats_answers(scene) -> None:
    """Their place carries seat number 0: that must never make them the owner."""
    network, patient, record, _ = scene
    used = patient.store.find(record)
    hospital = network.hospitals[0]
    pools = hospital.pools
    keys = [recovery_keys(patient.store.kept.recovery_secret, used.recovery).signing]
    opened = patient.history(record)[0]
    for pool in (pools.custodians, pools.witnesses, pools.agents):
        keys += [
            handle_keys(pool.seed, pool.device, one.index).signing
            for one in pool.kept.used
        ]
    mine = {opened.actions[0].witness, opened.actions[0].recovery, *opened.signers[1:]}
    assert mine <= {key.public for key in keys}
    questions = [
        ask.MySeat(),
        ask.MyAsset(),
        ask.MyEntries(),
        ask.MyTransactions(),
        ask.Holders(),
        ask.Participants(),
        ask.OpenInvitations(),
        ask.RecordHistory(),
        ask.Statements(),
        ask.Prove(("trail",)),
        ask.Prove(("record",)),
        ask.Prove(("epochs",)),
    ]
    for key in keys:
        for question in questions:
            with pytest.raises(NothingHere):
                patient.line.fetch(key, question)


def test_an_invitation_key_sees_its_offer_only(scene) -> None:
    network, patient, record, _ = scene
    doctor = network.practitioner("Dr. Invited")
    patient.invite(record, network.listing(doctor), full_access())
    [invitation] = doctor.inbox(network.office_of(doctor))
    key = accepting_key(invitation)
    assert patient.line.fetch(key, ask.MyOffer())
    assert patient.line.fetch(key, ask.Prove(("seats",), numbers=(0,)))
    for question in (ask.MySeat(), ask.MyKeys(), ask.MyEntries(), ask.Participants()):
        with pytest.raises(NothingHere):
            patient.line.fetch(key, question)
    with pytest.raises(NothingHere):
        patient.line.fetch(key, ask.Prove(("seats",), numbers=(0, 1)))


def accepting_key(invitation):
    return SigningKey(invitation.invitation_seed)


def test_a_proof_of_another_entry(scene) -> None:
    _, patient, record, _ = scene
    one, other = patient.append(record, NOTE, NOTE)
    caught = []
    with lying(patient.line, ask.Prove, lambda raw: caught.append(raw) or raw):
        patient.read(record, [other])
    false = [caught[0]]  # only the first answer is a lie: the entry's proof

    def lie(raw: bytes) -> bytes:
        return false.pop() if false else raw

    with lying(patient.line, ask.Prove, lie), pytest.raises(BadEvidence):
        patient.read(record, [one])


def test_a_published_card_with_another_key(scene) -> None:
    network, patient, _, _ = scene
    network.practitioner("Dr. Card")
    honest = patient.line.transport

    class Swapping:
        def __getattr__(self, name: str) -> object:
            return getattr(honest, name)

        def directory(self, after):
            said = honest.directory(after)
            return msgspec.structs.replace(
                said, members=tuple(map(_swap, said.members))
            )

    patient.line.transport = Swapping()
    assert open_directory(patient.line) == []
    patient.line.transport = honest
    assert open_directory(patient.line)


def _swap(line):
    card = msgspec.structs.replace(
        decode(line.card, PublicCard), sealing_key=SPY.public
    )
    return msgspec.structs.replace(line, card=encode(card))


def test_an_agent_seals_shares_to_proven_emergency_seats_only(scene) -> None:
    network, _, record, agents = scene
    doctors = [network.practitioner(n, 1, "emergency") for n in ("Dr. Sue", "Dr. Sid")]
    two = tuple(doctor.stand_by() for doctor in doctors)
    [auditor] = organisations(doctors[0].line, "auditor")
    paper = emergency_paper(doctors[0].line, record, two, auditor.mailbox, "x")
    for doctor in doctors:
        paper = doctor.break_glass(paper)
    doctors[0].submit_emergency(record, paper)
    hospital = network.hospitals[0]
    assert len(hospital.release_share(agents[0].key)) == 2

    def call(**fields):
        return lambda calls: tuple(msgspec.structs.replace(c, **fields) for c in calls)

    lies = [
        altered(DutyAnswer, calls=call(sealing_keys=(SPY.public, SPY.public))),
        altered(DutyAnswer, calls=call(handles=(bytes(32), bytes(32)))),
    ]
    for lie in lies:
        with lying(hospital.line, ask.MyDuty, lie), pytest.raises(BadEvidence):
            hospital.release_share(agents[0].key)
    lie = altered(DutyAnswer, calls=call(seats=(0, 0)))
    with (
        lying(hospital.line, ask.MyDuty, lie),
        pytest.raises((BadEvidence, NothingHere)),
    ):
        hospital.release_share(agents[0].key)
    with pytest.raises(NotForThisOffice):
        hospital.release_share(agents[1].key)


def test_shares_go_to_keys_that_the_agents_signed(scene) -> None:
    network, patient, record, agents = scene
    shown = msgspec.structs.replace(agents[0].shown, sealing_key=SPY.public)
    other = network.hospitals[1].organisation
    for change in ({"shown": shown}, {"organisation": other}):
        forged = msgspec.structs.replace(agents[0], **change)
        with pytest.raises(KeyMissing):
            patient.set_plan(record, [forged, *agents[1:]])
    own = handle_keys(sha256(b"node"), b"x", 0)
    planted = agent_key(patient.line.chain_id, own, network.hospitals[0].organisation)
    for keys in ((encode(planted.shown),) * 3, (b"", b"", b"")):
        lie = altered(HoldersAnswer, agent_keys=keys)
        with lying(patient.line, ask.Holders, lie), pytest.raises(KeyMissing):
            patient.rotate(record)
    patient.rotate(record)


def test_a_hospital_vouches_for_no_such_name(network):
    ada = network.practitioner("Dr. Ada Lind")
    card = msgspec.structs.replace(network.listing(ada).card, name="Dr. Ada\nLind")
    with pytest.raises(BadName):
        network.office_of(ada).register_member(ada.me.member, card)


def test_nobody_is_invited_to_what_no_such_person_can_accept(scene) -> None:
    network, patient, record, _ = scene
    ada = network.listing(network.practitioner("Dr. Ada Lind"))
    house = msgspec.structs.replace(ada.organisation, kinds=("insurer",))
    before = patient.waiting(record)
    clerk = dataclasses.replace(ada, organisation=house)
    for person, role in ((clerk, "practitioner"), (ada, "insurer")):
        with pytest.raises(WrongRole):
            patient.invite(record, person, full_access(role))
    assert patient.waiting(record) == before
