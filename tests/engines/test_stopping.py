"""Back-pressure, and the stop rule: a fault stops the engine before it acknowledges."""

import threading

import apsw
import pytest

from careledger.engines import committer
from careledger.engines.embedded import Engine
from careledger.engines.errors import Busy, EngineStopped, StillWaiting
from careledger.engines.pipeline import Bounds
from careledger.engines.store import Store
from careledger.ledger.envelopes import Envelope
from careledger.primitives.encoding import decode
from careledger.primitives.hashing import sha256
from tests.engines.market import GENESIS, SOON, purse_key, setup, transfer


def test_a_full_queue_says_busy(path, monkeypatch):
    gate = threading.Event()
    commit = Store.commit

    def slow(*args):
        gate.wait()
        return commit(*args)

    monkeypatch.setattr(Store, "commit", slow)
    with Engine.create(path, GENESIS, setup(bounds=Bounds(waiting=3))) as engine:
        tickets = [engine.submit(transfer()) for _ in range(3)]
        with pytest.raises(Busy):
            engine.submit(transfer(), timeout=0.05)
        with pytest.raises(StillWaiting):
            tickets[0].result(0.05)
        gate.set()
        assert [ticket.result(SOON).code for ticket in tickets] == ["ok"] * 3
        engine.submit(transfer()).result(SOON)


def test_bytes_are_bounded_too(path, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(Store, "begin", lambda self: gate.wait() and None)
    bounds = Bounds(waiting_bytes=1)
    engine = Engine.create(path, GENESIS, setup(bounds=bounds))
    ticket = engine.submit(transfer())
    with pytest.raises(Busy):
        engine.submit(transfer(), timeout=0.05)
    gate.set()
    with pytest.raises(EngineStopped):
        ticket.result(SOON)
    engine.close()


FAULTS = [MemoryError(), apsw.IOError(), apsw.FullError(), KeyError("bug")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("where", ["execute_block", "commit", "begin"])
def test_any_fault_stops_the_engine_before_it_acknowledges(
    path, monkeypatch, fault, where
):
    def broken(*args):
        raise fault

    with Engine.create(path, GENESIS, setup()) as engine:
        head = engine.query.head
        with monkeypatch.context() as patch:
            patch.setattr(
                committer if where == "execute_block" else Store, where, broken
            )
            ticket = engine.submit(transfer())
            with pytest.raises(EngineStopped):
                ticket.result(SOON)
        assert (engine.state, engine.fault) == ("stopped", fault)
        with pytest.raises(EngineStopped):
            engine.submit(transfer())
    with Engine.open(path, setup()) as engine:
        assert engine.query.head == head
        assert engine.submit(transfer()).result(SOON).code == "ok"


def test_a_fault_after_the_commit_point_loses_nothing(path, monkeypatch):
    """Persisted but reported failed: the client asks for the receipt."""
    commit = Store.commit

    def late(*args):
        commit(*args)
        raise MemoryError

    monkeypatch.setattr(Store, "commit", late)
    raw = transfer()
    with Engine.create(path, GENESIS, setup()) as engine, pytest.raises(EngineStopped):
        engine.submit(raw).result(SOON)
    monkeypatch.undo()
    with Engine.open(path, setup()) as engine:
        receipt = engine.query.receipt(sha256(decode(raw, Envelope).core))
        assert receipt is not None
        assert engine.submit(raw).result(SOON) == receipt


def test_a_fault_in_a_verifier_stops_the_engine(path, monkeypatch):
    def broken(raw):
        raise MemoryError

    monkeypatch.setattr("careledger.engines.verifiers.open_envelope", broken)
    with Engine.create(path, GENESIS, setup()) as engine, pytest.raises(EngineStopped):
        engine.submit(transfer()).result(SOON)


def test_after_close_nothing_is_taken(path):
    engine = Engine.create(path, GENESIS, setup())
    ticket = engine.submit(transfer())
    engine.close()
    assert ticket.result(0).code == "ok"
    with pytest.raises(EngineStopped):
        engine.submit(transfer())


def test_a_commit_that_was_cut_off_is_proven_to_nobody(path, monkeypatch):
    """The tree is ahead of the file then; what is proven must be on disk."""

    def broken(*args):
        raise apsw.FullError

    with Engine.create(path, GENESIS, setup()) as engine:
        before = engine.query.prove_state(purse_key(3))
        with monkeypatch.context() as patch:
            patch.setattr(Store, "_write", broken)
            with pytest.raises(EngineStopped):
                engine.submit(transfer(1, 2)).result(SOON)
        for question in (engine.query.prove_state, engine.query.state):
            with pytest.raises(EngineStopped):
                question(purse_key(1))
        assert engine.query.state(purse_key(3)) == before.proof.value


def test_a_listener_cannot_close_its_engine_and_others_still_can(path):
    engine, said = Engine.create(path, GENESIS, setup()), []

    def close(outcome):
        try:
            engine.close()
        except RuntimeError as error:
            said.append(str(error))

    engine.submit(transfer(), close).result(SOON)
    engine.close()
    assert said == ["a listener cannot close its engine"]
    Engine.open(path, setup()).close()


def test_whoever_closes_finds_it_closed_when_it_returns(path, monkeypatch):
    gate, commit = threading.Event(), Store.commit

    def slow(*args):
        gate.wait()
        return commit(*args)

    monkeypatch.setattr(Store, "commit", slow)
    engine = Engine.create(path, GENESIS, setup())
    engine.submit(transfer())
    both = [threading.Thread(target=engine.close) for _ in range(2)]
    for one in both:
        one.start()
    both[1].join(0.1)
    assert both[1].is_alive()
    gate.set()
    for one in both:
        one.join(SOON)
    Engine.open(path, setup()).close()


def test_a_start_that_fails_late_leaves_the_ledger_to_others(path, monkeypatch):
    Engine.create(path, GENESIS, setup()).close()
    with monkeypatch.context() as patch:
        patch.setattr("careledger.engines.embedded.start_verifiers", failing)
        with pytest.raises(RuntimeError):
            Engine.open(path, setup())
    Engine.open(path, setup()).close()


def failing(*args):
    raise RuntimeError("can't start new thread")
