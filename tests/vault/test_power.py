"""Power cuts: a vault has whatever it gave a receipt for."""

import random
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import apsw
import pytest

from careledger.errors import CareLedgerError
from careledger.vault.blobs import SMALL
from tests.vault.killed import BLOBS, ERASED, judge
from tests.vault.power import Act, Diary, Told, after_cut, lay_out, recorded
from tests.vault.world import KEEPER, WRITER, World, open_vault, put

STEPS = {
    "log add", "log write", "log sync", "log drop",
    "index add", "index write", "index sync",
    "blob write", "blob sync", "blob add", "blob drop", "blob sync names",
    "folder sync names",
}  # fmt: skip


def live(folder: Path, diary: Diary) -> None:
    """A vault's life, with restarts and checkpoints."""
    world = World()
    for entry, blob in BLOBS.items():
        with open_vault(folder, world) as vault:
            if len(blob) > SMALL:
                vault.upload(WRITER, KEEPER.public, entry, [blob])
            else:
                put(vault, entry, blob)
            diary.append(Told(entry))
            world.append(entry, blob, erased=entry in ERASED)
            if entry in ERASED:
                vault.sweep()
                diary.append(Told(b"swept " + entry))


@pytest.fixture(scope="module")
def diary(tmp_path_factory) -> Diary:
    folder = tmp_path_factory.mktemp("vault")
    hook = apsw.connection_hooks
    hook.append(lambda one: one.pragma("wal_autocheckpoint", 8))
    try:
        with recorded(folder) as diary:
            live(folder, diary)
    finally:
        hook.pop()
    return diary


def judged(diary: Diary, crash: int, chance: random.Random, survive: float):
    """Return what is wrong in the vault after a cut."""
    said = b"".join(one.what for one in diary[:crash] if isinstance(one, Told))
    with tempfile.TemporaryDirectory() as folder:
        lay_out(after_cut(diary, crash, chance, survive), Path(folder))
        try:
            return judge(Path(folder), said)
        except CareLedgerError as error:
            return [error.code]


def cut_power(diary: Diary, cuts: int | None) -> tuple[Counter, list[str]]:
    chance = random.Random(2026)
    by_step: dict[str, list[int]] = defaultdict(list)
    for at, act in enumerate(diary):
        if isinstance(act, Act):
            by_step[act.step].append(at + 1)
    steps: Counter = Counter()
    wrong: list[str] = []
    for step, found in sorted(by_step.items()):
        few = found if cuts is None else chance.sample(found, min(cuts, len(found)))
        for at in few:
            survive = chance.choice([0.0, 0.5, 1.0])
            wrong += [f"{step} {at}: {w}" for w in judged(diary, at, chance, survive)]
            steps[step] += 1
    return steps, wrong


def test_a_power_cut_loses_nothing_that_has_a_receipt(diary):
    steps, wrong = cut_power(diary, 5)
    print(dict(steps))
    assert wrong == []
    assert set(steps) >= STEPS
    assert min(steps.values()) > 0


def test_a_power_cut_right_after_a_receipt_loses_nothing(diary):
    told = [at + 1 for at, one in enumerate(diary) if isinstance(one, Told)]
    assert len(told) == len(BLOBS) + len(ERASED)
    for at in told:
        assert judged(diary, at, random.Random(at), 0.0) == []


def test_what_was_erased_is_in_no_file_after_a_cut(diary):
    """Small blobs: they are overwritten, and the log of writes is emptied."""
    [small] = [BLOBS[entry] for entry in ERASED if len(BLOBS[entry]) <= SMALL]
    told = diary.index(Told(b"swept " + ERASED[0]))
    for survive in (0.0, 0.3, 1.0):
        for at in range(told + 1, len(diary)):
            files = after_cut(diary, at, random.Random(at), survive)
            assert [name for name, raw in files.items() if small in (raw or b"")] == []


@pytest.mark.large
def test_a_power_cut_at_every_change_loses_nothing(diary):
    steps, wrong = cut_power(diary, None)
    print(dict(steps))
    assert wrong == []


@pytest.mark.parametrize("left_out", ["log sync", "blob sync", "blob sync names"])
def test_a_sync_left_out_would_be_noticed(diary, left_out):
    """The negative control: each kind of sync is needed."""
    large = next(entry for entry, blob in BLOBS.items() if len(blob) > SMALL)
    told = diary.index(Told(large))
    before = max(at for at, one in enumerate(diary[:told]) if isinstance(one, Told))
    since = [
        act
        for act in diary[before + 1 : told]
        if isinstance(act, Told) or act.step != left_out
    ]
    lossy = [*diary[: before + 1], *since, diary[told]]
    assert judged(lossy, len(lossy), random.Random(1), 0.0)
