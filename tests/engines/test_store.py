"""The store against a dictionary, through random blocks and restarts."""

import tempfile
from pathlib import Path

import apsw
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from careledger.engines.errors import LedgerDamaged, LedgerExists, LedgerMissing
from careledger.engines.opening import create_store, open_store
from careledger.engines.reading import Reader
from careledger.engines.row_moves import RowLimits
from careledger.engines.store import Store
from careledger.ledger.blocks import BlockResult, Header, Receipt
from careledger.ledger.log import NoSuchLeaf, TileMissing, leaf_hash, verify_inclusion
from careledger.ledger.state_proofs import verify_state_proof
from careledger.primitives.hashing import sha256
from tests.engines.market import GENESIS
from tests.engines.memory_store import MemoryStore

KEYS = st.sampled_from(
    [prefix + bytes([at]) for prefix in (b"\x10", b"\x30") for at in range(12)]
)
PARTIES = st.sampled_from([sha256(bytes([at])) for at in range(4)])
DIFFS = st.dictionaries(KEYS, st.none() | st.binary(max_size=20), max_size=10)


class StoreMachine(RuleBasedStateMachine):
    """Blocks with arbitrary results; a generation holds next to nothing."""

    limit = 4_000
    rows = RowLimits(times=1, dead=500, lap=200)

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "ledger")
        create_store(self.path, GENESIS).close()
        self.model = MemoryStore(GENESIS)
        self.open()
        self.serial = 0

    def open(self) -> None:
        self.store = open_store(self.path, limit=self.limit, rows=self.rows)
        self.reader = Reader(self.store, self.path)

    def close(self) -> None:
        self.reader.close()
        self.store.close()

    def teardown(self) -> None:
        self.close()
        self.folder.cleanup()

    @rule(
        diff=DIFFS,
        parties=st.lists(st.lists(PARTIES, max_size=3, unique=True), max_size=9),
    )
    def block(self, diff, parties):
        head = self.store.head
        header = Header(head.height + 1, head.time + 1, head.log_root)
        result = BlockResult(diff=diff)
        for index, keys in enumerate(parties):
            self.serial += 1
            tx_id = sha256(self.serial.to_bytes(4, "big"))
            result.receipts.append(Receipt(tx_id, index, "ok"))
            result.leaves.append(b"leaf of " + tx_id)
            result.parties.append(tuple(keys))
            result.bodies.append(((sha256(tx_id), b"body of " + tx_id),))
        before = self.store.begin()
        self.store.commit(header, result, before)
        self.model.commit(header, result)

    @rule()
    def empty_block(self):
        self.store.begin()
        self.store.cancel()

    @rule()
    def restart(self):
        self.close()
        self.open()

    @rule(key=KEYS)
    def prove(self, key):
        proof, head = self.reader.prove_state(key)
        assert head == self.store.head
        verify_state_proof(proof, head.state_root)
        assert proof.value == self.model.state.get(key)

    @invariant()
    def roots_agree(self):
        head = self.store.head
        assert head.state_root == self.model.tree.root()
        assert head.log_root == self.model.log_root()
        assert head.size == len(self.model.leaves)
        assert head.height == len(self.model.ends) - 1

    @invariant()
    def answers_agree(self):
        model, reader = self.model, self.reader
        before = self.store.begin()
        for key in [b"\x30" + bytes([at]) for at in range(12)]:
            assert before.get(key) == model.state.get(key) == reader.state(key)
        for tx_id, position in model.positions.items():
            assert before.recorded(tx_id)
            assert reader.leaf(position) == b"leaf of " + tx_id
        assert not before.recorded(bytes(32))
        assert before.first(b"\x10", b"\x11", 99) == model.ordered()
        assert (
            before.first(b"\x10\x03", b"\x10\x07", 2)
            == [key for key in model.ordered() if b"\x10\x03" <= key < b"\x10\x07"][:2]
        )
        self.store.cancel()

    @invariant()
    def indexes_agree(self):
        for party, positions in self.model.parties.items():
            assert self.reader.transactions_of(party, limit=10**6) == positions
            middle = positions[len(positions) // 2]
            rest = [position for position in positions if position > middle]
            assert self.reader.transactions_of(party, middle, 3) == rest[:3]
        for body_hash, body in self.model.bodies.items():
            assert self.reader.body(body_hash) == body

    @invariant()
    def blocks_agree(self):
        blocks = list(self.reader.blocks())
        assert [block.next - 1 for block in blocks] == self.model.ends
        for block in blocks:
            assert (
                list(block.transactions)
                == self.model.leaves[block.first : block.next - 1]
            )


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=8, stateful_step_count=12)


@pytest.mark.large
class TestStoreLong(StoreMachine.TestCase):
    settings = settings(max_examples=200, stateful_step_count=60)


@pytest.fixture
def store(tmp_path: Path):
    store = create_store(tmp_path / "ledger", GENESIS)
    yield store
    store.close()


def append(
    store: Store, count: int = 1, diff: dict | None = None, **more: object
) -> None:
    """Commit a block of `count` made-up leaves."""
    head = store.head
    ids = [sha256(b"%d %d" % (head.size, at)) for at in range(count)]
    result = BlockResult(
        diff=diff or {b"\x30" + each: b"1" for each in ids},
        leaves=[b"leaf of " + each for each in ids],
        receipts=[Receipt(each, at, "ok") for at, each in enumerate(ids)],
        parties=[() for _ in ids],
        bodies=[() for _ in ids],
    )
    before = store.begin()
    store.commit(Header(head.height + 1, head.time + 1, head.log_root), result, before)


def test_inclusion_is_proven_from_the_stored_tiles(store, tmp_path):
    for count in (1, 255, 3, 300):
        append(store, count)
    reader = Reader(store, tmp_path / "ledger")
    size = store.head.size
    for position in (0, 1, 255, 256, 257, size - 1):
        verify_inclusion(
            leaf_hash(reader.leaf(position)),
            position,
            size,
            reader.prove_leaf(position, size),
            store.head.log_root,
        )
    assert reader.root(size) == store.head.log_root
    assert len(reader.tile(0, 0)) == 256 * 32
    with pytest.raises(NoSuchLeaf):
        reader.leaf(size)
    with pytest.raises(NoSuchLeaf):
        reader.prove_leaf(0, size + 1)
    with pytest.raises(TileMissing):
        reader.tile(0, 99)
    reader.close()


def test_the_journal_stays_bounded(tmp_path):
    path = tmp_path / "ledger"
    create_store(path, GENESIS).close()
    store = open_store(path, limit=5_000)
    longest = 0
    for _ in range(60):
        append(store, 7)
        (rows,) = store._cursor.execute("SELECT count(*) FROM journal").fetchone()
        longest = max(longest, rows)
    store.close()
    assert longest < 20


def test_the_newest_write_is_read_wherever_the_older_ones_are(tmp_path):
    path, key = tmp_path / "ledger", b"\x30key"
    create_store(path, GENESIS).close()
    store = open_store(path, limit=4_000)
    for at in range(30):
        append(store, 3, {key: b"%d" % at, b"\x30%d" % at: b"other"})
        before = store.begin()
        assert before.get(key) == b"%d" % at
        store.cancel()
    store.close()


def test_missing_and_existing_files_are_told_apart(tmp_path):
    with pytest.raises(LedgerMissing):
        open_store(tmp_path / "none")
    create_store(tmp_path / "one", GENESIS).close()
    with pytest.raises(LedgerExists):
        create_store(tmp_path / "one", GENESIS)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM head", "UPDATE head SET value=x'00'", "DELETE FROM fact"]
)
def test_a_file_without_its_facts_is_damaged(tmp_path, sql):
    create_store(tmp_path / "ledger", GENESIS).close()
    apsw.Connection(str(tmp_path / "ledger")).execute(sql)
    with pytest.raises(LedgerDamaged):
        _ = open_store(tmp_path / "ledger").genesis


def test_a_lost_last_leaf_is_noticed_before_the_next_commit(store):
    append(store, 2)
    store._cursor.execute("DELETE FROM leaf WHERE id=(SELECT max(id) FROM leaf)")
    with pytest.raises(LedgerDamaged):
        append(store)
