"""A node's log may grow; a client that has seen it believes no other and no less."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.client.envelopes import seal_envelope
from careledger.client.files import write_file
from careledger.client.line import Line
from careledger.client.opening import Policy
from careledger.client.problems import CannotRead, CannotWrite, HalfWritten
from careledger.client.seen import Memory, Shown, forget
from careledger.client.session_problems import (
    BadEvidence,
    NotContinued,
    NothingSeen,
    OlderThanSeen,
    TwoHistories,
)
from careledger.client.writing import NewResource
from careledger.ledger import log
from careledger.ledger.actions.records import SetPolicy
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.node.questions import Prove
from careledger.primitives.checkpoints import (
    Checkpoint,
    format_checkpoint,
    sign_checkpoint,
)
from careledger.primitives.hashing import sha256
from careledger.primitives.notes import ED25519, VerifierKey
from careledger.primitives.signing import SigningKey
from tests.client.lying import lying

KEY, OTHER = SigningKey(sha256(b"the log's")), SigningKey(sha256(b"another's"))
LOG_KEY = VerifierKey("log.example", ED25519, KEY.public)
NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")


class Log(dict[tuple[int, int], bytes]):
    """A log in memory: its tiles, by level and index."""

    def __init__(self, leaves: list[int]) -> None:
        hashes = [log.leaf_hash(bytes([leaf])) for leaf in leaves]
        changed, self.root = log.append(self, 0, hashes) if hashes else ({}, b"")
        self.update(changed)
        self.size = len(leaves)

    def tile(self, level: int, index: int) -> bytes:
        return self.get((level, index), b"")

    def growth(self, old: int, new: int) -> list[bytes]:
        return log.prove_consistency(self, old, new)

    def shown(self, index: int | None = None, key: SigningKey = KEY) -> Shown:
        checkpoint = Checkpoint("log.example", self.size, self.root)
        note = format_checkpoint(checkpoint, [sign_checkpoint(checkpoint, key)])
        return Shown(note, checkpoint, index)


LEAVES = st.lists(st.integers(0, 2), min_size=1, max_size=20)


@given(st.lists(LEAVES, min_size=1, max_size=8), st.data())
def test_only_a_log_that_continues_the_last_one_is_believed(logs, data) -> None:
    """A plain list is the model: what was believed must be its beginning."""
    memory, seen = Memory(LOG_KEY), []
    for leaves in logs:
        # A real continuation as often as not: drawn lists rarely are one.
        shown = seen + leaves if data.draw(st.booleans()) else leaves
        index = data.draw(st.none() | st.integers(0, len(shown) - 1))
        one = Log(shown)
        if len(shown) < len(seen) or (index is not None and index < len(seen) - 1):
            expected: type[Exception] | None = OlderThanSeen
        elif shown[: len(seen)] == seen:
            expected = None
        else:
            expected = TwoHistories if len(shown) == len(seen) else NotContinued
        if expected:
            with pytest.raises(expected):
                meet(memory, one.shown(index), one.growth)
        else:
            meet(memory, one.shown(index), one.growth)
            seen = shown


def meet(memory: Memory, shown: Shown, growth: Callable[..., Any]) -> None:
    """Ask and be shown, with nobody else in between."""
    memory.meet(shown, memory.size, growth)


def remember(path: Path) -> Memory:
    """Return the memory of a new session."""
    return Memory(LOG_KEY, path)


def test_a_home_remembers_and_keeps_what_proves_two_histories(tmp_path) -> None:
    path, first, other = tmp_path / "seen", Log([1, 2, 3]), Log([1, 2, 4])
    meet(remember(path), first.shown(2), first.growth)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == first.shown().note
    with pytest.raises(OlderThanSeen):  # in a later session, of an older leaf
        meet(remember(path), first.shown(1), first.growth)
    for _ in range(2):
        with pytest.raises(TwoHistories) as told:
            meet(remember(path), other.shown(), other.growth)
    place = tmp_path / "seen.conflict"
    assert str(place) in str(told.value)
    assert place.read_bytes() == first.shown().note + b"\n" + other.shown().note
    longer = Log([1, 2, 3, 4])
    meet(remember(path), longer.shown(), longer.growth)


def test_a_state_before_the_last_checkpoint_is_an_older_one(tmp_path) -> None:
    """A node cannot freeze the state under a log that grows."""
    path, grown = tmp_path / "seen", Log([1, 2, 3, 4, 5])
    meet(remember(path), Log([1, 2]).shown(1), grown.growth)
    meet(remember(path), grown.shown(), grown.growth)
    longer = Log([1, 2, 3, 4, 5, 6])
    with pytest.raises(OlderThanSeen):
        meet(remember(path), longer.shown(3), longer.growth)
    meet(remember(path), longer.shown(4), longer.growth)


def test_a_wrong_answer_is_no_second_history(tmp_path) -> None:
    path, grown = tmp_path / "seen", Log([1, 2, 3])
    meet(remember(path), Log([1, 2]).shown(), grown.growth)
    with pytest.raises(NotContinued, match="conflict"):
        meet(remember(path), grown.shown(), lambda old, new: [])
    meet(remember(path), grown.shown(), grown.growth)


def test_of_two_commands_at_once_the_one_that_saw_more_is_remembered(tmp_path) -> None:
    path, grown = tmp_path / "seen", Log([1, 2, 3, 4])
    meet(remember(path), Log([1]).shown(), grown.growth)
    slow, quick = remember(path), remember(path)
    since = slow.size
    meet(quick, grown.shown(), grown.growth)
    slow.meet(Log([1, 2]).shown(), since, grown.growth)  # it had asked before
    assert path.read_bytes() == grown.shown().note
    with pytest.raises(NotContinued):
        slow.meet(Log([1, 2, 7]).shown(), since, grown.growth)
    with pytest.raises(OlderThanSeen):
        meet(slow, Log([1, 2]).shown(), grown.growth)


def test_only_the_logs_own_signature_is_kept(tmp_path) -> None:
    path, one = tmp_path / "seen", Log([1])
    shown = one.shown()
    others = [SigningKey(sha256(bytes([n]))) for n in range(9)]
    lines = [sign_checkpoint(shown.checkpoint, key) for key in (*others, KEY)]
    note = format_checkpoint(shown.checkpoint, lines)
    meet(remember(path), Shown(note, shown.checkpoint), one.growth)
    assert path.read_bytes() == shown.note


def test_what_was_forgotten_binds_nobody(tmp_path) -> None:
    path, first, other = tmp_path / "seen", Log([1, 2, 3]), Log([4])
    with pytest.raises(NothingSeen):
        forget(path)
    meet(remember(path), first.shown(2), first.growth)
    forget(path)
    meet(remember(path), other.shown(0), other.growth)
    assert (tmp_path / "seen.forgotten").read_bytes() == first.shown().note
    (path.unlink(), path.mkdir(), (tmp_path / "seen.forgotten").unlink())
    forget(path)


@pytest.mark.parametrize("damage", [b"", b"x", b"log.example\n1\n", None])
def test_a_damaged_memory_is_named_and_says_what_to_do(tmp_path, damage) -> None:
    path, one = tmp_path / "seen", Log([1])
    meet(remember(path), one.shown(0), one.growth)
    # Another log's is no memory of this one.
    write_file(path, Log([1]).shown(key=OTHER).note if damage is None else damage)
    with pytest.raises(HalfWritten, match="forget-seen"):
        meet(remember(path), one.shown(0), one.growth)


def test_a_memory_that_is_no_file_is_not_taken_for_none(tmp_path) -> None:
    path, one = tmp_path / "seen", Log([1])
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(CannotRead):
        meet(remember(path), one.shown(0), one.growth)


def test_a_full_disk_keeps_nobody_from_reading(tmp_path, monkeypatch) -> None:
    def full(path: Any, content: bytes) -> None:
        raise CannotWrite(str(path))

    path, one = tmp_path / "seen", Log([1, 2])
    monkeypatch.setattr("careledger.client.seen.write_file", full)
    meet(remember(path), one.shown(1), one.growth)
    assert not path.exists()


def test_threads_that_ask_at_once_reproach_nobody() -> None:
    grown, memory = Log(list(range(50))), Memory(LOG_KEY)

    def ask(sizes: list[int]) -> int:
        for size in sizes:
            since = memory.size
            shown = Log(list(range(max(size, since)))).shown()
            memory.meet(shown, since, grown.growth)
        return memory.size

    with ThreadPoolExecutor(4) as pool:
        sizes = [list(range(n, 50, 4)) for n in range(1, 5)]
        assert max(pool.map(ask, sizes)) == memory.size == 49


class Showing:
    """A transport whose node shows a checkpoint, and how its log grew, as told."""

    def __init__(self, honest: Any, note: bytes, growth: Callable[..., Any]) -> None:
        self._honest, self._note, self.growth = honest, note, growth
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)

    def checkpoint(self) -> bytes:
        return self._note

    def ask(self, asked: Any) -> bytes:
        self.asked += 1
        return self._honest.ask(asked)


@pytest.fixture
def known(network: LocalNetwork, tmp_path):
    """A patient with a record, and the memory of what it saw."""
    patient = network.patient()
    record = patient.register(network.joining()).record
    memory = Memory(network.transport.log_key, tmp_path / "seen")
    patient.line = Line(patient.line.transport, memory)
    patient.part(record).line = patient.line
    patient.history(record)
    patient.append(record, NOTE)
    patient.history(record)
    return network, patient, record, tmp_path / "seen"


def later(known, note: bytes, growth: Callable[..., Any] | None = None) -> Showing:
    """Return the transport of the patient's next session, which begins now."""
    network, patient, record, path = known
    node = Showing(network.transport, note, growth or network.transport.growth)
    patient.part(record).line = Line(node, Memory(network.transport.log_key, path))
    return node


def test_an_honest_node_is_met_and_asked(known) -> None:
    network, patient, record, _ = known
    network.practitioner("Dr. Grown Log")
    node = later(known, network.transport.checkpoint())
    assert patient.history(record)
    assert node.asked


def test_a_node_that_went_back_is_asked_and_told_nothing(known) -> None:
    network, patient, record, _ = known
    old = network.engine.query.head.size - 1
    note = network._founding.sign_checkpoint(old, network.engine.query.root(old))
    node, before = later(known, note), network.engine.query.head.size
    for act in (lambda: patient.history(record), lambda: patient.append(record, NOTE)):
        with pytest.raises(OlderThanSeen):
            act()
    assert (node.asked, network.engine.query.head.size) == (0, before)


def test_nothing_is_handed_in_at_a_node_that_went_back(known) -> None:
    network, patient, record, _ = known
    part, old = patient.part(record), network.engine.query.head.size - 1
    paper = part.line.compose_for([part.handle], [SetPolicy(0, "deny", 0)])
    note = network._founding.sign_checkpoint(old, network.engine.query.root(old))
    later(known, note)
    before = network.engine.query.head.size
    with pytest.raises(OlderThanSeen):
        part.line.submit(seal_envelope(paper, [part.keys.signing], []))
    assert network.engine.query.head.size == before


def test_a_node_shows_the_log_that_has_what_it_acknowledged(known) -> None:
    network, patient, record, path = known
    note = network.transport.checkpoint()
    later(known, note)
    with pytest.raises(OlderThanSeen):
        patient.append(record, NOTE)
    memory = Memory(network.transport.log_key, path)
    patient.part(record).line = Line(network.transport, memory)
    patient.append(record, NOTE)
    assert path.read_bytes() == network.transport.checkpoint()


def test_a_node_that_stands_still_after_what_it_acknowledged_is_found_out(
    network: LocalNetwork,
) -> None:
    """It says that somebody was revoked, and goes on showing the state before."""
    patient = network.patient()
    record = patient.register(network.joining()).record
    shown: list[bytes] = []
    with lying(patient.line, Prove, lambda raw: shown.append(raw) or raw):
        patient.declare(record, b"one")
    patient.set_policy(record, Policy("deny"))
    with lying(patient.line, Prove, lambda _: shown[-1]), pytest.raises(OlderThanSeen):
        patient.declare(record, b"two")


def test_a_node_that_ends_after_its_word_does_not_undo_it(known, monkeypatch) -> None:
    network, patient, record, _ = known
    node = later(known, network.transport.checkpoint())

    def gone() -> bytes:
        raise NothingHere

    patient.history(record)
    monkeypatch.setattr(node, "checkpoint", gone)
    size = network.engine.query.head.size
    assert patient.append(record, NOTE)
    assert network.engine.query.head.size > size


def test_a_node_with_another_history_is_found_out(known) -> None:
    network, patient, record, path = known
    size = network.engine.query.head.size
    for grown, error in ((0, TwoHistories), (5, NotContinued)):
        note = network._founding.sign_checkpoint(size + grown, sha256(b"another"))
        later(known, note, lambda old, new: (sha256(b"a"),) * 3)
        with pytest.raises(error):
            patient.history(record)
    assert path.with_name("seen.conflict").exists()


def test_a_node_that_does_not_say_how_it_grew_proves_nothing(known) -> None:
    network, patient, record, _ = known
    network.practitioner("Dr. Later")

    def silent(old: int, new: int) -> tuple[bytes, ...]:
        raise NothingHere

    later(known, network.transport.checkpoint(), silent)
    with pytest.raises(NotContinued):
        patient.history(record)


def test_a_checkpoint_of_somebody_else_is_none(known) -> None:
    _, patient, record, _ = known
    later(known, Log([1]).shown().note)
    with pytest.raises(BadEvidence):
        patient.history(record)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 2), (1, 10**9), (-1, 2), (2**53, 2**53)])
def test_only_a_growth_that_was_is_proven(network: LocalNetwork, sizes) -> None:
    with pytest.raises(NothingHere):
        network.transport.growth(*sizes)
