"""Checking a ledger from genesis: whatever was changed is found and named."""

import shutil
from pathlib import Path

import apsw
import pytest

from careledger.engines.errors import (
    LedgerDamaged,
)
from careledger.engines.levels import PAGE
from careledger.engines.store import open_store
from careledger.engines.verify import verify_ledger
from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.execute import execute_block
from careledger.ledger.tree import bucket_of, key_hash
from tests.engines.market import run, transfer


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
    ("bucket", "row", f"number={UNCHANGED}", "bucket"),
    ("bucket_hash", "hashes", f"page={UNCHANGED // PAGE}", "bucket hash"),
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
        before, last = store.begin(), store.head
        header = Header(last.height + 1, last.time + 1, last.log_root)
        result = execute_block(before, header, [open_envelope(transfer(3, 4))])
        store.commit(header, result, before)
    store.close()
    verify_ledger(path)
    return path


@pytest.mark.parametrize("flip", FLIPS, ids=lambda flip: f"{flip[0]}-{flip[3]}")
@pytest.mark.parametrize("where", [0.0, 0.9])
def test_a_flipped_byte_is_found_and_its_place_named(settled, tmp_path, flip, where):
    table, column, row, place = flip
    path = tmp_path / "ledger"
    shutil.copy(settled, path)
    with apsw.Connection(str(path)) as connection:
        (value,) = connection.execute(
            f"SELECT {column} FROM {table} WHERE {row}"
        ).fetchone()
        if isinstance(value, bytes):
            at = int(where * len(value))
            value = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
        else:
            value += 1
        connection.execute(f"UPDATE {table} SET {column}=? WHERE {row}", (value,))
    connection.close()
    with pytest.raises(LedgerDamaged) as caught:
        verify_ledger(path)
    assert place in caught.value.detail


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
