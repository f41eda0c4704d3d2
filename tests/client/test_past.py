"""A hostile rotation with good wraps and a junk history: found, said, and mended."""

from collections.abc import Callable

import pytest

from careledger.client import rotating
from careledger.client.part import Part
from careledger.client.past import Start
from careledger.client.patient import full_access
from careledger.client.recovering import DELAY
from careledger.client.session_problems import HistoryDoesNotOpen
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import CannotOpen, Rewrap, Rotate
from careledger.ledger.actions.referral import Offer, OnlyEntries
from careledger.local import LocalNetwork
from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.sealing.history import NewEpoch, next_epoch
from careledger.sealing.keyring import (
    AllEpochs,
    EntryGrant,
    EpochKey,
    Keyring,
    SingleEntries,
    from_now_on,
)
from careledger.sealing.problems import NotHeld
from careledger.sealing.seeds import join_recovery_secret
from careledger.sealing.wraps import Reach, pack_wraps, wrap_keyring

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
JUNK = bytes(32)


def rubbish(held: AllEpochs, binding, between) -> NewEpoch:
    new = next_epoch(held, binding, between)
    return NewEpoch(new.ring, b"\0" * len(new.history))


def false_key(held: AllEpochs, binding, between) -> NewEpoch:
    """Seal a key that is not the one the ledger committed to."""
    return next_epoch(AllEpochs(held.epoch, JUNK, held.history_key), binding, between)


def false_history_key(held: AllEpochs, binding, between) -> NewEpoch:
    """Seal the right epoch key with a history key that opens nothing."""
    return next_epoch(AllEpochs(held.epoch, held.epoch_key, JUNK), binding, between)


def leaving_out(held: AllEpochs, binding, between) -> NewEpoch:
    """Seal a good keyring of long ago, as if nobody had held the epochs since."""
    return next_epoch(FIRST[-1], binding, ())


FIRST: list[AllEpochs] = []
"""The first keyring of the record of the scene."""

CERTAIN = [rubbish, false_key]
"""What only its maker can have sealed: an honest one may have been given the others."""

FALSE = [*CERTAIN, false_history_key, leaving_out]


@pytest.fixture
def scene(network: LocalNetwork):
    """A patient, Ann and Bad with full access, entries in two epochs."""
    patient = network.patient()
    kit = patient.register(network.joining())
    record = kit.record
    doctors = [joined(network, patient, record, name) for name in ("Ann", "Bad")]
    FIRST.append(rotating.all_epochs(patient.part(record), 0))
    written = patient.append(record, NOTE)
    for _ in range(2):
        patient.rotate(record)
        written += patient.append(record, NOTE)
    return patient, *doctors, record, written


def joined(network: LocalNetwork, patient, record: bytes, name: str):
    doctor = network.practitioner(f"Dr. {name}")
    patient.invite(record, network.listing(doctor), full_access())
    doctor.accept(doctor.inbox(network.office_of(doctor))[-1])
    return doctor


def rotate_with(part: Part, history: Callable[..., NewEpoch], monkeypatch) -> None:
    """Start an epoch whose sealed history `history` makes."""
    with monkeypatch.context() as patched:
        patched.setattr(rotating, "next_epoch", history)
        rotating.rotate(part)


def rotate_giving_less(part: Part, monkeypatch) -> None:
    """Start an epoch and give every holder its key without the one to its history."""
    honest = rotating.wrap_for_all

    def less(ring, binding, sender, holders, recovery):
        now = Reach.FROM_NOW_ON
        changed = [rotating.Holder(one.handle, one.public, now) for one in holders]
        return honest(ring, binding, sender, changed, recovery)

    with monkeypatch.context() as patched:
        patched.setattr(rotating, "wrap_for_all", less)
        rotating.rotate(part)


def give(part: Part, victim: bytes, ring: Keyring) -> None:
    """Rewrap a keyring for somebody, whatever it is."""
    circle = rotating.circle_of(part)
    [holder] = [one for one in circle.holders if one.handle == victim]
    binding = part.line.binding(part.record, circle.epoch)
    wrap = wrap_keyring(ring, binding, part.handle, victim, holder.public)
    action = Rewrap(0, victim, sha256(encode(wrap)))
    part.line.act([part.keys.signing], [action], list(pack_wraps([wrap])))


def read_all(who, record: bytes, entries: list[bytes]) -> int:
    opened = who.read(record, entries, "x")
    assert {one.content for one in opened} == {NOTE.content}
    return len(opened)


def acts_of(patient, record: bytes) -> list[type]:
    return [type(a) for event in patient.history(record) for a in event.actions]


@pytest.mark.parametrize("history", FALSE)
def test_who_comes_later_reaches_everything_once_it_is_mended(
    scene, network: LocalNetwork, monkeypatch, history
) -> None:
    patient, ann, bad, record, written = scene
    rotate_with(bad.part(record), history, monkeypatch)
    late = joined(network, patient, record, "Late")
    with pytest.raises(HistoryDoesNotOpen):
        late.read(record, written, "x")
    assert not late.mend_past(record)  # it never had what is missing
    assert read_all(ann, record, written) == len(written)  # who was there has it
    assert ann.mend_past(record)
    said = [CannotOpen] if history in CERTAIN else []
    assert acts_of(patient, record)[-1 - len(said) :] == [*said, Rotate]
    assert (CannotOpen in acts_of(patient, record)) is bool(said)
    assert not patient.mend_past(record)
    assert not ann.mend_past(record)
    written += late.append(record, NOTE)
    assert read_all(late, record, written) == len(written)
    written += bad.append(record, NOTE)  # the accusation has ended with the epoch
    later = joined(network, patient, record, "Later")
    assert read_all(later, record, written) == len(written)


@pytest.mark.parametrize("history", FALSE)
def test_any_rotation_of_another_holder_mends_it(
    scene, network: LocalNetwork, monkeypatch, history
) -> None:
    patient, _, bad, record, written = scene
    rotate_with(bad.part(record), history, monkeypatch)
    rotate_with(bad.part(record), history, monkeypatch)
    patient.revoke(record, bad.part(record).handle)
    late = joined(network, patient, record, "Late")
    assert read_all(late, record, written) == len(written)


def test_whoever_writes_first_in_the_new_epoch_mends_it(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    patient, ann, bad, record, written = scene
    written += ann.append(record, NOTE)
    rotate_with(bad.part(record), rubbish, monkeypatch)
    written += ann.append(record, NOTE)
    assert acts_of(patient, record)[-3:-1] == [CannotOpen, Rotate]
    late = joined(network, patient, record, "Late")
    assert read_all(late, record, written) == len(written)


def test_entries_of_the_bad_epochs_come_along(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    patient, _, bad, record, written = scene
    for _ in range(3):
        rotate_with(bad.part(record), rubbish, monkeypatch)
        written += bad.append(record, NOTE)
    assert patient.mend_past(record)
    late = joined(network, patient, record, "Late")
    assert read_all(late, record, written) == len(written)


def test_who_recovers_reaches_everything(network: LocalNetwork, monkeypatch) -> None:
    patient = network.patient()
    kit = patient.register(network.joining())
    bad = joined(network, patient, kit.record, "Bad")
    written = patient.append(kit.record, NOTE)
    rotate_with(bad.part(kit.record), rubbish, monkeypatch)
    written += bad.append(kit.record, NOTE)
    again = network.patient()
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    rotate_with(bad.part(kit.record), rubbish, monkeypatch)
    network.wait(DELAY)
    again.take_over(kit.record)
    assert len(again.read(kit.record, written)) == len(written)
    late = joined(network, again, kit.record, "Late")
    assert read_all(late, kit.record, written) == len(written)


def test_a_rotation_that_gives_less_locks_nobody_out(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    patient, _, bad, record, written = scene
    rotate_giving_less(bad.part(record), monkeypatch)
    written += bad.append(record, NOTE)
    with pytest.raises(NotHeld):
        patient.rotate(record)
    assert patient.mend_past(record)
    late = joined(network, patient, record, "Late")
    assert read_all(late, record, written) == len(written)
    patient.revoke(record, bad.part(record).handle)


def test_a_history_that_leaves_out_what_was_given_beside_it_is_found(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    patient, _, bad, record, written = scene
    part = bad.part(record)
    before = rotating.all_epochs(part, part.seat().epoch)
    rotate_giving_less(part, monkeypatch)
    written += bad.append(record, NOTE)
    made = next_epoch(before, part.line.binding(record, before.epoch + 1))
    monkeypatch.setattr(rotating, "all_epochs", lambda *_: made.ring)
    rotate_with(part, lambda _, to, __: next_epoch(before, to), monkeypatch)
    monkeypatch.undo()
    assert patient.mend_past(record)
    late = joined(network, patient, record, "Late")
    assert read_all(late, record, written) == len(written)


def false_rings(ring: AllEpochs, entry: bytes) -> list[Keyring]:
    return [
        from_now_on(ring),
        SingleEntries((EntryGrant(entry, JUNK),)),
        AllEpochs(ring.epoch, ring.epoch_key, JUNK),
    ]


@pytest.mark.parametrize("which", range(3))
def test_a_worse_keyring_takes_no_better_ones_place(scene, which) -> None:
    _, ann, bad, record, written = scene
    ring = rotating.all_epochs(bad.part(record), bad.part(record).seat().epoch)
    false = false_rings(ring, written[0])[which]
    give(bad.part(record), ann.part(record).handle, false)
    ann.part(record).ring = None
    assert read_all(ann, record, written) == len(written)
    assert not ann.mend_past(record)
    rotating.rotate(ann.part(record))


def test_what_nobody_may_start_is_not_mended(
    scene, network: LocalNetwork, monkeypatch
) -> None:
    patient, _, bad, record, written = scene
    guest = network.practitioner("Dr. Guest")
    offer = Offer("practitioner", ("read",), OnlyEntries((written[0],)), 0, 0)
    patient.invite(record, network.listing(guest), offer)
    guest.accept(guest.inbox(network.office_of(guest))[0])
    rotate_with(bad.part(record), rubbish, monkeypatch)
    assert not guest.mend_past(record)


def test_what_mends_is_more_than_the_newest_keyring() -> None:
    old, new = AllEpochs(0, JUNK, JUNK), AllEpochs(1, JUNK, JUNK)
    assert not Start(new, (), new).mends
    assert Start(old, (), new).mends
    assert Start(new, (EpochKey(2, JUNK),), new).mends
