"""Power cuts, full and failing disks: what was acknowledged is there afterwards."""

import random
import tempfile
from collections import Counter
from pathlib import Path

import apsw
import pytest

from careledger.engines import row_files
from careledger.engines.embedded import Engine
from careledger.engines.errors import EngineStopped
from careledger.engines.head import Head
from careledger.engines.levels import StateTree
from careledger.engines.opening import create_store, open_store
from careledger.engines.row_moves import RowLimits
from careledger.engines.store import Store
from careledger.engines.verify import verify_ledger
from tests.engines.faulty_disk import NAME, Act, FaultyDisk, staged
from tests.engines.market import GENESIS, SOON, setup, transfer
from tests.engines.test_store import append

LITTLE = RowLimits(times=1, dead=500, lap=200)
"""Rows move all the time, and index pages are written in short laps."""


def noting(disk: FaultyDisk):
    """Remove a file, and note in the diary that it is gone."""

    def remove(path: Path) -> None:
        if path.exists():
            disk.note(Act("delete", path.name))
            path.unlink()

    return remove


def changes(height: int) -> dict[bytes, bytes]:
    """Few keys that change all the time, and a new one: most rows are soon dead."""
    again = {b"\x30%d" % at: b"%d" % height for at in range(8)}
    return again | {b"\x30new %d" % height: b"new"}


def rehashed(store: Store) -> bytes:
    """The state root, worked out again from the rows."""
    tree = StateTree()
    for number, row in store.buckets.rows():
        tree.put(number, row)
    tree.rehash()
    return tree.root


@pytest.fixture
def disk():
    disk = FaultyDisk()
    yield disk
    disk.unregister()


@pytest.fixture
def lived(disk, tmp_path, monkeypatch) -> tuple[list[Act | int], dict[int, Head]]:
    """The diary of a ledger's life, with checkpoints, and its head at each height."""
    path = tmp_path / "ledger"
    heads: dict[int, Head] = {}
    monkeypatch.setattr(row_files, "remove_file", noting(disk))
    create_store(path, GENESIS, NAME).close()
    for _ in range(3):
        store = open_store(path, NAME, limit=3_000, rows=LITTLE)
        store.connection.pragma("wal_autocheckpoint", 20)
        heads[store.head.height] = store.head
        disk.acknowledged(store.head.height)
        for _ in range(6):
            append(store, 5, changes(store.head.height))
            heads[store.head.height] = store.head
            disk.acknowledged(store.head.height)
        store.close()
    return disk.diary, heads


def check_cut(diary, heads, crash: int, chance: random.Random, survive: float) -> None:
    """Stage a power cut; the ledger must start with all that was acknowledged."""
    told = max(entry for entry in diary[:crash] if isinstance(entry, int))
    with tempfile.TemporaryDirectory() as folder:
        for name, content in staged(diary, crash, chance, survive).items():
            Path(folder, name).write_bytes(content)
        store = open_store(Path(folder, "ledger"), limit=3_000, rows=LITTLE)
        assert store.head.height >= told
        expected = heads[store.head.height]
        assert store.head._replace(copied=0) == expected._replace(copied=0)
        assert store.buckets.tree.root == expected.state_root
        assert rehashed(store) == expected.state_root
        append(store, 2)
        assert store.connection.pragma("integrity_check") == "ok"
        store.close()


def cut_power(lived, cuts: int | None) -> Counter:
    diary, heads = lived
    chance = random.Random(2026)
    first = diary.index(0) + 1
    places = list(range(first, len(diary)))
    steps: Counter = Counter()
    by_step: dict[str, list[int]] = {}
    for at in places:
        if isinstance(diary[at], Act):
            by_step.setdefault(diary[at].step, []).append(at)
    for step, found in sorted(by_step.items()):
        for at in (
            found if cuts is None else chance.sample(found, min(cuts, len(found)))
        ):
            check_cut(diary, heads, at, chance, chance.choice([0.0, 0.5, 1.0]))
            steps[step] += 1
    return steps


STEPS = {"wal write", "wal sync", "ledger write", "ledger sync"}
STEPS |= {"rows write", "rows sync", "rows delete"}


def test_a_power_cut_loses_nothing_acknowledged(lived):
    steps = cut_power(lived, 6)
    print(dict(steps))
    assert set(steps) >= STEPS
    assert min(steps.values()) > 0


@pytest.mark.large
def test_a_power_cut_at_every_call_loses_nothing_acknowledged(lived):
    print(dict(cut_power(lived, None)))


def test_the_staged_disk_can_lose_what_was_not_synced(lived):
    """The negative control: without its syncs, a block is gone."""
    diary, heads = lived
    *_, before, told = (at for at, act in enumerate(diary) if isinstance(act, int))
    check_cut(diary, heads, told + 1, random.Random(1), 0.0)
    block = [act for act in diary[before + 1 : told] if act.kind != "sync"]
    lossy = [*diary[: before + 1], *block, diary[told]]
    with pytest.raises(AssertionError):
        check_cut(lossy, heads, len(lossy), random.Random(1), 0.0)


@pytest.mark.parametrize("fault", [apsw.IOError, apsw.FullError], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("step", ["wal write", "wal sync", "rows write", "rows sync"])
@pytest.mark.parametrize("call", [0, 1])
def test_a_failing_disk_stops_the_engine_and_a_restart_goes_on(
    disk, tmp_path, fault, step, call
):
    path = tmp_path / "ledger"
    told = []

    def fail(act):
        if act.step == step:
            fail.calls += 1
            if fail.calls > call:
                raise fault

    fail.calls = 0
    with Engine.create(path, GENESIS, setup(vfs=NAME)) as engine:
        told.extend(engine.submit(transfer()).result(SOON) for _ in range(3))
        disk.fault = fail
        with pytest.raises(EngineStopped):
            told.extend(engine.submit(transfer()).result(SOON) for _ in range(3))
        assert engine.state == "stopped"
        assert isinstance(engine.fault, apsw.Error)
    disk.fault = None
    with Engine.open(path, setup()) as engine:
        assert [engine.query.receipt(verdict.tx_id) for verdict in told] == told
        told.append(engine.submit(transfer()).result(SOON))
    assert verify_ledger(path).head.height >= told[-1].height
