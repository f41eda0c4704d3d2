"""Bodies of a copy: there, unless they were erased or never kept."""

import shutil
from contextlib import closing

import apsw
import pytest

from careledger.engines.backup import back_up, restore
from careledger.engines.errors import BadCopy
from careledger.engines.opening import create_store
from careledger.engines.tail import YOUNG_LIMIT, Tail, index_entry
from careledger.engines.verify import verify_ledger
from careledger.ledger.workflows.entries import ERASURE_DELAY
from careledger.primitives.hashing import HASH_SIZE, sha256
from tests.engines.clinics import Recorded, add_block
from tests.ledger.offices import APPLICATIONS
from tests.ledger.world import genesis

GENESIS = genesis(organisations=APPLICATIONS)
NAMES = "SELECT hash FROM body ORDER BY id"


@pytest.fixture(params=[1, YOUNG_LIMIT])
def copy(request, path, tmp_path):
    """Return a copy of a ledger with an erased record, an erased entry and a refused act.

    Its indexes are in the B-trees, or all in the journal.
    """
    c = Recorded()
    gone, chart = c.open(), c.open("another")
    for each in (gone, chart):
        for name in "ab":
            entry = c.entry(each, name)
            c.must(c.act(entry, by=[each.owner], bodies=(name.encode(),)))
    again = c.entry(chart, "a")
    assert c.act(again, by=[chart.owner], bodies=(b"refused",)) != "ok"
    c.erase(gone)
    c.erase(chart, "a")
    c.wait(ERASURE_DELAY)
    with closing(create_store(path, GENESIS)) as store:
        store.tail = Tail(request.param)
        for at, envelopes in c.blocks:
            add_block(store, at, envelopes)
    back_up(path, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_copy_lacks_what_was_erased_or_never_kept(copy, tmp_path):
    head = restore(copy, tmp_path / "again", GENESIS)
    assert verify_ledger(tmp_path / "again").head.size == head.size


def test_a_copy_that_lacks_any_other_body_is_refused(copy, tmp_path):
    with closing(apsw.Connection(str(copy))) as connection:
        names = [name for (name,) in connection.execute(NAMES)]
    assert sha256(b"b") in {name[:HASH_SIZE] for name in names}
    for name in names:
        shutil.copy(copy, tmp_path / "worse")
        change(tmp_path / "worse", "DELETE FROM body WHERE hash=?", name)
        with pytest.raises(BadCopy) as refused:
            restore(tmp_path / "worse", tmp_path / "again", GENESIS)
        assert refused.value.__cause__.detail == f"body {name[:HASH_SIZE].hex()}"


def test_a_copy_with_a_body_of_a_refused_transaction_is_refused(copy, tmp_path):
    with closing(apsw.Connection(str(copy))) as connection:
        leaves = connection.execute("SELECT data FROM leaf ORDER BY id").fetchall()
    places = [at for at, (leaf,) in enumerate(leaves) if sha256(b"refused") in leaf]
    name = index_entry(sha256(b"refused"), places[0])
    change(copy, "INSERT INTO body(hash, data) VALUES(?, ?)", name, b"refused")
    with pytest.raises(BadCopy) as refused:
        restore(copy, tmp_path / "again", GENESIS)
    assert refused.value.__cause__.detail == "body"


def change(path, statement, *values):
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(statement, values)
        assert connection.changes() == 1
