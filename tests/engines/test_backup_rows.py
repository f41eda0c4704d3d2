"""The rows of the buckets in a backup: whole, of one moment, and put back whole."""

import threading
import time
from contextlib import closing

import apsw
import pytest

from careledger.engines.backup import back_up, restore
from careledger.engines.backup_rows import add_rows
from careledger.engines.errors import LedgerDamaged, LedgerExists, RowsLeft
from careledger.engines.head import read_head
from careledger.engines.opening import create_store, open_store
from careledger.engines.row_files import MARKER, rows_path
from careledger.engines.verify import verify_ledger
from tests.engines.market import EAGER, GENESIS, commit, move_rows, run, transfer


def restored(backup):
    """Restore a copy beside itself; return where the verified ledger stands."""
    again = backup.with_name(backup.name + "-again")
    restore(backup, again, GENESIS)
    return verify_ledger(again).head


def test_a_backup_while_rows_move_is_a_whole_ledger(path, tmp_path):
    run(path, 1)
    with closing(open_store(path, rows=EAGER)) as store:
        move_rows(store)
        while not store.head.rows.is_moving:
            commit(store, transfer())
        head = back_up(path, tmp_path / "backup")
        assert head == store.head
        move_rows(store)
    assert restored(tmp_path / "backup") == head
    names = {file.name for file in tmp_path.glob("backup-again-rows-*")}
    assert names == {f"backup-again-rows-{at}" for at in head.rows.ends}
    assert len(names) == 2


def test_backups_beside_blocks_that_move_rows_are_whole_ledgers(path, tmp_path):
    run(path, 1)
    with closing(open_store(path, rows=EAGER)) as store:

        def go_on():
            for _ in range(3):
                move_rows(store)

        thread = threading.Thread(target=go_on)
        heads = [back_up(path, tmp_path / "backup-0")]
        thread.start()
        while thread.is_alive():
            heads.append(back_up(path, tmp_path / f"backup-{len(heads)}"))
            while thread.is_alive() and store.head.height < heads[-1].height + 9:
                time.sleep(0.001)
        heads.append(back_up(path, tmp_path / f"backup-{len(heads)}"))
    assert heads[-1].rows.generation == heads[0].rows.generation + 3
    for at, head in enumerate(heads):
        assert restored(tmp_path / f"backup-{at}") == head


def test_a_backup_whose_rows_have_just_gone_begins_again(path, tmp_path, monkeypatch):
    run(path, 1)
    with closing(open_store(path, rows=EAGER)) as store:

        def slowly(cursor):
            head = read_head(cursor)
            monkeypatch.undo()
            move_rows(store)
            return head

        monkeypatch.setattr("careledger.engines.backup_rows.read_head", slowly)
        assert back_up(path, tmp_path / "backup") == store.head
    assert restored(tmp_path / "backup") == verify_ledger(path).head


def test_rows_that_go_during_a_backup_are_in_it(path, tmp_path, monkeypatch):
    run(path, 1)
    with closing(open_store(path, rows=EAGER)) as store:

        def late(copy, rows):
            move_rows(store)
            add_rows(copy, rows)

        monkeypatch.setattr("careledger.engines.backup.add_rows", late)
        head = back_up(path, tmp_path / "backup")
        assert head.rows.generation < store.head.rows.generation
    assert restored(tmp_path / "backup") == head


def test_a_backup_in_pieces(path, tmp_path, monkeypatch):
    monkeypatch.setattr("careledger.engines.backup_rows.PIECE", 100)
    run(path)
    assert back_up(path, tmp_path / "backup") == restored(tmp_path / "backup")


@pytest.mark.parametrize("left", [None, 100])
def test_a_ledger_without_all_its_rows_is_not_copied(path, tmp_path, left):
    run(path, 1)
    rows = rows_path(path, 1)
    whole = rows.read_bytes()
    rows.unlink()
    if left is not None:
        rows.write_bytes(whole[:left])
    for refused in (lambda: back_up(path, tmp_path / "backup"), lambda: run(path)):
        with pytest.raises(LedgerDamaged, match="ledger-rows-1"):
            refused()
    assert not list(tmp_path.glob("backup*"))


@pytest.mark.parametrize("stale", [MARKER, b"rows" * 10_000], ids=["short", "long"])
@pytest.mark.parametrize("generation", [1, 7])
def test_rows_of_a_lost_ledger_are_not_replaced(path, tmp_path, stale, generation):
    """That ledger may be somewhere still, and needs them."""
    run(path)
    head = back_up(path, tmp_path / "backup")
    again = tmp_path / "again"
    assert head.rows.generation == 1
    rows_path(again, generation).write_bytes(stale)
    with pytest.raises(RowsLeft):
        restore(tmp_path / "backup", again, GENESIS)
    with pytest.raises(LedgerExists):
        create_store(again, GENESIS)
    assert rows_path(again, generation).read_bytes() == stale
    rows_path(again, generation).unlink()
    restore(tmp_path / "backup", again, GENESIS)
    assert verify_ledger(again).head == head


CUTS = ["backup.place_rows", "backup_rows.sync_path", "backup._put_in_place"]


@pytest.mark.parametrize("cut", CUTS)
def test_a_restore_that_is_cut_off_is_done_again(path, tmp_path, monkeypatch, cut):
    run(path)
    head = back_up(path, tmp_path / "backup")
    places = tmp_path / "new"
    places.mkdir()

    def die(*_):
        raise OSError

    monkeypatch.setattr(f"careledger.engines.{cut}", die)
    with pytest.raises(OSError):
        restore(tmp_path / "backup", places / "ledger", GENESIS)
    assert not (places / "ledger").exists()
    rows_path(places / "ledger.new", 7).write_bytes(b"of an older attempt")
    monkeypatch.undo()
    restore(tmp_path / "backup", places / "ledger", GENESIS)
    names = {file.name for file in places.iterdir()}
    rows = f"ledger-rows-{head.rows.generation}"
    assert names == {"ledger", "ledger.lock", rows}
    assert verify_ledger(places / "ledger").head == head


DAMAGES = [
    "DROP TABLE rows_piece",
    "DELETE FROM rows_piece",
    "UPDATE rows_piece SET data=substr(data, 2)",
    "UPDATE rows_piece SET data=CAST(data || data AS BLOB)",
    "UPDATE rows_piece SET data=x'74657874'",
    "UPDATE rows_piece SET generation=generation+1",
    "DROP TABLE leaf",
    "DROP TABLE head",
    "DELETE FROM head",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_backup_with_a_part_missing_is_refused(path, tmp_path, damage):
    run(path, 1)
    back_up(path, tmp_path / "backup")
    with closing(apsw.Connection(str(tmp_path / "backup"))) as connection:
        connection.execute(damage)
    with pytest.raises(LedgerDamaged):
        restore(tmp_path / "backup", tmp_path / "again", GENESIS)
    assert [file.name for file in tmp_path.glob("again*")] == ["again.lock"]


def test_a_restored_ledger_is_no_larger_than_it_was(path, tmp_path):
    run(path)
    back_up(path, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again", GENESIS)
    with closing(apsw.Connection(str(tmp_path / "again"))) as connection:
        sql = "SELECT count(*) FROM sqlite_schema WHERE name='rows_piece'"
        assert connection.execute(sql).get == 0
        assert connection.pragma("freelist_count") == 0
        assert connection.pragma("journal_mode") == "wal"
