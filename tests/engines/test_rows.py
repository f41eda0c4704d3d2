"""A row that is read is the bucket's own: not an older one, not another ledger's."""

from contextlib import closing
from pathlib import Path

import pytest

from careledger.engines.embedded import Engine
from careledger.engines.errors import EngineStopped, LedgerDamaged
from careledger.engines.opening import open_store
from careledger.engines.row_files import (
    HEAD,
    MARKER,
    Record,
    RowFiles,
    RowWriter,
    rows_path,
)
from careledger.ledger.bucket import EMPTY_BUCKET
from careledger.ledger.tree import bucket_of, key_hash
from tests.engines.market import SOON, commit, purse_key, run, setup, transfer

SPENT = bucket_of(key_hash(purse_key(7)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def test_the_last_record_is_read_whatever_its_check_ends_in(path):
    """Of zeros that end a file, some file layers return fewer than there are."""
    with closing(RowFiles(path, None)) as files:
        files.create(1)
        writer = RowWriter(files, 1, len(MARKER))
        for number in range(1_000):
            writer.add(number, EMPTY_BUCKET)
            writer.flush()
            assert files.read(writer.places[number], number) == EMPTY_BUCKET


def test_zeros_are_no_row(path):
    with closing(RowFiles(path, None)) as files:
        files.create(1)
        files.write(1, len(MARKER), bytes(100))
        assert files.read(len(MARKER) << 1 | 1, 0) is None


def records_of(path: Path, number: int) -> list[Record]:
    with closing(RowFiles(path, None)) as files:
        end = rows_path(path, 1).stat().st_size
        files.open(1, end)
        found = files.records(1, len(MARKER), end)
        return [record for record in found if record.number == number]


def put_back(path: Path) -> None:
    """Put the record before over a bucket's living one, as a confused disk might."""
    *_, before, living = records_of(path, SPENT)
    size = HEAD.size + len(living.row)
    assert len(before.row) == len(living.row)
    rows = rows_path(path, 1)
    content = bytearray(rows.read_bytes())
    old = content[before.place >> 1 : (before.place >> 1) + size]
    content[living.place >> 1 : (living.place >> 1) + size] = old
    rows.write_bytes(content)


def test_what_was_spent_is_not_there_again_with_an_older_row(path):
    run(path, 1)
    with closing(open_store(path)) as store:
        commit(store, transfer(7, 8, 1))
        commit(store, transfer(7, 8, 900_000))
    put_back(path)
    with Engine.open(path, setup()) as engine:
        with pytest.raises(LedgerDamaged, match=f"bucket {SPENT}"):
            engine.query.state(purse_key(7))
        with pytest.raises(LedgerDamaged, match=f"bucket {SPENT}"):
            engine.query.prove_state(purse_key(7))
        with pytest.raises(EngineStopped):
            engine.submit(transfer(7, 9, 900_000)).result(SOON)
        assert isinstance(engine.fault, LedgerDamaged)


def test_a_bucket_whose_place_is_lost_is_not_empty(path):
    run(path, 1)
    with closing(open_store(path)) as store:
        store.buckets._places[SPENT] = 0
        with pytest.raises(LedgerDamaged, match=f"bucket {SPENT}"):
            store.row(SPENT)
