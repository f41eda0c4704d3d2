"""A holder that rotates as often as it may: nobody else's keys get too long to send."""

import msgspec
import pytest

from careledger.client.part import refresh
from careledger.client.practitioner import Practitioner
from careledger.client.session_problems import NotWhatWasAsked
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import Rewrap, Rotate
from careledger.ledger.actions.referral import AllEpochs, Offer
from careledger.ledger.refusals.records import TooManyEpochs
from careledger.ledger.workflows.rotation import EPOCHS_A_DAY
from careledger.local import LocalNetwork
from careledger.node import key_answers
from careledger.node import questions as ask
from careledger.node.answers import HoldersAnswer, KeysAnswer
from careledger.node.key_answers import PAGE_BYTES
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing.padding import BODY_LIMIT
from tests.client.lying import altered, lying

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
LARGEST_EPOCH = 2 * BODY_LIMIT * 2


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture
def scene(network: LocalNetwork):
    doctor, patient = network.practitioner("Dr. Ann"), network.patient()
    record = patient.register(network.joining()).record
    offer = Offer("practitioner", ("read", "write"), AllEpochs(), 0, 0)
    patient.invite(record, network.listing(doctor), offer)
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    return patient, doctor, record


def page_of(recipient: bytes, junk: int) -> bytes:
    """Return a page that is all one wrap, as large as a body may be."""
    wrap = (recipient, bytes([junk]) * (BODY_LIMIT - 64))
    return (encode((wrap,)) + b"\x80").ljust(BODY_LIMIT, b"\0")


def rotate_junk(doctor: Practitioner, record: bytes, recipient: bytes) -> None:
    """Start an epoch with the largest history and wrap that bodies have room for."""
    part = doctor.part(record)
    found = part.line.ask(part.keys.signing, ask.Holders(), HoldersAnswer)
    numbers = tuple(one.number for one in found.holders)
    wraps = tuple(sha256(bytes([number])) for number in (*numbers, 255))
    epoch = found.epoch + 1
    action = Rotate(0, epoch, sha256(bytes([epoch])), numbers, wraps, ())
    bodies = [bytes([epoch]) * BODY_LIMIT, page_of(recipient, epoch)]
    part.line.act([part.keys.signing], [action], bodies)


def pages_of(part) -> list[tuple[int, KeysAnswer]]:
    """Return each page of a part's keys, with the bytes of its answer."""
    pages, after = [], -1
    while not pages or after < pages[-1][1].epoch:
        raw = part.line.fetch(part.keys.signing, ask.MyKeys(after))
        pages.append((len(raw), decode(raw, KeysAnswer)))
        after = pages[-1][1].epochs[-1].epoch
    return pages


def test_a_day_of_rotations_full_of_junk(scene) -> None:
    patient, doctor, record = scene
    [before] = patient.append(record, NOTE)
    owner = patient.part(record)
    for _ in range(EPOCHS_A_DAY):
        rotate_junk(doctor, record, owner.handle)
    with pytest.raises(TooManyEpochs):
        rotate_junk(doctor, record, owner.handle)
    pages = pages_of(owner)
    assert len(pages) > 1
    assert max(size for size, _ in pages) <= PAGE_BYTES + LARGEST_EPOCH
    epochs = [one.epoch for _, page in pages for one in page.epochs]
    assert epochs == list(range(EPOCHS_A_DAY + 1))
    wraps = [one.epoch for _, page in pages for one in page.deliveries]
    assert sorted(set(wraps)) == epochs
    refresh(owner)
    assert owner.broken
    assert patient.read(record, [before])[0].content == NOTE.content
    patient.revoke(record, doctor.part(record).handle)
    [after] = patient.append(record, NOTE)
    assert [one.content for one in patient.read(record, [before, after])] == [
        NOTE.content
    ] * 2


def test_an_epoch_has_room_for_the_wraps_of_so_many_seats(scene, monkeypatch) -> None:
    patient, doctor, record = scene
    owner, sender = patient.part(record), doctor.part(record)
    monkeypatch.setattr(key_answers, "MOST_SEATS", 0)
    page = page_of(owner.handle, 7)
    action = Rewrap(0, owner.handle, sha256(page))
    sender.line.act([sender.keys.signing], [action], [page])
    [(_, answer)] = pages_of(owner)
    assert [one.sender for one in answer.deliveries] == [owner.handle]


def test_honest_keys_are_one_page_whatever_came_before(scene) -> None:
    patient, doctor, record = scene
    patient.rotate(record)
    [(_, all_of_it)] = pages_of(doctor.part(record))
    part = doctor.part(record)
    rest = part.line.ask(part.keys.signing, ask.MyKeys(0), KeysAnswer)
    assert rest.epochs == all_of_it.epochs[1:]
    assert rest.deliveries == all_of_it.deliveries[1:]
    nothing = part.line.ask(part.keys.signing, ask.MyKeys(1), KeysAnswer)
    assert (nothing.epochs, nothing.deliveries) == ((), ())


@pytest.mark.parametrize(
    "false",
    [
        lambda _: (),
        lambda epochs: epochs[1:],
        lambda epochs: epochs + epochs,
        lambda epochs: tuple(
            msgspec.structs.replace(one, epoch=one.epoch + 2**52) for one in epochs
        ),
    ],
)
def test_pages_with_gaps_are_no_answer(scene, false) -> None:
    patient, _, record = scene
    patient.rotate(record)
    part = patient.part(record)
    with (
        lying(part.line, ask.MyKeys, altered(KeysAnswer, epochs=false)),
        pytest.raises(NotWhatWasAsked),
    ):
        refresh(part)
    refresh(part)
