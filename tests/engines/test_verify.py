"""Checking a ledger from genesis: whatever was changed is found and named."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from careledger.engines.errors import LedgerDamaged
from careledger.engines.index_pages import PAGE, PAGES
from careledger.engines.opening import open_store
from careledger.engines.row_files import HEAD, MARKER, RowFiles, rows_path
from careledger.engines.verify import verify_ledger
from careledger.ledger.tree import bucket_of, key_hash
from careledger.primitives.encoding import encode
from tests.engines.market import EAGER, commit, copy_ledger, move_rows, run, transfer


def test_a_sound_ledger_is_verified(path):
    run(path)
    seen = []
    verified = verify_ledger(path, lambda done, total: seen.append((done, total)))
    assert verified.transactions == 13
    assert verified.bodies == 12  # each transaction has its own copy
    assert seen[-1] == (verified.head.height, verified.head.height)


UNCHANGED = bucket_of(key_hash(b"\x00"))
"""The bucket of the chain id: no block touches it."""

FLIPS = [
    ("leaf", "data", "id=1", "log leaf 0"),
    ("leaf", "data", "id=2", "log leaf 1"),
    ("leaf", "data", "id=(SELECT max(id) FROM leaf)", "log leaf"),
    ("tile", "hashes", "id=0", "tile 0"),
    (
        "transaction_index",
        "entry",
        "entry=(SELECT max(entry) FROM transaction_index)",
        "transaction index",
    ),
    (
        "party_index",
        "entry",
        "entry=(SELECT max(entry) FROM party_index)",
        "party index",
    ),
    ("ordered_key", "key", "1", "ordered key"),
    ("body", "data", "id=1", "body"),
    ("block", "leaf", "height=1", ""),
    ("head", "value", "1", ""),
]


@pytest.fixture(scope="module")
def settled(tmp_path_factory) -> Path:
    """A ledger that has copied all but its last block into the B-trees."""
    path = tmp_path_factory.mktemp("settled") / "ledger"
    run(path)
    store = open_store(path, limit=1)
    for _ in range(3):
        commit(store, transfer(3, 4))
    store.close()
    verify_ledger(path)
    return path


@pytest.mark.parametrize("spot", FLIPS, ids=lambda spot: f"{spot[0]}-{spot[3]}")
@pytest.mark.parametrize("where", [0.0, 0.9])
def test_a_flipped_byte_is_found_and_its_place_named(settled, path, spot, where):
    table, column, row, place = spot
    copy_ledger(settled, path)
    flip(path, table, column, row, lambda value: int(where * len(value)))
    with pytest.raises(LedgerDamaged) as caught:
        verify_ledger(path)
    assert place in caught.value.detail


def flip(path, table, column, row, where):
    """Flip a bit of a cell: in the byte that `where` gives, or of the number."""
    with closing(apsw.Connection(str(path))) as connection:
        sql = f"SELECT {column} FROM {table} WHERE {row}"
        value = connection.execute(sql).get
        value = flipped(value, where(value)) if isinstance(value, bytes) else value + 1
        connection.execute(f"UPDATE {table} SET {column}=? WHERE {row}", (value,))


def flipped(value: bytes, at: int) -> bytes:
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


# --- rows, and where they are -----------------------------------------------------


@pytest.fixture
def copied(settled, path) -> Path:
    copy_ledger(settled, path)
    return path


@pytest.mark.parametrize("at", [0, 3, 4, 6, 7, 8, 11, 20, -17, -1])
def test_a_flipped_byte_of_a_row_or_before_it_is_found(copied, at):
    place, size = record_of(copied, UNCHANGED)
    file = rows_path(copied, 1)
    file.write_bytes(flipped(file.read_bytes(), place + at % size))
    with pytest.raises(LedgerDamaged, match="bucket"):
        verify_ledger(copied)


def record_of(path, number):
    """Return where the only record of a bucket begins, and its size."""
    with closing(RowFiles(path, None)) as files:
        end = rows_path(path, 1).stat().st_size
        files.open(1, end)
        records = files.records(1, len(MARKER), end)
        (found,) = [record for record in records if record.number == number]
        return found.place >> 1, HEAD.size + len(found.row)


HASH_AT = UNCHANGED % PAGE * 32
PLACE_AT = PAGE * 32 + UNCHANGED % PAGE * 8


@pytest.mark.parametrize("at", [HASH_AT, HASH_AT + 31, *range(PLACE_AT, PLACE_AT + 8)])
def test_a_flipped_byte_of_an_index_page_is_found(copied, at):
    page = f"page={UNCHANGED // PAGE}"
    flip(copied, "bucket_page", "content", page, lambda _: at)
    with pytest.raises(LedgerDamaged, match="bucket hash" if at < 2048 else "bucket"):
        verify_ledger(copied)


@pytest.mark.parametrize("at", [0, 1, 3, 4, 5, 11, 12, 43])
def test_a_flipped_byte_of_what_was_written_is_found(copied, at):
    last = "height=(SELECT max(height) FROM written)"
    flip(copied, "written", "places", last, lambda _: at)
    with pytest.raises(LedgerDamaged):
        verify_ledger(copied)


ONE = f"page={UNCHANGED // PAGE}"
CUTS = [
    (f"UPDATE bucket_page SET content=substr(content, 2) WHERE {ONE}", "bucket page"),
    (f"UPDATE bucket_page SET page=-1 WHERE {ONE}", "bucket page -1"),
    (f"UPDATE bucket_page SET page={PAGES} WHERE {ONE}", f"bucket page {PAGES}"),
    ("UPDATE written SET places=substr(places, 2) WHERE height=2", "written 2"),
    (
        "UPDATE written SET places=unhex('ffffffff' || substr(hex(places), 9))",
        "written",
    ),
]


@pytest.mark.parametrize(("cut", "place"), CUTS)
def test_a_place_that_cannot_be_is_found_at_the_start(copied, cut, place):
    with closing(apsw.Connection(str(copied))) as connection:
        connection.execute(cut)
    with pytest.raises(LedgerDamaged, match=place):
        open_store(copied)


WRONG = [{"generation": 2}, {"end": 10**6}, {"end": -1}, {"page": PAGES}, {"moved": -1}]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_damaged_head_costs_no_rows(copied, wrong):
    with closing(open_store(copied)) as store:
        head = store.head
    with closing(apsw.Connection(str(copied))) as connection:
        damaged = encode(head._replace(rows=head.rows._replace(**wrong)))
        connection.execute("UPDATE head SET value=?", (damaged,))
    with pytest.raises(LedgerDamaged):
        open_store(copied)
    with closing(apsw.Connection(str(copied))) as connection:
        connection.execute("UPDATE head SET value=?", (encode(head),))
    verify_ledger(copied)


def test_what_a_record_of_no_bucket_hides_is_not_lost(copied):
    with closing(open_store(copied, rows=EAGER)) as store:
        while not store.head.rows.is_moving:
            commit(store, transfer())
        rows = store.head.rows
        with rows_path(copied, rows.generation - 1).open("r+b") as file:
            file.seek(rows.moved)
            file.write(b"\xff" * 4)
        with pytest.raises(LedgerDamaged, match="bucket"):
            move_rows(store)
    assert rows_path(copied, rows.generation - 1).exists()


# --- the journal, and what every hash agrees on -----------------------------------


@pytest.mark.parametrize("where", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_byte_of_the_journal_is_found(path, where):
    run(path, 1)
    with apsw.Connection(str(path)) as connection:
        sql = "SELECT height, changes FROM journal ORDER BY height DESC LIMIT 1"
        height, row = connection.execute(sql).fetchone()
        at = int(where * len(row))
        row = row[:at] + bytes([row[at] ^ 0x55]) + row[at + 1 :]
        connection.execute("UPDATE journal SET changes=? WHERE height=?", (row, height))
    connection.close()
    with pytest.raises(LedgerDamaged):
        verify_ledger(path)


def test_a_lost_row_of_the_journal_is_found(path):
    run(path, 1)
    with apsw.Connection(str(path)) as connection:
        connection.execute("DELETE FROM journal WHERE height=1")
    connection.close()
    with pytest.raises(LedgerDamaged, match="journal"):
        open_store(path)


def test_a_forged_verdict_is_found(path, monkeypatch):
    """A node that recorded what the rules do not give: every hash is right."""
    monkeypatch.setattr("careledger.ledger.workflows.coin._take", lambda *_: None)
    run(path, 1)
    monkeypatch.undo()
    with pytest.raises(LedgerDamaged, match="log leaf"):
        verify_ledger(path)
