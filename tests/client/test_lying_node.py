"""A node that lies is found out: by hashes, commitments, proofs and counters."""

import msgspec
import pytest

from careledger.client.directory import open_directory
from careledger.client.rotating import circle_of
from careledger.client.session_problems import (
    BadEvidence,
    KeyMissing,
    NotWhatWasAsked,
    OlderThanSeen,
    WrapDoesNotOpen,
)
from careledger.ledger.actions.referral import AllEpochs, Offer
from careledger.ledger.history import NotComplete
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node.answers import (
    EntriesAnswer,
    Evidence,
    HoldersAnswer,
    KeysAnswer,
    ParticipantsAnswer,
    Recorded,
    SeatAnswer,
)
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing.problems import Tampered
from tests.client.lying import NOTE, SPY, altered, false_directory, lying


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    doctor = network.practitioner("Dr. Nia Holm")
    patient = network.patient()
    record = patient.register(network.joining(doctor)).record
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    [entry] = doctor.append(record, NOTE)
    return network, patient, doctor, record, entry


def test_a_changed_blob(scene) -> None:
    _, _, doctor, record, entry = scene
    flip = lambda blob: blob[:-1] + bytes([blob[-1] ^ 1])  # noqa: E731
    with lying(doctor.line, ask.Fetch, flip), pytest.raises(Tampered):
        doctor.read(record, [entry], "x")
    assert doctor.read(record, [entry], "x")[0].content == NOTE.content


def test_the_blob_of_another_entry(scene) -> None:
    _, patient, doctor, record, entry = scene
    [other] = doctor.append(record, NOTE)
    part = doctor.part(record)
    blobs = []
    with lying(part.line, ask.Fetch, lambda blob: blobs.append(blob) or blob):
        doctor.read(record, [other], "x")
    with lying(part.line, ask.Fetch, lambda _: blobs[0]), pytest.raises(Tampered):
        doctor.read(record, [entry], "x")
    assert patient.read(record, [entry])


@pytest.mark.parametrize("field", ["author", "blob", "key_commitment", "epoch"])
def test_an_entry_that_the_ledger_does_not_have_like_this(scene, field) -> None:
    network, _, doctor, record, entry = scene
    fact = network.desk.facts.entry(record, entry)
    value = getattr(fact, field)
    other = value + 1 if isinstance(value, int) else sha256(value)
    false = encode(msgspec.structs.replace(fact, **{field: other}))

    def forge(raw: bytes) -> bytes:
        said = decode(raw, Evidence)
        proofs = tuple(
            msgspec.structs.replace(p, value=false) if entry in p.key else p
            for p in said.proofs
        )
        return encode(msgspec.structs.replace(said, proofs=proofs))

    with lying(doctor.line, ask.Prove, forge), pytest.raises(BadEvidence):
        doctor.read(record, [entry], "x")


def test_a_checkpoint_that_nobody_signed(scene) -> None:
    _, _, doctor, record, entry = scene
    lie = altered(Evidence, checkpoint=lambda note: note.replace(b"local", b"other"))
    with lying(doctor.line, ask.Prove, lie), pytest.raises(BadEvidence):
        doctor.read(record, [entry], "x")


def test_a_proof_of_another_key(scene) -> None:
    _, patient, _, record, _ = scene
    lie = altered(Evidence, proofs=lambda proofs: proofs[::-1])
    with lying(patient.line, ask.Prove, lie), pytest.raises(BadEvidence):
        circle_of(patient.part(record))


def test_a_state_older_than_was_seen(scene) -> None:
    _, patient, _, record, _ = scene
    old = []
    with lying(patient.line, ask.Prove, lambda raw: old.append(raw) or raw):
        patient.history(record)
    patient.append(record, NOTE)
    patient.history(record)
    with lying(patient.line, ask.Prove, lambda _: old[0]), pytest.raises(OlderThanSeen):
        patient.history(record)


def test_a_key_of_its_own_among_the_holders(scene) -> None:
    _, patient, _, record, _ = scene
    spy = lambda lines: tuple(  # noqa: E731
        msgspec.structs.replace(one, sealing_key=SPY.public) for one in lines
    )
    for lie in (
        altered(HoldersAnswer, holders=spy),
        altered(HoldersAnswer, recovery_sealing=SPY.public),
    ):
        with lying(patient.line, ask.Holders, lie), pytest.raises(KeyMissing):
            patient.rotate(record)


@pytest.mark.parametrize("shown", [b"", b"\xff" * 1216, bytes(1216)])
def test_no_node_has_an_honest_holder_passed_over(scene, shown) -> None:
    """Only who committed to junk gets junk: a node that shows some is found out."""
    _, patient, doctor, record, _ = scene
    before = patient.part(record).seat().epoch
    passed = lambda lines: tuple(  # noqa: E731
        msgspec.structs.replace(one, sealing_key=shown) for one in lines
    )
    for lie in (
        altered(HoldersAnswer, holders=passed),
        altered(HoldersAnswer, recovery_sealing=shown),
    ):
        with lying(patient.line, ask.Holders, lie):
            for act in (patient.rotate, patient.give_missed):
                with pytest.raises(KeyMissing):
                    act(record)
            with pytest.raises(KeyMissing):
                patient.rewrap(record, doctor.part(record).handle)
    assert patient.part(record).seat().epoch == before


def test_a_key_of_its_own_as_the_owners(scene) -> None:
    _, _, doctor, record, entry = scene
    lie = altered(SeatAnswer, owner_key=SPY.public)
    with lying(doctor.line, ask.MySeat, lie), pytest.raises(KeyMissing):
        doctor.read(record, [entry], "a reason that is nobody else's business")


def test_a_participant_left_out_or_described_otherwise(scene) -> None:
    _, patient, _, record, _ = scene
    lies = [
        altered(ParticipantsAnswer, seats=lambda lines: lines[:1], count=1),
        altered(ParticipantsAnswer, seats=_with(1, role="insurer")),
        altered(ParticipantsAnswer, seats=_with(1, commitment=bytes(32))),
        altered(ParticipantsAnswer, seats=_with(1, ended=5)),
        altered(ParticipantsAnswer, seats=_with(1, lapses=5)),
    ]
    for lie in lies:
        with lying(patient.line, ask.Participants, lie), pytest.raises(BadEvidence):
            patient.who_has_access(record)


def test_who_comes_between_the_answer_and_its_proof_makes_nobody_a_liar(scene) -> None:
    network, patient, _, record, _ = scene
    colleague = network.practitioner("Dr. Eli Marsh")
    patient.invite(
        record,
        network.listing(colleague),
        Offer("practitioner", ("read",), AllEpochs(), 0, 0),
    )
    [offer] = colleague.inbox(network.office_of(colleague))

    waiting = [offer]

    def meanwhile(answer: bytes) -> bytes:
        if waiting:
            colleague.accept(waiting.pop())
        return answer

    with lying(patient.line, ask.Participants, meanwhile):
        names = [one.person.name for one in patient.who_has_access(record)]
    assert "Dr. Eli Marsh" in names


def _with(number: int, **fields):
    return lambda lines: tuple(
        msgspec.structs.replace(one, **fields) if one.number == number else one
        for one in lines
    )


@pytest.mark.parametrize(
    "cut", [slice(1, None), slice(None, -1), slice(None, None, -1)]
)
def test_a_history_with_events_missing_or_out_of_order(scene, cut) -> None:
    _, patient, _, record, _ = scene

    def lie(raw: bytes) -> bytes:
        lines = decode(raw, tuple[Recorded, ...])[cut]
        places = sorted(one.position for one in lines)  # those are in order
        return encode(
            tuple(
                msgspec.structs.replace(one, position=place)
                for one, place in zip(lines, places, strict=True)
            )
        )

    with lying(patient.line, ask.RecordHistory, lie), pytest.raises(NotComplete):
        patient.history(record)


def test_a_manifest_that_was_changed_is_not_believed(scene) -> None:
    _, patient, doctor, record, _ = scene
    assert all(one.manifest for one in doctor.list_entries(record))

    def flip(manifests):
        return tuple(
            msgspec.structs.replace(
                m, bodies=tuple(b[:-1] + bytes([b[-1] ^ 1]) for b in m.bodies)
            )
            for m in manifests
        )

    with lying(patient.line, ask.MyEntries, altered(EntriesAnswer, manifests=flip)):
        assert not any(one.manifest for one in patient.list_entries(record))


def test_keys_that_the_ledger_did_not_commit_to(scene) -> None:
    _, _, doctor, record, entry = scene
    part = doctor.part(record)
    kept, part.ring, part.epochs = (part.ring, part.epochs), None, {}
    false = lambda epochs: tuple(  # noqa: E731
        msgspec.structs.replace(one, commitment=bytes(32)) for one in epochs
    )
    with (
        lying(part.line, ask.MyKeys, altered(KeysAnswer, epochs=false)),
        pytest.raises(WrapDoesNotOpen),
    ):
        doctor.read(record, [entry], "x")
    part.ring, part.epochs = kept
    part.broken = b""


def test_an_answer_that_is_none(scene) -> None:
    _, patient, _, record, _ = scene
    with (
        lying(patient.line, ask.MySeat, lambda _: b"\xc1"),
        pytest.raises(NotWhatWasAsked),
    ):
        patient.part(record).seat()
    junk = lambda raw: encode(  # noqa: E731
        tuple(
            msgspec.structs.replace(r, leaf=b"")
            for r in decode(raw, tuple[Recorded, ...])
        )
    )
    with lying(patient.line, ask.RecordHistory, junk), pytest.raises(NotWhatWasAsked):
        patient.history(record)


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("members", {"card_hash": bytes(32)}),
        ("members", {"status": "suspended"}),
        ("organisations", {"mailbox": SPY.public}),
        ("organisations", {"key": bytes(32)}),
    ],
)
def test_a_directory_with_a_false_line(scene, part, changes) -> None:
    _, patient, *_ = scene
    lie = false_directory(
        patient.line, part, lambda one: msgspec.structs.replace(one, **changes)
    )
    with lie, pytest.raises(BadEvidence):
        open_directory(patient.line)


def test_a_false_card_makes_nobody_invitable(scene) -> None:
    _, patient, *_ = scene
    lie = lambda m: msgspec.structs.replace(m, card=m.card + b"x")  # noqa: E731
    assert open_directory(patient.line)
    with false_directory(patient.line, "members", lie):
        assert open_directory(patient.line) == []
