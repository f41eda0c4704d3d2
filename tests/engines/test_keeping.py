"""Backup and restore, and erasing."""

import os
import threading
from contextlib import closing
from functools import partial

import apsw
import pytest

from careledger.engines.backup import back_up, restore
from careledger.engines.embedded import Engine
from careledger.engines.errors import (
    BadCopy,
    Forked,
    LedgerDamaged,
    LedgerExists,
    LedgerInUse,
    LedgerMissing,
    OtherLedger,
    WalLeft,
)
from careledger.engines.forgetting import forget_signed
from careledger.engines.lock import FileLock
from careledger.engines.opening import open_store
from careledger.engines.reading import Reader
from careledger.engines.verify import verify_ledger
from careledger.ledger.blocks import BlockResult, Header, TransactionLeaf
from careledger.ledger.envelopes import reopen
from careledger.ledger.state import ERASED_PREFIX
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from tests.engines.market import (
    GENESIS,
    PURSES,
    SOON,
    lose,
    lose_signed,
    note,
    run,
    setup,
    transfer,
)
from tests.ledger.world import genesis

# --- backup and restore -----------------------------------------------------------


def test_a_backup_of_a_running_engine_is_a_whole_ledger(path, tmp_path):
    with Engine.create(path, GENESIS, setup()) as engine:
        over = threading.Event()

        def submit():
            while not over.is_set():
                engine.submit(transfer()).result(SOON)

        thread = threading.Thread(target=submit)
        thread.start()
        heads = [engine.backup(tmp_path / f"backup-{at}") for at in range(3)]
        over.set()
        thread.join()
    for at, head in enumerate(heads):
        restore(tmp_path / f"backup-{at}", tmp_path / f"again-{at}", GENESIS)
        assert verify_ledger(tmp_path / f"again-{at}").head == head


def test_a_restored_ledger_goes_on(path, tmp_path):
    run(path)
    head = back_up(path, tmp_path / "backup")
    assert restore(tmp_path / "backup", tmp_path / "again", GENESIS) == head
    forget_signed(tmp_path / "again")
    run(tmp_path / "again")
    assert verify_ledger(tmp_path / "again").head.height > head.height


def test_nothing_is_restored_under_a_running_node(path, tmp_path, monkeypatch):
    """Its ledger was moved away; it goes on writing there."""
    soon = partial(FileLock, patience=0.1)
    monkeypatch.setattr("careledger.engines.backup.FileLock", soon)
    away, waited = tmp_path / "away", []
    away.mkdir()
    with Engine.create(path, GENESIS, setup()) as engine:
        engine.backup(tmp_path / "copy")
        for file in [path, *path.parent.glob("ledger-*")]:
            file.rename(away / file.name)
        with pytest.raises(LedgerInUse):
            restore(tmp_path / "copy", path, GENESIS, lambda: waited.append(1))
        assert engine.submit(transfer()).result(SOON).code == "ok"
    assert waited == [1]
    assert not path.exists()
    restore(tmp_path / "copy", path, GENESIS)
    verify_ledger(path)


def test_a_backup_older_than_the_checkpoint_is_not_restored(path, tmp_path):
    run(path)
    back_up(path, tmp_path / "backup")
    with Engine.open(path, setup()) as engine:
        engine.submit(transfer()).result(SOON)
        engine.checkpoint(note)
    lose(path)
    with pytest.raises(Forked):
        restore(tmp_path / "backup", path, GENESIS)
    assert not path.exists()
    lose_signed(path)
    restore(tmp_path / "backup", path, GENESIS)


def test_backups_overwrite_nothing(path, tmp_path):
    with pytest.raises(LedgerMissing):
        back_up(path, tmp_path / "backup")
    for no_copy in (tmp_path / "backup", tmp_path):
        with pytest.raises(BadCopy):
            restore(no_copy, path, GENESIS)
    run(path, 1)
    back_up(path, tmp_path / "backup")
    with pytest.raises(LedgerExists):
        back_up(path, tmp_path / "backup")
    with pytest.raises(LedgerExists):
        restore(tmp_path / "backup", path, GENESIS)


@pytest.mark.parametrize("content", [b"not a ledger" * 400, b""])
def test_a_damaged_backup_is_refused(path, tmp_path, content):
    (tmp_path / "backup").write_bytes(content)
    with pytest.raises(LedgerDamaged):
        restore(tmp_path / "backup", path, GENESIS)
    assert not path.exists()


def test_a_backup_of_another_network_is_not_restored(path, tmp_path):
    run(path, 1)
    back_up(path, tmp_path / "backup")
    other = genesis(name="other.example/careledger")
    with pytest.raises(OtherLedger):
        restore(tmp_path / "backup", tmp_path / "again", other)
    assert [file.name for file in tmp_path.glob("again*")] == ["again.lock"]


def test_a_copy_with_another_start_than_its_log_is_damaged(path, tmp_path):
    run(path, 1)
    copy = tmp_path / "backup"
    back_up(path, copy)
    with closing(apsw.Connection(str(copy))) as connection:
        other = genesis(name="other.example/careledger")
        connection.execute("UPDATE fact SET value=? WHERE name='genesis'", (other,))
    with pytest.raises(BadCopy):
        restore(copy, tmp_path / "again", GENESIS)


def test_a_write_ahead_log_of_the_lost_ledger_meets_no_copy(path, tmp_path):
    run(path, 1)
    back_up(path, tmp_path / "backup")
    with Engine.open(path, setup()) as engine:
        engine.submit(transfer()).result(SOON)
        stale = path.with_name("ledger-wal").read_bytes()
    lose(path)
    path.with_name("ledger-wal").write_bytes(stale)
    with pytest.raises(WalLeft):
        restore(tmp_path / "backup", path, GENESIS)
    assert path.with_name("ledger-wal").read_bytes() == stale
    path.with_name("ledger-wal").write_bytes(b"")
    path.with_name("ledger.new-wal").write_bytes(stale)  # a restore was cut off
    head = restore(tmp_path / "backup", path, GENESIS)
    assert verify_ledger(path).head == head


def test_who_verifies_is_told_that_it_waits(path):
    run(path, 1)
    told = []

    def on_wait():
        told.append(1)
        engine.close()

    engine = Engine.open(path, setup())
    verify_ledger(path, on_wait=on_wait)
    assert told == [1]


# --- erasing ----------------------------------------------------------------------


def test_an_erased_body_is_not_back_after_a_power_loss(path, monkeypatch):
    """SQLite cuts its log of writes and does not sync the cut: we do."""
    seen = []

    def watched(file, step=os.fsync):
        seen.append((os.fstat(file).st_ino, os.fstat(file).st_size))
        step(file)

    run(path, 1)
    log = path.with_name("ledger-wal")
    with closing(open_store(path)) as store:
        monkeypatch.setattr(os, "fsync", watched)
        erase(store, PURSES[0].public)
        assert seen == [(log.stat().st_ino, 0)]


def erase(store, of):
    """Make a block that erases the bodies of an id."""
    head, before = store.head, store.begin()
    result = BlockResult(diff={ERASED_PREFIX + of: encode(head.time)})
    header = Header(head.height + 1, head.time + 1, head.log_root)
    store.commit(header, result, before)


def test_a_name_that_is_no_hash_is_nobodys_body(path):
    with Engine.create(path, GENESIS, setup()) as engine:
        engine.submit(transfer(bodies=(b"a body",))).result(SOON)
        assert engine.query.body(sha256(b"a body")) == b"a body"
        assert engine.query.body(b"") is None
        assert engine.query.body(sha256(b"a body")[:31]) is None


def test_an_erased_record_takes_the_bodies_of_its_transactions_along(path, tmp_path):
    """The ledger names an id in a diff; the store drops what is indexed under it."""
    canary = b"sealed canary " * 400
    with Engine.create(path, GENESIS, setup()) as engine:
        verdict = engine.submit(transfer(bodies=(canary,))).result(SOON)
        leaf = decode(engine.query.leaf(verdict.position), TransactionLeaf)
        party = reopen(leaf.core, leaf.signatures).content.signers[0]
    with closing(open_store(path)) as store:
        erase(store, party)
        reader = Reader(store, path)
        assert reader.body(sha256(canary)) is None
        reader.close()
        assert not any(canary[:14] in file.read_bytes() for file in tmp_path.iterdir())


def test_an_erased_record_takes_nothing_from_others_who_sent_the_same_bytes(path):
    body = b"known to two records"
    with Engine.create(path, GENESIS, setup()) as engine:
        engine.submit(transfer(0, bodies=(body,))).result(SOON)
        verdict = engine.submit(transfer(1, 0, bodies=(body,))).result(SOON)
    thief = b"thief".ljust(32)
    assert verify_ledger(path).bodies == 2
    with closing(open_store(path)) as store:
        store.tail.young.parties[thief] = [verdict.position]
        erase(store, thief)
        reader = Reader(store, path)
        assert reader.body(sha256(body)) == body
        count = "SELECT count(*) FROM body"
        assert store.connection.execute(count).get == 1
        reader.close()
