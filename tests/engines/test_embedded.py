"""The embedded engine: verdicts, back-pressure, timers, the stop rule."""

import threading
import time
from collections import Counter
from itertools import islice
from pathlib import Path

import apsw
import msgspec
import pytest

from careledger.engines import committer
from careledger.engines.clock import LARGEST_JUMP, WatchedClock, boot_clock, wall_clock
from careledger.engines.embedded import Engine
from careledger.engines.errors import (
    Busy,
    ClockJumped,
    EngineStopped,
    LedgerExists,
    LedgerInUse,
    LedgerMissing,
    StillWaiting,
)
from careledger.engines.lock import FileLock
from careledger.engines.pipeline import Bounds
from careledger.engines.stages import timed_stages
from careledger.engines.store import Store
from careledger.engines.tickets import Ticket
from careledger.ledger.actions.coin import PlaceHold
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Envelope
from careledger.ledger.log import leaf_hash, verify_consistency, verify_inclusion
from careledger.ledger.refusals.base import Expired, Malformed, WrongSignatures
from careledger.ledger.tree import verify_state_proof
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from tests.engines.market import (
    GENESIS,
    PURSES,
    Clock,
    envelope,
    purse_key,
    setup,
    transfer,
)
from tests.ledger.world import HOUR, START, genesis

SOON = 10.0


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def engine(path, clock):
    with Engine.create(path, GENESIS, setup(clock=clock)) as engine:
        yield engine


def test_a_verdict_is_on_disk_and_provable(engine):
    raw = transfer(amount=7)
    verdict = engine.submit(raw).result(SOON)
    core = decode(raw, Envelope).core
    assert verdict.tx_id == sha256(core)
    assert (verdict.code, verdict.height, verdict.position) == ("ok", 1, 1)
    query = engine.query
    assert query.receipt(verdict.tx_id) == verdict
    leaf = query.leaf(verdict.position)
    assert decode(leaf, TransactionLeaf).core == core
    head = query.head
    proof = query.prove_leaf(verdict.position, head.size)
    verify_inclusion(leaf_hash(leaf), verdict.position, head.size, proof, head.log_root)
    for payer_or_payee in PURSES[:2]:
        assert query.transactions_of(payer_or_payee.public) == [verdict.position]
    proven = query.prove_state(purse_key(1))
    verify_state_proof(proven.proof, proven.head.state_root)
    assert proven.proof.value == query.state(purse_key(1))


def test_a_refusal_has_a_leaf_and_a_void_has_none(engine):
    verdict = engine.submit(transfer(amount=10**12)).result(SOON)
    assert verdict.code == "coin.insufficient-funds"
    size = engine.query.head.size
    raw = transfer()
    tampered = decode(raw, Envelope)
    forged = encode(msgspec.structs.replace(tampered, signatures=(bytes(64),)))
    for bad, error in (
        (b"nonsense", Malformed),
        (forged, WrongSignatures),
        (transfer(valid_until=1), Expired),
    ):
        with pytest.raises(error):
            engine.submit(bad).result(SOON)
    assert engine.query.head.size == size
    assert engine.query.receipt(tampered.core) is None


def test_sent_twice_it_has_one_leaf_and_one_verdict(engine):
    raw = transfer()
    first, twin = engine.submit(raw), engine.submit(raw)
    verdict = first.result(SOON)
    assert twin.result(SOON) == verdict
    assert engine.submit(raw).result(SOON) == verdict
    assert len(engine.query.transactions_of(PURSES[0].public)) == 1


def test_a_listener_hears_the_verdict_and_cannot_stop_the_engine(engine):
    heard = []
    engine.submit(transfer(), listener=heard.append).result(SOON)
    engine.submit(b"nonsense", listener=heard.append)

    def broken(outcome):
        raise RuntimeError

    engine.submit(transfer(), listener=broken).result(SOON)
    assert heard[0].code == "ok"
    assert isinstance(heard[1], Malformed)
    assert engine.state == "running"


def test_many_submitters_lose_nothing(engine):
    verdicts: list = []

    def submit(payer):
        tickets = [engine.submit(transfer(payer, (payer + 1) % 8)) for _ in range(60)]
        verdicts.extend(ticket.result(SOON) for ticket in tickets)

    threads = [threading.Thread(target=submit, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(verdict.code for verdict in verdicts) == {"ok": 480}
    positions = {verdict.position for verdict in verdicts}
    assert len(positions) == 480
    for verdict in verdicts[::40]:
        assert engine.query.receipt(verdict.tx_id) == verdict
    times = [block.end.time for block in engine.query.blocks()]
    assert times == sorted(set(times))


def test_signatures_are_checked_alike_in_a_batch_and_alone(engine):
    """Long chunks go to a process of their own; one bad among them is found."""
    good = [transfer() for _ in range(300)]
    forged = [
        encode(msgspec.structs.replace(decode(raw, Envelope), signatures=(bytes(64),)))
        for raw in (transfer() for _ in range(30))
    ]
    mixed = [
        raw for at in range(30) for raw in (*good[at * 10 : at * 10 + 10], forged[at])
    ]
    for _ in range(3):  # the first round finds the processes still starting
        tickets = [(raw, engine.submit(raw)) for raw in mixed]
        for raw, ticket in tickets:
            if raw in forged:
                with pytest.raises(WrongSignatures):
                    ticket.result(SOON)
            else:
                assert ticket.result(SOON).code == "ok"


def test_a_restart_keeps_everything(path, clock):
    with Engine.create(path, GENESIS, setup(clock=clock)) as engine:
        verdicts = [engine.submit(transfer()).result(SOON) for _ in range(5)]
        head = engine.query.head
    with Engine.open(path, setup(clock=clock)) as engine:
        assert engine.query.head == head
        assert [engine.query.receipt(v.tx_id) for v in verdicts] == verdicts
        assert engine.submit(transfer()).result(SOON).height == head.height + 1


def test_block_time_never_stands_still_nor_goes_back(engine, clock):
    times = []
    for now in (START, START, START - HOUR, START + 1, START + 50):
        clock.now = now
        times.append(engine.submit(transfer()).result(SOON).time)
    assert times == [START + 1, START + 2, START + 3, START + 4, START + 50]


def test_a_block_is_made_when_a_timer_is_due(engine, clock):
    before = engine.query.state(purse_key(0))
    hold = PlaceHold(0, PURSES[1].public, 500, START + HOUR)
    assert engine.submit(envelope(hold, by=PURSES[0])).result(SOON).code == "ok"
    assert engine.query.state(purse_key(0)) != before
    height = engine.query.head.height
    size = engine.query.head.size
    clock.now = START + HOUR
    engine.wake()
    until = time.monotonic() + SOON
    while engine.query.head.size == size and time.monotonic() < until:
        time.sleep(0.01)
    (block,) = engine.query.blocks(size)
    assert (block.end.height, block.end.time) == (height + 1, START + HOUR)
    assert block.transactions == ()


def test_a_subscription_replays_and_then_follows(engine):
    first = engine.submit(transfer()).result(SOON)
    blocks = engine.subscribe()
    assert [block.end.height for block in islice(blocks, 2)] == [0, 1]
    second = engine.submit(transfer()).result(SOON)
    block = next(blocks)
    assert block.first == first.position + 2 == second.position
    assert decode(block.transactions[0], TransactionLeaf).code == "ok"
    assert block.next == engine.query.head.size


def test_a_subscription_ends_with_the_engine(path):
    engine = Engine.create(path, GENESIS, setup())
    heights: list[int] = []

    def follow():
        heights.extend(block.end.height for block in engine.subscribe())

    thread = threading.Thread(target=follow)
    thread.start()
    engine.submit(transfer()).result(SOON)
    while len(heights) < 2:
        pass
    engine.close()
    thread.join(SOON)
    assert not thread.is_alive()
    assert heights == [0, 1]


def test_growth_is_provable(engine):
    sizes = [engine.query.head]
    for _ in range(3):
        engine.submit(transfer()).result(SOON)
        sizes.append(engine.query.head)
    new = sizes[-1]
    for old in sizes:
        proof = engine.query.prove_growth(old.size, new.size)
        verify_consistency(old.size, old.log_root, new.size, new.log_root, proof)
        assert engine.query.root(old.size) == old.log_root


# --- back-pressure and the stop rule ---------------------------------------------


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


# --- clock, lock, files -----------------------------------------------------------


def test_a_clock_jump_is_noticed():
    wall, boot = Clock(), Clock(0)
    clock = WatchedClock(wall, boot)
    for step in (0, 1_000, LARGEST_JUMP, -LARGEST_JUMP):
        wall.now += step
        assert clock() == wall.now
    wall.now += 10**9
    boot.now += 10**9
    assert clock() == wall.now
    for jump in (LARGEST_JUMP + 1, -LARGEST_JUMP - 1):
        wall.now += jump
        with pytest.raises(ClockJumped):
            clock()
        wall.now -= jump


def test_the_clocks_run():
    assert wall_clock() > START - 10 * 365 * 24 * HOUR
    first = boot_clock()
    assert 0 < first <= boot_clock()


def test_a_second_engine_waits_and_is_refused(path, engine):
    waits = []
    with pytest.raises(LedgerInUse):
        FileLock(path, lambda: waits.append(1), patience=0.12)
    assert waits == [1]
    engine.close()
    FileLock(path, patience=0).release()


def test_a_lock_is_passed_on(path):
    lock = FileLock(path)
    waiting = threading.Event()
    threading.Thread(target=lambda: waiting.wait() and lock.release()).start()
    FileLock(path, waiting.set, patience=SOON).release()


def test_wrong_paths_leave_no_lock_behind(path):
    with pytest.raises(LedgerMissing):
        Engine.open(path, setup())
    with Engine.create(path, GENESIS, setup()):
        pass
    with pytest.raises(LedgerExists):
        Engine.create(path, GENESIS, setup())
    FileLock(path, patience=0).release()


def test_a_ticket_can_be_asked_again():
    ticket = Ticket()
    with pytest.raises(StillWaiting):
        ticket.result(0)
    ticket.settle(Malformed())
    for _ in range(2):
        with pytest.raises(Malformed):
            ticket.result(0)


# --- what is measured, and with what clock ----------------------------------------


def test_stages_are_measured_and_put_back(path):
    commit = Store.commit
    with timed_stages() as stages, Engine.create(path, GENESIS, setup()) as engine:
        for _ in range(3):
            engine.submit(transfer()).result(SOON)
    assert Store.commit is commit
    calls = {name: stage.calls for name, stage in stages.items()}
    assert calls == {
        "decode": 3,
        "verify": 3,
        "execute": 3,
        "tree": 3,
        "log": 4,
        "commit": 3,
        "sqlite": 3,
    }
    for stage in stages.values():
        assert stage.wall_ns > 0
    parts = sum(stages[name].busy_us(3) for name in ("tree", "log", "sqlite"))
    assert parts == pytest.approx(stages["commit"].busy_us(3))


def test_only_simulated_time_goes_unwatched():
    clock = Clock()
    assert setup(clock=clock).clock_of(simulated=True) is clock
    watched = setup(clock=clock, steady=Clock(0)).clock_of(simulated=False)
    clock.now += LARGEST_JUMP + 1
    with pytest.raises(ClockJumped):
        watched()


def test_a_clock_jump_stops_a_running_engine(path):
    clock = Clock()
    real = genesis(
        simulated=False, purses=tuple(sorted((k.public, 1_000) for k in PURSES))
    )
    with Engine.create(path, real, setup(clock=clock, steady=Clock(0))) as engine:
        clock.now += LARGEST_JUMP + 1
        with pytest.raises(EngineStopped):
            engine.submit(transfer()).result(SOON)
        assert isinstance(engine.fault, ClockJumped)
