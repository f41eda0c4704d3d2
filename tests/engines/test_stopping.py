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
from tests.engines.market import GENESIS, SOON, setup, transfer


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
