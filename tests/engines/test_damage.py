"""What damage leaves in a ledger's file: a start, a verify, a restore name the place."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest
from msgspec import structs

from careledger.engines.backup import back_up, restore
from careledger.engines.embedded import Engine
from careledger.engines.errors import BadCopy, LedgerDamaged
from careledger.engines.index_pages import PAGES
from careledger.engines.opening import create_store, open_store
from careledger.engines.row_files import rows_path
from careledger.engines.row_moves import RowLimits
from careledger.engines.signed import begin_signed
from careledger.engines.tail import NewEntries
from careledger.engines.verify import verify_ledger
from careledger.ledger.workflows.entries import ERASURE_DELAY
from careledger.primitives.encoding import decode_any, encode
from tests.engines.clinics import Recorded, add_block
from tests.engines.market import GENESIS, commit, copy_ledger, run, setup, transfer
from tests.ledger.offices import APPLICATIONS
from tests.ledger.world import genesis


@pytest.fixture(scope="module")
def settled(tmp_path_factory) -> Path:
    """A ledger that has copied all but its last block into the B-trees."""
    path = tmp_path_factory.mktemp("settled") / "ledger"
    run(path)
    with closing(open_store(path, limit=1)) as store:
        for _ in range(3):
            commit(store, transfer(3, 4))
    return path


@pytest.fixture
def copied(settled, path) -> Path:
    copy_ledger(settled, path)
    return path


def change(path, *statements):
    """Change the file past the engine, and past the types of its columns."""
    with closing(apsw.Connection(str(path))) as connection:
        sql = "SELECT name, sql FROM sqlite_schema WHERE sql LIKE '%STRICT%'"
        strict = dict(connection.execute(sql).fetchall())
        redefine(connection, {name: loose(sql) for name, sql in strict.items()})
    with closing(apsw.Connection(str(path))) as connection:
        for statement in statements:
            connection.execute(statement)
            assert connection.changes() or statement.startswith("CREATE")
        redefine(connection, strict)


def loose(sql: str) -> str:
    return sql.replace(" STRICT,", "").replace(" STRICT", "")


def redefine(connection, definitions):
    connection.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
    for name, sql in definitions.items():
        query = "UPDATE sqlite_schema SET sql=? WHERE name=?"
        connection.execute(query, (sql, name))


# --- what a start refuses ---------------------------------------------------------

LAST = "(SELECT max(height) FROM {})"
STARTS = [
    ("UPDATE head SET id=1", "head"),
    ("UPDATE head SET value='text'", "head"),
    ("INSERT INTO head SELECT 1, value FROM head", "head"),
    ("UPDATE fact SET value=x'79' WHERE name='simulated'", "fact simulated"),
    ("UPDATE fact SET name='s' WHERE name='simulated'", "fact simulated"),
    ("UPDATE fact SET value='y' WHERE name='simulated'", "fact simulated"),
    ("INSERT INTO leaf VALUES(0, x'00')", "leaf"),
    ("INSERT INTO leaf(data) VALUES(x'00')", "leaf"),
    ("DELETE FROM leaf WHERE id=1", "leaf"),
    ("INSERT INTO block VALUES(99, 99)", "block"),
    ("UPDATE block SET leaf=9223372036854775807 WHERE height=2", "block"),
    ("UPDATE block SET leaf=-1 WHERE height=0", "block"),
    (f"UPDATE journal SET height=99 WHERE height={LAST.format('journal')}", "journal"),
    (f"DELETE FROM journal WHERE height={LAST.format('journal')}", "journal"),
    ("UPDATE journal SET changes='text'", "journal"),
    ("UPDATE journal SET changes=CAST(x'93ff9090' AS BLOB)", "journal"),
    ("UPDATE journal SET changes=CAST(x'93cd7fff9090' AS BLOB)", "journal"),
    (f"UPDATE written SET height=99 WHERE height={LAST.format('written')}", "written"),
    ("DELETE FROM written WHERE height=2", "written 3"),
    ("UPDATE written SET places='text' WHERE height=2", "written 2"),
    ("UPDATE bucket_page SET content='text' WHERE page=7053", "bucket page 7053"),
    ("CREATE TABLE more(one)", "schema"),
    ("CREATE TRIGGER t AFTER INSERT ON leaf BEGIN DELETE FROM body; END", "schema"),
]


@pytest.mark.parametrize(("damage", "place"), STARTS)
def test_a_start_names_what_is_not_as_it_was_written(copied, damage, place):
    change(copied, damage)
    with pytest.raises(LedgerDamaged) as caught:
        Engine.open(copied, setup())
    assert caught.value.detail.startswith(place)


@pytest.mark.parametrize("copied_up_to", [2**63, 2**64 - 1, -1])
def test_a_start_knows_no_journal_beyond_the_blocks(copied, copied_up_to):
    with closing(open_store(copied)) as store:
        put_head(copied, store.head._replace(copied=copied_up_to))
    with pytest.raises(LedgerDamaged, match="head"):
        open_store(copied)


def test_a_start_that_fails_closes_the_file(copied):
    change(copied, "DELETE FROM fact WHERE name='simulated'")
    with pytest.raises(LedgerDamaged) as caught:
        open_store(copied)
    assert not [one for one in apsw.connections() if one.filename == str(copied)]
    assert caught.value.detail == "fact simulated"


def test_rows_must_be_a_file_of_their_own(copied, tmp_path):
    rows = rows_path(copied, 1)
    moved = rows.rename(tmp_path / "elsewhere")
    rows.symlink_to(moved)
    with pytest.raises(LedgerDamaged, match="ledger-rows-1"):
        open_store(copied)
    rows.unlink()
    rows.mkdir()
    with pytest.raises(LedgerDamaged, match="ledger-rows-1"):
        open_store(copied)


def flip(path, at, to):
    """Put another byte into the file; the write-ahead log has been written back."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([to]))


@pytest.mark.parametrize(("at", "to"), [(0, 0), (18, 7), (19, 7), (47, 9), (59, 7)])
def test_a_header_that_is_no_ledgers(copied, at, to):
    flip(copied, at, to)
    with pytest.raises(LedgerDamaged):
        open_store(copied)


def test_a_missing_permission_is_no_damage(copied, monkeypatch):
    flip(copied, 18, 7)  # SQLite takes it for a file that may only be read
    monkeypatch.setattr("os.access", lambda *_: False)
    open_store(copied).close()


def test_a_file_that_cannot_be_opened_is_no_damage(copied, monkeypatch):
    def refused(*_):
        raise apsw.CantOpenError

    monkeypatch.setattr("careledger.engines.opening.open_database", refused)
    with pytest.raises(apsw.CantOpenError):
        open_store(copied)


def test_a_full_disk_is_no_damage(copied, monkeypatch):
    def full(*_):
        raise apsw.FullError

    monkeypatch.setattr("careledger.engines.verify.create_store", full)
    with pytest.raises(apsw.FullError):
        verify_ledger(copied)


@pytest.mark.parametrize("damage", ["DELETE FROM tile", "UPDATE tile SET hashes=x''"])
def test_a_signed_log_without_its_tiles_is_damaged(copied, damage):
    begin_signed(copied)
    with Engine.open(copied, setup()) as engine:
        engine.checkpoint(lambda size, root: b"note")
    change(copied, damage)
    with pytest.raises(LedgerDamaged, match="tile"):
        Engine.open(copied, setup())


# --- what a verify finds ----------------------------------------------------------

FOUND = [
    (
        "UPDATE leaf SET data=CAST(data AS TEXT) WHERE id=2",
        "file: non-BLOB value in leaf",
    ),
    ("UPDATE body SET hash='text' WHERE id=1", "file: non-BLOB value in body"),
    (
        (
            "UPDATE party_index SET entry='text' WHERE entry=("
            "SELECT min(entry) FROM party_index)"
        ),
        "file: non-BLOB value in party_index",
    ),
    ("INSERT INTO fact VALUES('more', x'00')", "fact more"),
    ("UPDATE fact SET value=x'00' WHERE name='genesis'", "fact genesis"),
    ("DELETE FROM body WHERE id=1", "body"),
    (
        "UPDATE body SET hash=CAST(substr(hash, 1, 37) || x'40' AS BLOB) WHERE id=1",
        "body",
    ),
    (
        (
            "INSERT INTO body(hash, data) VALUES(unhex('e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855000000000000'), x'')"
        ),
        "body e3b0c442",
    ),
]


@pytest.mark.parametrize(("damage", "place"), FOUND)
def test_a_verify_names_what_replay_does_not_make_again(copied, damage, place):
    change(copied, damage)
    with pytest.raises(LedgerDamaged) as caught:
        verify_ledger(copied)
    assert caught.value.detail.startswith(place)


def test_a_verify_finds_what_only_pages_tell(copied):
    """The count of cells of an index that no comparison reads."""
    with closing(apsw.Connection(str(copied))) as connection:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name='sqlite_autoindex_block_1'"
        page = connection.execute(sql).get
    flip(copied, (page - 1) * 4096 + 1, 8)
    with pytest.raises(LedgerDamaged, match="file"):
        verify_ledger(copied)


@pytest.mark.parametrize(("wrong", "at"), [("page", 1), ("lap", PAGES // 2)])
def test_a_verify_finds_another_lap_than_the_pages(copied, wrong, at):
    """Nothing is wrong yet: the lap after the next would forget what it must know."""
    with closing(open_store(copied, rows=RowLimits(lap=64))) as store:
        while store.head.rows.lap < 9 or store.head.rows.page < at:
            commit(store, transfer(store.head.height % 16))
        head = store.head
    assert head.rows.indexed < head.rows.lap
    verify_ledger(copied)
    value = PAGES - 1 if wrong == "page" else head.height
    put_head(copied, head._replace(rows=head.rows._replace(**{wrong: value})))
    open_store(copied).close()
    with pytest.raises(LedgerDamaged, match="head"):
        verify_ledger(copied)


def put_head(path, head):
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE head SET value=?", (encode(head),))


def test_an_erased_body_that_is_back_is_found(path):
    c = Recorded()
    chart = c.open()
    c.open("another")
    c.must(c.act(c.entry(chart, "a"), by=[chart.owner], bodies=(b"manifest",)))
    c.erase(chart)
    c.wait(ERASURE_DELAY)
    every = "SELECT hash, data FROM body ORDER BY id"
    with closing(create_store(path, genesis(organisations=APPLICATIONS))) as store:
        for at, envelopes in c.blocks:
            before = store.connection.execute(every).fetchall()
            add_block(store, at, envelopes)
        left = store.connection.execute(every).fetchall()
    gone = [row for row in before if row not in left]
    assert gone
    assert left
    assert verify_ledger(path).bodies == len(left)
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("INSERT INTO body(hash, data) VALUES(?,?)", gone[0])
    with pytest.raises(LedgerDamaged, match=f"body {gone[0][0].hex()}"):
        verify_ledger(path)


# --- what a restore refuses -------------------------------------------------------

COPIES = [
    "UPDATE leaf SET data=data || x'00' WHERE id=2",
    "UPDATE leaf SET data=CAST(data || x'00' AS BLOB) WHERE id=2",
    "UPDATE leaf SET data=CAST('text' AS BLOB) WHERE id=1",
    "UPDATE tile SET hashes=CAST(hashes || x'00' AS BLOB)",
    "UPDATE tile SET hashes=CAST(substr(hashes, 2) || x'00' AS BLOB)",
    "INSERT INTO tile VALUES(1, x'00')",
    "DELETE FROM tile",
    (
        "UPDATE party_index SET entry='text' WHERE entry=("
        "SELECT min(entry) FROM party_index)"
    ),
]


@pytest.mark.parametrize("damage", COPIES)
def test_a_copy_whose_log_is_not_that_of_its_head_is_refused(copied, tmp_path, damage):
    copy = tmp_path / "copy"
    back_up(copied, copy)
    change(copy, damage)
    with pytest.raises(BadCopy):
        restore(copy, tmp_path / "again", GENESIS)
    assert [file.name for file in tmp_path.glob("again*")] == ["again.lock"]


FIRST = "substr(entry, 33)=x'000000000001'"
CONTENTS = [
    (f"DELETE FROM transaction_index WHERE {FIRST}", "transaction index "),
    ("INSERT INTO transaction_index VALUES(zeroblob(38))", "transaction index"),
    (f"DELETE FROM party_index WHERE {FIRST}", "party index "),
    ("UPDATE body SET data=x'00' WHERE id=1", "body "),
    (
        "UPDATE body SET hash=CAST(substr(hash, 1, 37) || x'40' AS BLOB) WHERE id=1",
        "body",
    ),
    ("DELETE FROM body", "body "),
    (
        (
            "INSERT INTO body(hash, data) SELECT"
            " CAST(substr(hash, 1, 32) || x'000000000000' AS BLOB), data"
            " FROM body WHERE id=1"
        ),
        "body",
    ),
    ("DELETE FROM ordered_key", "ordered key "),
    ("INSERT INTO ordered_key VALUES(x'10ff')", "ordered key"),
    ("DELETE FROM block WHERE height=1", "block 1"),
    ("UPDATE block SET height=-height WHERE height IN (1, 2)", "block"),
]


@pytest.mark.parametrize(("damage", "place"), CONTENTS)
def test_a_copy_whose_indexes_or_bodies_are_not_its_logs_is_refused(
    copied, tmp_path, damage, place
):
    copy = tmp_path / "copy"
    back_up(copied, copy)
    change(copy, damage)
    with pytest.raises(BadCopy) as refused:
        restore(copy, tmp_path / "again", GENESIS)
    assert refused.value.__cause__.detail.startswith(place)


def test_a_copy_whose_journal_has_more_than_its_log_is_refused(copied, tmp_path):
    copy = tmp_path / "copy"
    back_up(copied, copy)
    with closing(apsw.Connection(str(copy))) as connection:
        sql = "SELECT height, changes FROM journal ORDER BY height DESC"
        height, changes = connection.execute(sql).fetchone()
        last = decode_any(changes, NewEntries)
        more = structs.replace(
            last, tx_ids=[*last.tx_ids, bytes(32)], parties=[*last.parties, ()]
        )
        sql = "UPDATE journal SET changes=? WHERE height=?"
        connection.execute(sql, (encode(more), height))
    with pytest.raises(BadCopy) as refused:
        restore(copy, tmp_path / "again", GENESIS)
    assert refused.value.__cause__.detail == "transaction index"


def test_a_copy_with_another_root_of_its_log_is_refused(copied, tmp_path):
    head = back_up(copied, tmp_path / "copy")
    put_head(tmp_path / "copy", head._replace(log_root=bytes(32)))
    with pytest.raises(BadCopy):
        restore(tmp_path / "copy", tmp_path / "again", GENESIS)


def test_a_log_of_many_pieces_is_read_again(copied, tmp_path, monkeypatch):
    monkeypatch.setattr("careledger.engines.leaves._AT_ONCE", 7)
    monkeypatch.setattr("careledger.engines.columns._AT_ONCE", 7)
    with closing(open_store(copied)) as store:
        while store.head.size < 600:
            commit(store, transfer())
    head = back_up(copied, tmp_path / "copy")
    assert restore(tmp_path / "copy", tmp_path / "again", GENESIS) == head
