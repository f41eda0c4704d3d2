"""A node's log may grow; a client that has seen it believes no other and no less."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.client.envelopes import seal_envelope
from careledger.client.files import write_file
from careledger.client.line import Line
from careledger.client.problems import CannotWrite, HalfWritten
from careledger.client.seen import Memory, Shown, forget
from careledger.client.session_problems import (
    BadEvidence,
    NothingSeen,
    OlderThanSeen,
    TwoHistories,
)
from careledger.client.writing import NewResource
from careledger.ledger import log
from careledger.ledger.actions.records import SetPolicy
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.primitives.checkpoints import (
    Checkpoint,
    format_checkpoint,
    sign_checkpoint,
)
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey

KEY = SigningKey(sha256(b"the log's"))
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

    def shown(self, index: int | None = None) -> Shown:
        checkpoint = Checkpoint("log.example", self.size, self.root)
        note = format_checkpoint(checkpoint, [sign_checkpoint(checkpoint, KEY)])
        return Shown(note, checkpoint, index)


LEAVES = st.lists(st.integers(0, 2), min_size=1, max_size=20)


@given(st.lists(LEAVES, min_size=1, max_size=8), st.data())
def test_only_a_log_that_continues_the_last_one_is_believed(logs, data) -> None:
    """A plain list is the model: what was believed must be its beginning."""
    memory, seen, newest = Memory(), [], 0
    for leaves in logs:
        # A real continuation as often as not: drawn lists rarely are one.
        shown = seen + leaves if data.draw(st.booleans()) else leaves
        index = data.draw(st.integers(0, len(shown) - 1))
        one = Log(shown)
        if len(shown) < len(seen) or index < newest:
            with pytest.raises(OlderThanSeen):
                memory.meet(one.shown(index), one.growth)
        elif shown[: len(seen)] != seen:
            with pytest.raises(TwoHistories):
                memory.meet(one.shown(index), one.growth)
        else:
            memory.meet(one.shown(index), one.growth)
            seen, newest = shown, index


def test_a_home_remembers_and_keeps_what_proves_two_histories(tmp_path) -> None:
    path, first, other = tmp_path / "seen", Log([1, 2, 3]), Log([1, 2, 4, 5])
    Memory(path).meet(first.shown(2), first.growth)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OlderThanSeen):  # in a later session, of an older leaf
        Memory(path).meet(first.shown(1), first.growth)
    with pytest.raises(TwoHistories) as told:
        Memory(path).meet(other.shown(), other.growth)
    place = tmp_path / "seen.conflict"
    assert str(place) in str(told.value)
    assert place.read_bytes() == first.shown().note + b"\n" + other.shown().note
    with pytest.raises(TwoHistories):
        Memory(path).meet(other.shown(), other.growth)
    longer = Log([1, 2, 3, 4])
    Memory(path).meet(longer.shown(), longer.growth)


def test_what_was_forgotten_binds_nobody(tmp_path) -> None:
    path, first, other = tmp_path / "seen", Log([1, 2, 3]), Log([4])
    with pytest.raises(NothingSeen):
        forget(path)
    Memory(path).meet(first.shown(2), first.growth)
    forget(path)
    Memory(path).meet(other.shown(0), other.growth)


@pytest.mark.parametrize("cut", [1, 40, -1])
def test_a_damaged_memory_is_named_and_says_what_to_do(tmp_path, cut: int) -> None:
    path, one = tmp_path / "seen", Log([1])
    Memory(path).meet(one.shown(0), one.growth)
    write_file(path, path.read_bytes()[:cut])
    with pytest.raises(HalfWritten, match="forget-seen"):
        Memory(path)


def test_a_full_disk_keeps_nobody_from_reading(tmp_path, monkeypatch) -> None:
    def full(path: Any, content: bytes) -> None:
        raise CannotWrite(str(path))

    path, one = tmp_path / "seen", Log([1, 2])
    monkeypatch.setattr("careledger.client.files.write_file", full)
    Memory(path).meet(one.shown(1), one.growth)
    assert not path.exists()


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
    memory = Memory(tmp_path / "seen")
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
    patient.part(record).line = Line(node, Memory(path))
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


def test_a_node_with_another_history_is_found_out(known) -> None:
    network, patient, record, path = known
    size = network.engine.query.head.size
    for grown in (0, 5):
        note = network._founding.sign_checkpoint(size + grown, sha256(b"another"))
        later(known, note, lambda old, new: (sha256(b"a"),) * 3)
        with pytest.raises(TwoHistories):
            patient.history(record)
    assert path.with_name("seen.conflict").exists()


def test_a_node_that_does_not_say_how_it_grew_proves_nothing(known) -> None:
    network, patient, record, _ = known
    network.practitioner("Dr. Later")

    def silent(old: int, new: int) -> tuple[bytes, ...]:
        raise NothingHere

    later(known, network.transport.checkpoint(), silent)
    with pytest.raises(BadEvidence):
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
