"""Who asks beside a writer: nothing is told of a block that the head does not count."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from careledger.engines.embedded import Engine
from careledger.engines.opening import create_store, open_store
from careledger.engines.reading import Reader
from careledger.engines.store import Store
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.log import NoSuchLeaf, TileMissing
from careledger.node.ledger_facts import Facts
from careledger.primitives.encoding import decode
from careledger.primitives.hashing import HASH_SIZE, sha256
from tests.engines.market import (
    GENESIS,
    PURSES,
    SOON,
    commit,
    purse_key,
    setup,
    transfer,
)

BODY, NEW_BODY = b"sealed 1", b"sealed 2"


@pytest.fixture(params=[10**6, 150], ids=["in the tail", "in the file"])
def store(path: Path, request: pytest.FixtureRequest):
    """A ledger of two more blocks, whose head does not count the last of them."""
    create_store(path, GENESIS).close()
    with closing(open_store(path, limit=request.param)) as store:
        commit(store, transfer(bodies=(BODY,)))
        before = store.head
        commit(store, transfer(bodies=(NEW_BODY,)))
        for _ in range(8):  # so that the index of the file has the second one
            commit(store, transfer())
        store.head = before
        yield store


@pytest.fixture
def reader(store: Store, path: Path):
    with closing(Reader(store, path)) as reader:
        yield reader


def tx_id_at(store: Store, position: int) -> bytes:
    sql = "SELECT data FROM leaf WHERE id=?"
    leaf = store.connection.execute(sql, (position + 1,)).get
    return sha256(decode(leaf, TransactionLeaf).core)


def test_leaves_end_with_the_head(store: Store, reader: Reader) -> None:
    size = store.head.size
    assert len(reader.leaves(0, 10**6)) == size
    with pytest.raises(NoSuchLeaf):
        reader.leaf(size)


def test_blocks_end_with_the_head(store: Store, reader: Reader) -> None:
    """A block that is on disk already is none that the log lacks."""
    *_, last = reader.blocks()
    assert last.next == store.head.size
    assert [block.first for block in reader.blocks(last.first)] == [last.first]
    assert list(reader.blocks(store.head.size)) == []


def test_a_verdict_comes_with_the_head(store: Store, reader: Reader) -> None:
    size = store.head.size
    known = reader.receipt(tx_id_at(store, size - 2))
    assert known is not None
    assert (known.position, known.height) == (size - 2, store.head.height)
    assert reader.receipt(tx_id_at(store, size)) is None


def test_an_index_ends_with_the_head(store: Store, reader: Reader) -> None:
    key, size = PURSES[0].public, store.head.size
    assert reader.transactions_of(key) == [size - 2]
    assert reader.transactions_of(key, size - 2) == []
    assert reader.transactions_of(key, size) == []


def test_a_body_comes_with_the_head(reader: Reader) -> None:
    assert reader.body(sha256(BODY)) == BODY
    assert reader.body(sha256(NEW_BODY)) is None


def test_tiles_and_proofs_end_with_the_head(store: Store, reader: Reader) -> None:
    size = store.head.size
    assert len(reader.tile(0, 0)) == size * HASH_SIZE
    for level, index in [(0, 1), (1, 0), (-1, 0), (0, -1)]:
        with pytest.raises(TileMissing):
            reader.tile(level, index)
    assert reader.root(size) == store.head.log_root
    assert reader.prove_leaf(size - 1, size)
    assert reader.prove_growth(1, size)
    for ask in (
        lambda: reader.root(size + 1),
        lambda: reader.prove_leaf(0, size + 1),
        lambda: reader.prove_growth(1, size + 1),
    ):
        with pytest.raises(NoSuchLeaf):
            ask()


def test_what_a_block_changed_is_told_when_the_head_counts_it(path: Path) -> None:
    """In the last moment before, who asks for a changed key waits for the writer."""
    create_store(path, GENESIS).close()
    with closing(open_store(path)) as store, closing(Reader(store, path)) as reader:
        old, heard, add = reader.state(purse_key(0)), [], store.tail.add

        def ask_first(*given: object) -> None:
            for thread in asking:
                thread.start()
            for thread in asking:
                thread.join(0.2)
            assert heard == []
            add(*given)  # type: ignore[arg-type]

        asking = [
            threading.Thread(target=lambda: heard.append(reader.state(purse_key(0)))),
            threading.Thread(
                target=lambda: heard.append(reader.prove_state(purse_key(0)).head)
            ),
        ]
        store.tail.add = ask_first  # type: ignore[method-assign]
        commit(store, transfer())
        for thread in asking:
            thread.join(SOON)
        new = reader.state(purse_key(0))
        assert new != old
        assert len(heard) == 2
        assert new in heard
        assert store.head in heard


def test_the_tail_has_a_block_before_the_head_counts_it(path: Path) -> None:
    create_store(path, GENESIS).close()
    with closing(open_store(path)) as store:
        size, add, sizes = store.head.size, store.tail.add, []

        def look_first(*given: object) -> None:
            sizes.append(store.head.size)
            add(*given)  # type: ignore[arg-type]

        store.tail.add = look_first  # type: ignore[method-assign]
        commit(store, transfer())
        assert sizes == [size]


def test_who_asks_beside_a_writer_hears_of_whole_blocks(path: Path) -> None:
    wrong: list[BaseException] = []
    done = threading.Event()

    def follow(query: Reader) -> None:
        position, facts = 0, Facts(query, lambda: 0)
        while not done.is_set():
            for block in query.blocks(position):
                position = block.next
            for one in query.transactions_of(PURSES[0].public, position - 9):
                _, leaf = facts.transaction(one)
                assert query.receipt(sha256(leaf.core)) is not None

    def watched(query: Reader) -> None:
        try:
            follow(query)
        except BaseException as error:
            wrong.append(error)

    with Engine.create(path, GENESIS, setup()) as engine:
        threads = [
            threading.Thread(target=watched, args=(engine.query,)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for _ in range(60):
            engine.submit(transfer()).result(SOON)
        done.set()
        for thread in threads:
            thread.join(SOON)
    assert wrong == []
