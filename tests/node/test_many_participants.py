"""Many who came and went, and many invitations: the owner's answers stay short."""

import msgspec
import pytest

from careledger.client.session_problems import NotWhatWasAsked
from careledger.ledger.actions.referral import AllEpochs, Invite, Offer
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node import record_answers
from careledger.node.answers import ParticipantsAnswer, Waiting
from careledger.node.history_answers import PAGE
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from tests.client.lying import altered, lying

READER = Offer("practitioner", ("read",), AllEpochs(), 0, 0)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A patient and five doctors, the last of whom has left again."""
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        patient = network.patient()
        record = patient.register(network.joining()).record
        for number in range(5):
            doctor = network.practitioner(f"Dr. {number}")
            patient.invite(record, network.listing(doctor), READER)
            doctor.accept(doctor.inbox(network.office_of(doctor))[0])
        doctor.leave(record)
        yield patient, record


def test_participants_come_in_pages(scene, monkeypatch) -> None:
    patient, record = scene
    whole = patient.who_has_access(record)
    monkeypatch.setattr(record_answers, "PAGE", 2)
    part, pages = patient.part(record), []
    with lying(part.line, ask.Participants, lambda raw: pages.append(raw) or raw):
        assert patient.who_has_access(record) == whole
    sizes = [len(decode(one, ParticipantsAnswer).seats) for one in pages]
    assert sizes == [2, 2, 2]
    assert [one.line.number for one in whole] == list(range(6))


@pytest.mark.parametrize(
    "false",
    [
        lambda _: (),
        lambda lines: lines[1:],
        lambda lines: lines + lines,
        lambda lines: lines[::-1],
    ],
    ids=["nobody", "not the first", "twice", "backwards"],
)
def test_pages_of_participants_with_gaps_are_no_answer(scene, false) -> None:
    patient, record = scene
    lie = altered(ParticipantsAnswer, seats=false)
    line = patient.part(record).line
    with lying(line, ask.Participants, lie), pytest.raises(NotWhatWasAsked):
        patient.who_has_access(record)


def test_open_invitations_come_in_pages_in_order(scene) -> None:
    patient, record = scene
    part = patient.part(record)
    keys = []
    for start in range(0, PAGE + 16, 16):
        new = [SigningKey(sha256(b"%d" % n)) for n in range(start, start + 16)]
        keys += [one.public for one in new]
        acts = [Invite(0, one, READER) for one in keys[start:]]
        part.line.act([part.keys.signing], acts, [b"invited"] * len(acts))
    raw = part.line.fetch(part.keys.signing, ask.OpenInvitations())
    first = decode(raw, tuple[Waiting, ...])
    assert len(first) == PAGE
    assert [one.invitation for one in patient.waiting(record)] == keys
    patient.withdraw(record, keys[3])
    assert [one.invitation for one in patient.waiting(record)] == keys[:3] + keys[4:]
    for false in (
        lambda lines: lines[::-1],
        lambda lines: tuple(msgspec.structs.replace(one, position=0) for one in lines),
    ):
        lie = lambda raw, false=false: encode(  # noqa: E731
            false(decode(raw, tuple[Waiting, ...]))
        )
        with (
            lying(part.line, ask.OpenInvitations, lie),
            pytest.raises(NotWhatWasAsked),
        ):
            patient.waiting(record)
