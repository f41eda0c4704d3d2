"""Whoever gave good keys, and others wrote with them, cannot take them back."""

import pytest

from careledger.client import moving, rotating
from careledger.client.mending import mend_past
from careledger.client.part import Part, refresh
from careledger.local import LocalNetwork
from careledger.node import key_answers
from careledger.node import questions as ask
from careledger.node.answers import KeysAnswer
from careledger.sealing.wraps import Wrap
from tests.client.junk import (
    NOBODY,
    NOTE,
    good_for_all,
    joined,
    junk_for_all,
    restarted,
    rotate_with_junk_history,
)


@pytest.fixture
def scene(network: LocalNetwork):
    """A patient, Ann and Bad with full access, in the first epoch."""
    patient = network.patient()
    record = patient.register(network.joining()).record
    doctors = [joined(network, patient, record, name) for name in ("Ann", "Bad")]
    return patient, *doctors, record


def reads(part: Part, epoch: int) -> bool:
    """Tell whether a new process has an epoch's key."""
    again = restarted(part)
    refresh(again)
    return epoch in again.epochs


def act(part: Part, done) -> None:
    action, bodies = done
    part.line.act([part.keys.signing], [action], list(bodies))


def test_good_keys_are_not_taken_back_by_a_later_wrap(scene, monkeypatch) -> None:
    patient, ann, bad, record = scene
    rotating.rotate(bad.part(record))
    patient.append(record, NOTE)
    junk, bodies = junk_for_all(bad.part(record))
    rotate_with_junk_history(bad.part(record), monkeypatch, junk, bodies=bodies)
    assert reads(patient.part(record), 1)
    assert reads(ann.part(record), 1)
    assert mend_past(restarted(patient.part(record)))
    assert reads(ann.part(record), 0)


def test_nor_between_junk_before_and_after(scene, monkeypatch) -> None:
    patient, ann, bad, record = scene
    part, honest = bad.part(record), rotating.wrap_for_all
    with monkeypatch.context() as patched:
        patched.setattr(rotating, "wrap_for_all", _for_nobody(honest, part.handle))
        rotating.rotate(part)
    assert not reads(patient.part(record), 1)
    act(part, good_for_all(part))
    for who in (patient, ann):
        who.append(record, NOTE)
    junk, bodies = junk_for_all(part)
    rotate_with_junk_history(part, monkeypatch, junk, bodies=bodies)
    assert reads(patient.part(record), 1)
    assert reads(ann.part(record), 1)


def _for_nobody(honest, but: bytes):
    def wrap(ring, binding, sender, holders, recovery):
        changed = [
            one if one.handle == but else rotating.Holder(one.handle, NOBODY, one.reach)
            for one in holders
        ]
        return honest(ring, binding, sender, changed, recovery)

    return wrap


def given(part: Part) -> list[bytes]:
    """Return who sent the wraps that a key is given, oldest first."""
    answer = part.line.ask(part.keys.signing, ask.MyKeys(), KeysAnswer)
    return [one.sender for one in answer.deliveries]


def test_who_arrives_brings_wraps_for_itself_alone(scene, monkeypatch) -> None:
    patient, _, bad, record = scene
    before, pack = given(patient.part(record)), moving.pack_wraps
    victim = patient.part(record).handle
    with monkeypatch.context() as patched:
        patched.setattr(
            moving, "pack_wraps", lambda some: pack([*some, Wrap(victim, b"junk")])
        )
        bad.move(record)
    assert given(patient.part(record)) == before
    assert given(bad.part(record)) == [bad.part(record).handle]


def test_the_handles_of_a_seat_are_one_sender(scene, monkeypatch) -> None:
    patient, ann, bad, record = scene
    act(ann.part(record), good_for_all(ann.part(record)))
    handles = []
    for _ in range(4):
        act(bad.part(record), junk_for_all(bad.part(record)))
        handles.append(bad.part(record).handle)
        bad.move(record)
    owner, first = patient.part(record).handle, ann.part(record).handle
    assert given(patient.part(record)) == [owner, first, handles[0], handles[-1]]
    monkeypatch.setattr(key_answers, "MOST_SEATS", 1)
    assert given(patient.part(record)) == [owner, first]


def test_who_is_let_in_later_pushes_out_nobody(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    patient, ann, bad, record = scene
    act(ann.part(record), good_for_all(ann.part(record)))
    late = joined(network, patient, record, "Late")
    act(late.part(record), junk_for_all(late.part(record)))
    monkeypatch.setattr(key_answers, "MOST_SEATS", 2)
    owner, first, newest = (one.part(record).handle for one in (patient, ann, late))
    mine = bad.part(record).handle
    assert given(bad.part(record)) == [mine, first, newest]
    assert given(patient.part(record)) == [owner, first, newest]
    monkeypatch.setattr(key_answers, "MOST_SEATS", 1)
    assert given(bad.part(record)) == [mine, first]
    assert given(late.part(record)) == [newest]
