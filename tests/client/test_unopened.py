"""Wraps that do not open: reported on the ledger, and made again by who comes by."""

import pytest

from careledger.client import rotating
from careledger.client.part import Part, refresh
from careledger.client.patient import full_access
from careledger.client.rotating import circle_of, rewrapping
from careledger.client.session_problems import WrapDoesNotOpen
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import CannotOpen
from careledger.ledger.refusals.records import Accused
from careledger.local import LocalNetwork
from careledger.primitives.hashing import sha256
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.problems import NotHeld
from careledger.sealing.wraps import Reach, pack_wraps, wrap_keyring

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
WRONG = OpeningKey(sha256(b"wrong")).public


@pytest.fixture
def scene(network: LocalNetwork):
    """A patient and three doctors with full access: Ann, Bad and Vic."""
    doctors = [network.practitioner(f"Dr. {name}") for name in ("Ann", "Bad", "Vic")]
    patient = network.patient()
    record = patient.register(network.joining()).record
    for doctor in doctors:
        patient.invite(record, network.listing(doctor), full_access())
        doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    return patient, *doctors, record


def rotate_against(by: Part, victim: bytes, monkeypatch, **false) -> None:
    """Start an epoch whose wrap for `victim` is made with something false."""
    honest = rotating.wrap_for_all

    def careless(ring, binding, sender, holders, recovery):
        changed = [
            rotating.Holder(
                one.handle,
                false.get("public", one.public),
                false.get("reach", one.reach),
            )
            if one.handle == victim
            else one
            for one in holders
        ]
        return honest(ring, binding, sender, changed, recovery)

    with monkeypatch.context() as patched:
        patched.setattr(rotating, "wrap_for_all", careless)
        rotating.rotate(by)


@pytest.mark.parametrize("false", [{"public": WRONG}, {"reach": Reach.FROM_NOW_ON}])
def test_who_cannot_open_gets_the_keys_from_the_next_who_comes_by(
    scene, monkeypatch, false
) -> None:
    patient, ann, bad, vic, record = scene
    rotate_against(bad.part(record), vic.part(record).handle, monkeypatch, **false)
    assert not patient.part(record).seat().behind  # it did not say so yet
    assert vic.report_unopened(record)
    assert not vic.report_unopened(record)  # once is enough
    with pytest.raises(Accused):
        bad.append(record, NOTE)
    assert not vic.part(record).seat().behind  # cannot help itself
    with pytest.raises((NotHeld, WrapDoesNotOpen)):
        rotating.all_epochs(vic.part(record), vic.part(record).seat().epoch)
    assert ann.part(record).seat().behind
    assert ann.give_missed(record) == [vic.part(record).handle]
    assert not ann.part(record).seat().behind
    assert patient.give_missed(record) == []
    [new] = bad.append(record, NOTE)
    assert vic.read(record, [new], "x")[0].content == NOTE.content
    assert not vic.report_unopened(record)
    rotating.rotate(vic.part(record))


def test_an_owner_who_cannot_open_is_given_the_keys_too(scene, monkeypatch) -> None:
    patient, ann, bad, _, record = scene
    mine = patient.part(record).handle
    rotate_against(bad.part(record), mine, monkeypatch, public=WRONG)
    assert patient.report_unopened(record)
    assert ann.give_missed(record) == [mine]
    assert patient.append(record, NOTE)


def test_the_accused_clears_itself_by_giving_them(scene, monkeypatch) -> None:
    _, _, bad, vic, record = scene
    rotate_against(bad.part(record), vic.part(record).handle, monkeypatch, public=WRONG)
    vic.cannot_open(record)
    bad.give_missed(record)
    assert bad.append(record, NOTE)


def test_junk_beside_good_keys_locks_nobody_out_and_blames_nobody(scene) -> None:
    """A page of a rewrap for one holder can carry junk for another."""
    patient, ann, bad, vic, record = scene
    part = bad.part(record)
    circle = circle_of(part)
    ring = rotating.all_epochs(part, circle.epoch)
    [holder] = [one for one in circle.holders if one.handle == ann.part(record).handle]
    action, _ = rewrapping(part, holder, ring, circle.epoch)
    binding = part.line.binding(record, circle.epoch)
    junk = [
        wrap_keyring(ring, binding, part.handle, one.handle, WRONG)
        for one in circle.holders
    ]
    part.line.act([part.keys.signing], [action], list(pack_wraps(junk)))
    before = patient.history(record)
    for who in (patient, vic):
        refresh(who.part(record))
        assert not who.part(record).broken
        assert not who.report_unopened(record)
        assert who.append(record, NOTE)
    acts = [
        one for event in patient.history(record)[len(before) :] for one in event.actions
    ]
    assert not [one for one in acts if isinstance(one, CannotOpen)]


def test_what_one_wrapped_oneself_is_nobodys_fault(scene, monkeypatch) -> None:
    _, _, bad, _, record = scene
    part = bad.part(record)
    rotate_against(part, part.handle, monkeypatch, reach=Reach.FROM_NOW_ON)
    assert not bad.report_unopened(record)
