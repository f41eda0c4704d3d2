"""The desk: the right answer to the right key, and one answer for all others."""

import ast
from pathlib import Path

import pytest

from careledger.client.proving import prove_epochs
from careledger.client.writing import NewResource
from careledger.ledger import usage
from careledger.ledger.actions.referral import AllEpochs, Offer, OnlyEntries
from careledger.ledger.workflows import (
    emergency,
    entries,
    governance,
    records,
    registry,
    seats,
)
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node import state_keys
from careledger.node.answers import Peer, Receipt, Recorded
from careledger.node.asking import FRESH
from careledger.node.bodies import INVITATION_SIZE, wraps_on
from careledger.node.problems import NotAsked, NothingHere
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.vault.problems import NotKept

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
STRANGER = SigningKey(sha256(b"stranger"))
EVERY = [
    ask.MyTransactions(),
    ask.MySeat(),
    ask.MyRecognition(),
    ask.MyAsset(),
    ask.MyKeys(),
    ask.MyEntries(),
    ask.MyOffer(),
    ask.MyRecovery(),
    ask.MyDuty(),
    ask.MyReviews(),
    ask.Holders(),
    ask.Participants(),
    ask.OpenInvitations(),
    ask.RecordHistory(),
    ask.Statements(),
    ask.Prove(("record",)),
    ask.Prove(("seats",), numbers=(0,)),
    ask.Store(STRANGER.public, (ask.Deposit(b"e" * 16, b"blob"),)),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    """A record with an owner, a doctor, a reader of one entry, and one who left."""
    doctor, single, left = (
        network.practitioner(f"Dr. {n}") for n in ("Ann", "Bo", "Cy")
    )
    patient = network.patient()
    record = patient.register(network.joining(doctor)).record
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    [entry] = doctor.append(record, NOTE)
    one = Offer("practitioner", ("read",), seats_scope(entry), 0, 0)
    for who, offer in (
        (single, one),
        (left, Offer("practitioner", ("read",), AllEpochs(), 0, 0)),
    ):
        patient.invite(record, network.listing(who), offer)
        who.accept(who.inbox(network.office_of(who))[0])
    left.leave(record)
    patient.rotate(record)
    return patient, doctor, single, left, record, entry


def seats_scope(entry: bytes):
    return OnlyEntries((entry,))


@pytest.mark.parametrize("question", EVERY, ids=lambda q: type(q).__name__)
def test_absent_ended_and_forbidden_look_the_same(scene, question) -> None:
    patient, _, _, left, record, _ = scene
    line = patient.line
    witness = patient.history(record)[0].actions[0].witness
    assert witness
    for key in (STRANGER, left.part(record).keys.signing):
        with pytest.raises(NothingHere) as refused:
            line.fetch(key, question)
        assert str(refused.value) == str(NothingHere())


def test_who_is_no_owner_learns_nothing_of_the_others(scene) -> None:
    _, doctor, single, _, record, _ = scene
    for who in (doctor, single):
        part = who.part(record)
        for question in (
            ask.Participants(),
            ask.OpenInvitations(),
            ask.RecordHistory(),
            ask.Prove(("trail",)),
        ):
            with pytest.raises(NothingHere):
                part.line.fetch(part.keys.signing, question)
    part = single.part(record)
    for question in (
        ask.Holders(),
        ask.Statements(),
        ask.Prove(("record",)),
        ask.Prove(("plan",)),
        ask.Prove(("seats",), numbers=(1,)),
    ):
        with pytest.raises(NothingHere):
            part.line.fetch(part.keys.signing, question)


def test_nobody_sees_another_participants_handle_but_peers_owner_and_rotators(
    scene,
) -> None:
    patient, doctor, single, left, record, _ = scene
    part = single.part(record)
    questions = [
        ask.MySeat(),
        ask.MyAsset(),
        ask.MyKeys(),
        ask.MyEntries(),
        ask.MyTransactions(),
    ]
    seen = b"".join(
        part.line.fetch(part.keys.signing, question) for question in questions
    )
    for stranger in (doctor, left):
        assert stranger.part(record).handle not in seen
    assert patient.part(record).handle in seen  # its inviter


def test_a_wrap_page_is_cut_apart(scene) -> None:
    patient, doctor, _, _, record, _ = scene
    part = doctor.part(record)
    mine = part.line.fetch(part.keys.signing, ask.MyKeys())
    recovery = patient.history(record)[0].actions[0].recovery
    assert recovery not in mine
    assert doctor.part(record).handle in mine


def test_a_party_gets_its_transactions_and_an_ended_one_its_receipts(scene) -> None:
    patient, doctor, _, left, record, _ = scene
    part = doctor.part(record)
    mine = part.line.ask(part.keys.signing, ask.MyTransactions(), tuple[Recorded, ...])
    assert len(mine) == 2  # its acceptance and its append
    gone = left.part(record)
    acts = gone.line.ask(gone.keys.signing, ask.MyReceipts(), tuple[Receipt, ...])
    assert [one.code for one in acts] == ["ok", "ok"]  # accepted, left
    assert acts[0].tx_id in {event.tx_id for event in patient.history(record)}
    nobody = patient.line.ask(STRANGER, ask.MyReceipts(), tuple[Receipt, ...])
    assert nobody == ()


def test_the_asset_forgets_who_left(scene) -> None:
    patient, doctor, single, _, record, _ = scene
    part = patient.part(record)
    peers = part.line.ask(part.keys.signing, ask.MyAsset(), tuple[Peer, ...])
    assert {one.handle for one in peers} == {
        doctor.part(record).handle,
        single.part(record).handle,
    }


def test_a_question_must_be_signed_fresh_and_new(network, scene) -> None:
    patient, *_, record, _ = scene
    part = patient.part(record)
    desk, caught = network.desk, []
    honest = part.line.transport

    class Catching:
        def __getattr__(self, name):
            return getattr(honest, name)

        def ask(self, asked):
            caught.append(asked)
            return honest.ask(asked)

    part.line.transport = Catching()
    part.seat()
    part.line.transport = honest
    [asked] = caught
    with pytest.raises(NotAsked):
        desk.answer(asked)  # replayed
    fields = {
        "key": STRANGER.public,
        "time": asked.time + 1,
        "nonce": bytes(16),
        "question": b"x",
    }
    for name, value in fields.items():
        copy = {f: getattr(asked, f) for f in asked.__struct_fields__} | {name: value}
        with pytest.raises(NotAsked):
            desk.answer(ask.Asked(**copy))
    for off in (-FRESH - 1, FRESH + 1):
        with pytest.raises(NotAsked):
            desk.answer(signed(network, STRANGER, ask.MySeat(), off))
    with pytest.raises(NotAsked):
        desk.answer(signed(network, STRANGER, (1, 2), 0))
    with pytest.raises(NothingHere):
        desk.answer(signed(network, STRANGER, ask.MySeat(), 0))


def signed(
    network: LocalNetwork, key: SigningKey, question: object, off: int
) -> ask.Asked:
    bare = ask.Asked(
        key.public,
        network.transport.time() + off,
        bytes(15) + b"n",
        encode(question),
        bytes(64),
    )
    message = ask.asked_message(network.transport.chain_id, bare)
    return ask.Asked(bare.key, bare.time, bare.nonce, bare.question, key.sign(message))


def test_the_feed_has_bodies_of_one_size_and_nothing_else(network, scene) -> None:
    page = network.desk.feed(-1)
    assert len(page.bodies) >= 3
    assert {len(body) for body in page.bodies} == {INVITATION_SIZE}
    assert network.desk.feed(page.after).bodies == ()
    assert encode(page) == encode((page.after, page.bodies))


def test_blobs_are_taken_from_writers_for_their_own_custodians_only(scene) -> None:
    patient, _, single, _, record, _ = scene
    custodian = patient.part(record).seat().custodians[0]
    deposit = (ask.Deposit(b"e" * 16, b"blob"),)
    part = single.part(record)
    with pytest.raises(NotKept):
        part.line.fetch(part.keys.signing, ask.Store(custodian, deposit))
    owner = patient.part(record)
    with pytest.raises(NotKept):
        owner.line.fetch(owner.keys.signing, ask.Store(STRANGER.public, deposit))


def test_a_seat_has_its_own_epochs_of_the_day_proven(scene) -> None:
    patient, doctor, single, _, record, _ = scene
    for who in (doctor, single):
        part = who.part(record)
        mine = part.seat().number
        used = prove_epochs(part.line, part.keys.signing, record, mine).used
        patient.rotate(record)
        assert prove_epochs(part.line, part.keys.signing, record, mine).used == used
    part = patient.part(record)
    assert prove_epochs(part.line, part.keys.signing, record, 0).used >= 2
    with pytest.raises(NothingHere):
        part.line.fetch(STRANGER, ask.Prove(("epochs",)))


def test_state_keys_are_those_of_the_tables() -> None:
    expected = {
        state_keys.seat_key(b"", 0)[:1]: seats._SEATS.prefix,
        state_keys.epochs_usage_key(b"", 0)[:1]: usage._USAGE.prefix,
        state_keys.record_key(b""): records._RECORDS.prefix,
        state_keys.trail_key(b""): records._TRAILS.prefix,
        state_keys.entry_key(b"", b""): entries._ENTRIES.prefix,
        state_keys.plan_key(b""): emergency._PLANS.prefix,
        state_keys.organisation_key(b""): governance._ORGANISATIONS.prefix,
        state_keys.mailbox_key(b""): governance._MAILBOXES.prefix,
        state_keys.member_key(b""): registry._MEMBERS.prefix,
    }
    assert all(ours == theirs for ours, theirs in expected.items())


def test_what_is_no_page_of_wraps_has_none() -> None:
    assert wraps_on(b"") == []
    assert wraps_on(b"\xff" * 2048) == []


def test_the_node_is_blind() -> None:
    """Its rooms import nothing that could open what passes through."""
    root = Path(__file__).parents[2] / "src" / "careledger"
    files = [one for room in ("node", "vault") for one in (root / room).rglob("*.py")]
    assert root / "node" / "desk.py" in files
    assert root / "node" / "answers" / "seats.py" in files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += (
                [a.name for a in node.names] if isinstance(node, ast.Import) else []
            )
            for name in names:
                assert not name.startswith(
                    (
                        "careledger.sealing",
                        "careledger.client",
                        "careledger.fhir",
                        "careledger.cli",
                    )
                ), (file, name)


def test_decoding_is_strict() -> None:
    assert decode(encode(ask.MySeat()), ask.Question) == ask.MySeat()
