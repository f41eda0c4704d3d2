"""Endorsements lapse and are renewed; who missed keys meanwhile gets them."""

import msgspec
import pytest

from careledger.client import reading
from careledger.client.part import Part
from careledger.client.patient import full_access
from careledger.client.recovering import recover_map
from careledger.client.registrar import (
    EndorsementRequest,
    Wanted,
    endorsement_end,
    request_message,
)
from careledger.client.renewal_problems import NotVouchedFor
from careledger.client.renewing import AHEAD, is_due, recognition_of
from careledger.client.session_problems import NotForThisOffice
from careledger.client.writing import NewResource
from careledger.client.writing_problems import NoCurrentKey
from careledger.ledger.actions.referral import Renew
from careledger.ledger.refusals.base import Refusal, Void
from careledger.ledger.workflows.registry import LONGEST_ENDORSEMENT
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.sealing.problems import NotHeld

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
DAY = 86_400_000


@pytest.fixture
def scene(tmp_path):
    """A patient, a doctor in the record, and thirty-one days later."""
    with LocalNetwork.create(tmp_path) as network:
        doctor, patient = network.practitioner("Dr. Rip"), network.patient()
        record = patient.register(network.joining(doctor)).record
        doctor.accept(doctor.inbox(network.office_of(doctor))[0])
        doctor.append(record, NOTE)
        network.wait(31 * DAY)
        yield network, patient, doctor, record


def test_what_was_renewed_is_not_due_again_at_once():
    first = 1_700_000_000_000
    for now in range(first, first + 15 * DAY, DAY // 5):
        end = endorsement_end(now)
        assert now + AHEAD < end <= now + LONGEST_ENDORSEMENT


def test_an_endorsement_is_due_in_its_last_quarter(scene) -> None:
    network, patient, doctor, record = scene
    assert not is_due(patient.part(record).seat(), network.transport.time())
    doctor.renew(record, network.registrar)
    seat = doctor.part(record).seat()
    assert not is_due(seat, seat.lapses - AHEAD - 1)
    assert is_due(seat, seat.lapses - AHEAD)


def test_a_seat_that_ends_before_its_endorsement_is_not_renewed(scene) -> None:
    network, patient, _, record = scene
    guest = network.practitioner("Dr. Gus")
    until = network.transport.time() + DAY
    offer = msgspec.structs.replace(full_access(), until=until)
    patient.invite(record, network.listing(guest), offer)
    guest.accept(guest.inbox(network.office_of(guest))[0])
    seat = guest.part(record).seat()
    assert (seat.until, seat.lapses > until) == (until, True)
    assert not is_due(seat, seat.lapses - AHEAD)


def test_nothing_is_sent_that_would_last_no_longer(scene) -> None:
    network, _, doctor, record = scene
    until = doctor.renew(record, network.registrar)
    before = network.engine.query.head.size
    assert doctor.renew(record, network.registrar) == until
    assert network.engine.query.head.size == before
    assert recognition_of(doctor.part(record)).lapses == until


def test_who_slept_gets_the_keys_from_the_next_who_comes_by(scene) -> None:
    network, patient, doctor, record = scene
    [new] = patient.append(record, NOTE)  # rotates without the doctor, who sleeps
    assert not patient.part(record).seat().behind
    doctor.renew(record, network.registrar)
    assert not doctor.part(record).seat().behind  # cannot help itself
    with pytest.raises(NotHeld):
        doctor.read(record, [new], "x")
    with pytest.raises(NoCurrentKey):
        doctor.append(record, NOTE)
    assert patient.part(record).seat().behind
    assert patient.give_missed(record) == [doctor.part(record).handle]
    assert not patient.part(record).seat().behind
    assert patient.give_missed(record) == []
    assert doctor.read(record, [new], "x")[0].content == NOTE.content
    assert doctor.append(record, NOTE)


def test_another_full_holder_can_give_them_too(scene) -> None:
    network, patient, doctor, record = scene
    guest = network.practitioner("Dr. Gus")
    [new] = patient.append(record, NOTE)
    patient.invite(record, network.listing(guest), full_access())
    guest.accept(guest.inbox(network.office_of(guest))[0])
    doctor.renew(record, network.registrar)
    assert guest.part(record).seat().behind
    guest.give_missed(record)
    assert doctor.read(record, [new], "x")[0].content == NOTE.content


def test_a_leaver_stays_asleep(scene) -> None:
    network, patient, doctor, record = scene
    network.registrar.enrol_tagged(doctor.me.member, doctor.me.member, b"")
    with pytest.raises(NotVouchedFor):
        doctor.renew(record, network.registrar)
    with pytest.raises(NothingHere):
        reading.list_entries(doctor.part(record))
    [line] = [one.line for one in patient.who_has_access(record) if one.line.number]
    assert (line.sleeping, line.active, line.ended) == (True, False, 0)
    assert line.lapses == recognition_of(doctor.part(record)).lapses


def test_nobody_else_can_renew_for_the_one_who_sleeps(scene) -> None:
    network, patient, doctor, record = scene
    other = network.practitioner("Dr. Oth")
    endorsed = other.store.kept.pool[0].endorsed  # good, and another person's
    stranger = Part(other.line, other.store.keys(0), record)
    with pytest.raises(NothingHere):
        recognition_of(stranger)
    for key in (stranger.keys.signing, patient.part(record).keys.signing):
        with pytest.raises((Refusal, Void)):
            other.line.act([key], [Renew(0, endorsed)])
    with pytest.raises(NothingHere):
        doctor.part(record).seat()


def test_nobody_else_has_it_endorsed_in_the_name_of_the_one_who_sleeps(scene) -> None:
    network, _, doctor, record = scene
    other, member = network.practitioner("Dr. Oth"), doctor.me.member
    wanted = (Wanted(doctor.part(record).handle, bytes(32)),)
    message = request_message(doctor.line.chain_id, member, "practitioner", wanted)
    forged = other.store.member.signing.sign(message)
    request = EndorsementRequest(member, "practitioner", wanted, forged)
    with pytest.raises(NotForThisOffice):
        network.registrar.endorse(request)


def test_a_keystore_is_rebuilt_with_records_that_sleep(scene) -> None:
    network, _, doctor, record = scene
    doctor.store.change(used=())
    assert recover_map(doctor.line, doctor.store) == [record]
    doctor.renew(record, network.registrar)
    assert doctor.list_entries(record)
