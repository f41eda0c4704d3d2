"""Rotation: with fifty participants and more, and past one who wraps junk."""

import pytest

from careledger.client.part import Part, refresh
from careledger.client.recovering import DELAY
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import Rotate
from careledger.ledger.actions.referral import AllEpochs, Offer
from careledger.local import LocalNetwork
from careledger.node.answers import HoldersAnswer
from careledger.node.problems import NothingHere
from careledger.node.questions import Holders
from careledger.primitives.hashing import sha256
from careledger.sealing.problems import NotHeld
from careledger.sealing.seeds import join_recovery_secret

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
FIFTY = 50


@pytest.mark.large
def test_fifty_participants_get_the_next_key_and_the_fifty_first_does_not(
    network: LocalNetwork,
) -> None:
    patient = network.patient()
    record = patient.register(network.joining()).record
    doctors = []
    for number in range(FIFTY + 1):
        doctor = network.practitioner(f"Dr. No. {number}", number % 3)
        offer = Offer("practitioner", ("read",), AllEpochs(), 0, 0)
        patient.invite(record, network.listing(doctor), offer)
        [invitation] = doctor.inbox(network.office_of(doctor))
        doctor.accept(invitation)
        doctors.append(doctor)
    patient.revoke(record, doctors[-1].part(record).handle)
    [entry] = patient.append(record, NOTE)
    for doctor in doctors[:-1]:
        assert doctor.read(record, [entry], "x")[0].content == NOTE.content
    assert len(patient.who_has_access(record)) == FIFTY + 2


def test_keys_of_many_epochs_are_walked_back(network: LocalNetwork) -> None:
    patient = network.patient()
    record = patient.register(network.joining()).record
    written = []
    for _ in range(5):
        written += patient.append(record, NOTE)
        patient.rotate(record)
    late = network.practitioner("Dr. Late")
    offer = Offer("practitioner", ("read",), AllEpochs(), 0, 0)
    patient.invite(record, network.listing(late), offer)
    late.accept(late.inbox(network.office_of(late))[0])
    assert len(late.read(record, written, "x")) == len(written)
    assert set(late.part(record).epochs) == set(range(6))


@pytest.fixture
def locked(network: LocalNetwork):
    """A record whose hostile participant started an epoch with keys for nobody."""
    ann, bad = (network.practitioner(f"Dr. {name}") for name in ("Ann", "Bad"))
    patient = network.patient()
    record = patient.register(network.joining()).record
    offer = Offer("practitioner", ("read", "write"), AllEpochs(), 0, 0)
    for doctor in (ann, bad):
        patient.invite(record, network.listing(doctor), offer)
        doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    [before] = ann.append(record, NOTE)
    rotate_junk(bad.part(record))
    return patient, ann, bad, record, before


def rotate_junk(part: Part) -> None:
    """Start an epoch whose wraps open for nobody."""
    found = part.line.ask(part.keys.signing, Holders(), HoldersAnswer)
    numbers = tuple(one.number for one in found.holders)
    wraps = tuple(sha256(bytes([number])) for number in (*numbers, 255))
    action = Rotate(0, found.epoch + 1, sha256(b"epoch"), numbers, wraps, ())
    part.line.act([part.keys.signing], [action], [b"junk", b"junk"])


def test_who_wraps_junk_is_locked_out_all_the_same(locked) -> None:
    patient, ann, bad, record, before = locked
    with pytest.raises(NotHeld):
        patient.append(record, NOTE)
    with pytest.raises(NotHeld):
        patient.rotate(record)
    patient.revoke(record, bad.part(record).handle)
    with pytest.raises(NothingHere):
        refresh(bad.part(record))
    both = [before, *patient.append(record, NOTE)]
    assert [one.content for one in patient.read(record, both)] == [NOTE.content] * 2
    assert [one.content for one in ann.read(record, both, "x")] == [NOTE.content] * 2


def test_who_comes_later_reads_what_was_before_the_junk(
    locked, network: LocalNetwork
) -> None:
    patient, _, bad, record, before = locked
    patient.revoke(record, bad.part(record).handle)
    late = network.practitioner("Dr. Late")
    offer = Offer("practitioner", ("read",), AllEpochs(), 0, 0)
    patient.invite(record, network.listing(late), offer)
    late.accept(late.inbox(network.office_of(late))[0])
    assert late.read(record, [before], "x")[0].content == NOTE.content


def test_a_thief_who_wraps_junk_does_not_keep_the_record(
    network: LocalNetwork,
) -> None:
    thief = network.patient()
    kit = thief.register(network.joining())
    [before] = thief.append(kit.record, NOTE)
    owner = network.patient()
    owner.ask_back(join_recovery_secret(kit.shares[:2]))
    rotate_junk(thief.part(kit.record))
    network.wait(DELAY)
    owner.take_over(kit.record)
    both = [before, *owner.append(kit.record, NOTE)]
    assert [one.content for one in owner.read(kit.record, both)] == [NOTE.content] * 2
