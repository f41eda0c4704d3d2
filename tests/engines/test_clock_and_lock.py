"""What an engine stands on: clocks, the lock, files, and what is measured."""

import subprocess
import sys
import threading

import pytest

from careledger.engines.clock import LARGEST_JUMP, WatchedClock, boot_clock, wall_clock
from careledger.engines.embedded import Engine
from careledger.engines.errors import (
    ClockJumped,
    EngineStopped,
    LedgerExists,
    LedgerInUse,
    LedgerMissing,
    StillWaiting,
)
from careledger.engines.lock import FileLock
from careledger.engines.stages import timed_stages
from careledger.engines.store import Store
from careledger.engines.tickets import Ticket
from careledger.ledger.refusals.base import Malformed
from tests.engines.market import GENESIS, PURSES, SOON, Clock, setup, transfer
from tests.ledger.world import HOUR, START, genesis

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
    assert waiting.is_set(), "it was free before it was passed on"


FORKED = """
import os, signal, sys
from pathlib import Path
from careledger.engines.lock import FileLock

lock = FileLock(Path(sys.argv[1]))
if os.fork():
    signal.pause()
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
if sys.argv[2] == "release":
    lock.release()
try:
    os.write(1, b"%d bytes\\n" % os.fstat(file).st_size)
except OSError:
    os.write(1, b"closed\\n")
sys.stdin.buffer.read()
"""


@pytest.mark.parametrize("word", ["keep", "release"])
def test_a_child_holds_no_lock_after_its_parent_has_died(path, word):
    with subprocess.Popen(
        [sys.executable, "-c", FORKED, str(path), word],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as parent:
        try:
            assert parent.stdout.readline() == b"0 bytes\n"
            with pytest.raises(LedgerInUse):
                FileLock(path, patience=0)
        finally:
            parent.kill()
        parent.wait(SOON)
        FileLock(path, patience=0).release()


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
    Engine.create(path, GENESIS, setup()).close()
    with timed_stages() as stages, Engine.open(path, setup()) as engine:
        for _ in range(3):
            engine.submit(transfer()).result(SOON)
    assert Store.commit is commit
    calls = {name: stage.calls for name, stage in stages.items()}
    assert calls == {
        "decode": 3,
        "verify": 3,
        "execute": 3,
        "tree": 3,
        "log": 3,
        "index": 3,
        "commit": 3,
        "sqlite": 3,
    }
    for stage in stages.values():
        assert stage.wall_ns > 0
    parts = sum(stages[name].busy_us(3) for name in ("tree", "log", "index", "sqlite"))
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
