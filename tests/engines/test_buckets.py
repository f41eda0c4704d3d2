"""Rows files: full ones are left behind, readers notice nothing, damage is named."""

import threading
from itertools import count
from pathlib import Path

import pytest

from careledger.engines.errors import EngineStopped, LedgerDamaged
from careledger.engines.opening import create_store, open_store
from careledger.engines.reading import Reader
from careledger.engines.row_files import HEAD
from careledger.engines.row_moves import RowLimits
from careledger.engines.store import Store
from careledger.ledger.state_proofs import verify_state_proof
from careledger.ledger.tree import bucket_of, key_hash
from tests.engines.market import GENESIS
from tests.engines.test_store import append

LITTLE = RowLimits(times=2, dead=500, lap=500)
KEYS = [b"\x30%d" % at for at in range(12)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_store(tmp_path / "ledger", GENESIS).close()
    return tmp_path / "ledger"


def opened(path: Path) -> Store:
    return open_store(path, rows=LITTLE)


def rows_files(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.glob("*-rows-*"))


def value_of(store: Store, key: bytes) -> bytes | None:
    before = store.begin()
    try:
        return before.get(key)
    finally:
        store.cancel()


def test_living_rows_leave_a_full_file_and_it_goes(path):
    store, sizes, moving = opened(path), [], 0
    for at in range(200):
        append(store, 1, dict.fromkeys(KEYS, b"value %d" % at))
        files = [path.with_name(name) for name in rows_files(path)]
        assert len(files) == 1 + store.buckets.head.is_moving
        moving += store.buckets.head.is_moving
        sizes.append(sum(file.stat().st_size for file in files))
        assert value_of(store, KEYS[at % 12]) == b"value %d" % at
    live = sum(len(row) + HEAD.size for _, row in store.buckets.rows())
    assert store.buckets.head.live == live
    assert store.buckets.head.generation > 5
    assert moving > 20
    assert max(sizes) < 5 * live
    store.close()


def test_a_restart_in_the_middle_of_a_move_goes_on_with_it(path):
    store, restarts = opened(path), 0
    for at in range(100):
        append(store, 1, dict.fromkeys(KEYS, b"value %d" % at))
        if store.buckets.head.is_moving:
            restarts += 1
            head, root = store.buckets.head, store.buckets.tree.root
            store.close()
            store = opened(path)
            assert (store.buckets.head, store.buckets.tree.root) == (head, root)
        assert {value_of(store, key) for key in KEYS} == {b"value %d" % at}
    store.close()
    assert restarts > 20


def test_readers_beside_moving_rows_see_whole_and_newest_values(path):
    store, reader, wrong, over = opened(path), None, [], threading.Event()
    append(store, 1, dict.fromkeys(KEYS, b"0"))
    reader = Reader(store, path)

    def read() -> None:
        last = dict.fromkeys(KEYS, 0)
        while not over.is_set():
            for key in KEYS:
                seen = int(reader.state(key))
                if seen < last[key]:
                    wrong.append((key, seen, last[key]))
                last[key] = seen
                proven = reader.prove_state(key)
                verify_state_proof(proven.proof, proven.head.state_root)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for at in range(1, 150):
        append(store, 1, dict.fromkeys(KEYS, b"%d" % at))
    over.set()
    for thread in threads:
        thread.join()
    assert store.buckets.head.generation > 5
    assert wrong == []
    reader.close()
    store.close()


def test_notes_of_what_was_written_stay_few(path):
    store, longest = opened(path), 0
    for at in range(150):
        append(store, 1, dict.fromkeys(KEYS, b"%d" % at))
        (notes,) = store.connection.execute("SELECT count(*) FROM written").fetchone()
        longest = max(longest, notes)
    store.close()
    laps = 2 * LITTLE.lap // len(KEYS)
    assert 10 < longest <= laps + 10


@pytest.mark.parametrize("size", [2_000, 70_000, 200_000, 1_100_000])
def test_a_row_of_any_length_is_read_and_moves(path, size):
    store, large = opened(path), bytes([7]) * size
    append(store, 1, {KEYS[0]: large})
    for at in range(20):
        append(store, 1, {KEYS[1]: bytes([at]) * 5_000})
        assert value_of(store, KEYS[0]) == large
    store.close()
    store = opened(path)
    assert value_of(store, KEYS[0]) == large
    assert value_of(store, KEYS[1]) == bytes([19]) * 5_000
    store.close()


def neighbours() -> list[bytes]:
    """Two keys of one bucket, which nobody has written to."""
    seen: dict[int, bytes] = {}
    for key in (b"\x30%d" % at for at in count(1_000)):
        other = seen.setdefault(bucket_of(key_hash(key)), key)
        if other != key:
            return [other, key]
    raise AssertionError


def test_two_new_keys_of_one_bucket_are_one_row(path):
    store, keys = opened(path), neighbours()
    append(store, 1, dict.fromkeys(keys, b"first"))
    assert list(store.buckets.checked())
    append(store, 1, {keys[0]: None, keys[1]: b"second"})
    assert list(store.buckets.checked())
    assert [value_of(store, key) for key in keys] == [None, b"second"]
    append(store, 1, {keys[1]: None})
    assert list(store.buckets.checked())
    store.close()


def test_a_row_that_ends_the_file_in_zeros_is_read_whole(path):
    store = opened(path)
    append(store, 1, {KEYS[0]: bytes(300)})
    assert value_of(store, KEYS[0]) == bytes(300)
    store.close()


def test_what_a_crash_left_beside_the_rows_goes_with_the_next_file(path):
    """Not at a start: that a head is right, only a ledger that writes has shown."""
    stale, kept = path.with_name("ledger-rows-7"), path.with_name("ledger-rows-1.bak")
    stale.write_bytes(b"of a block that never was")
    kept.write_bytes(b"somebody's copy")
    store = opened(path)
    assert stale.exists()
    while store.buckets.head.generation == 1:
        append(store, 1, dict.fromkeys(KEYS, b"%d" % store.head.height))
    assert not stale.exists()
    assert kept.exists()
    store.close()


def test_what_a_crash_left_behind_the_end_does_not_count(path):
    with path.with_name("ledger-rows-1").open("ab") as file:
        file.write(b"half a row of a block that never was" * 99)
    store = opened(path)
    append(store, 1, dict.fromkeys(KEYS, b"after"))
    store.close()
    store = opened(path)
    assert {value_of(store, key) for key in KEYS} == {b"after"}
    store.close()


def test_a_row_of_another_bucket_is_damage(path):
    store = opened(path)
    append(store, 1, {KEYS[0]: b"value"})
    number = bucket_of(key_hash(KEYS[0]))
    rows = path.with_name("ledger-rows-1")
    content = bytearray(rows.read_bytes())
    at = content.rindex(number.to_bytes(4, "big"))
    content[at + 3] ^= 1
    rows.write_bytes(content)
    with pytest.raises(LedgerDamaged, match=f"bucket {number}"):
        value_of(store, KEYS[0])
    store.close()


@pytest.mark.parametrize("harm", ["missing", "cut", "other"])
def test_a_lost_or_cut_rows_file_is_damage(path, harm):
    store = opened(path)
    append(store, 1, {KEYS[0]: b"value"})
    store.close()
    rows = path.with_name("ledger-rows-1")
    if harm == "missing":
        rows.unlink()
    else:
        rows.write_bytes(rows.read_bytes()[:-10] if harm == "cut" else b"other")
    with pytest.raises(LedgerDamaged):
        value_of(opened(path), KEYS[0])


def change_often(store: Store) -> None:
    for value in range(200):
        append(store, 1, dict.fromkeys(KEYS, b"%d" % value))


STILL = b"\x30still"
NOT_CHANGED = b"a value that nobody changes"
AT_BUCKET = bucket_of(key_hash(STILL))
ANYWHERE = {
    "number": AT_BUCKET.to_bytes(4, "big"),
    "hash of the key": key_hash(STILL),
    "key": STILL,
    "value": NOT_CHANGED,
}


def with_one_flipped(path: Path, what: bytes) -> Store:
    """Return a store on whose disk one byte of a row is not as it was written."""
    store = opened(path)
    append(store, 1, {STILL: NOT_CHANGED})
    rows = path.with_name("ledger-rows-1")
    content = bytearray(rows.read_bytes())
    content[content.rindex(what)] ^= 1
    rows.write_bytes(content)
    return store


@pytest.mark.parametrize("what", ANYWHERE)
def test_a_row_that_is_not_what_was_written_is_not_read(path, what):
    """A rotten value must not decide what a transaction may do."""
    store = with_one_flipped(path, ANYWHERE[what])
    with pytest.raises(LedgerDamaged, match=f"bucket {AT_BUCKET}"):
        value_of(store, STILL)
    store.drop()


@pytest.mark.parametrize("what", ANYWHERE)
def test_a_row_that_is_not_what_was_written_does_not_move(path, what):
    """The file before must not go with the only trace of what was in it."""
    store = with_one_flipped(path, ANYWHERE[what])
    with pytest.raises(LedgerDamaged, match=f"bucket {AT_BUCKET}"):
        change_often(store)
    store.drop()
    assert path.with_name("ledger-rows-1").exists()


def test_what_a_dead_record_hides_is_not_lost_with_the_file(path):
    """A wrong length in a dead record leads over the living one that follows it."""
    store, rows = opened(path), path.with_name("ledger-rows-1")
    append(store, 1, {KEYS[0]: b"dead soon"})
    append(store, 1, {b"\x30still": b"a value that nobody changes"})
    append(store, 1, {KEYS[0]: b"newer"})
    content = bytearray(rows.read_bytes())
    at = content.index(bucket_of(key_hash(KEYS[0])).to_bytes(4, "big"))
    still = content.index(bucket_of(key_hash(b"\x30still")).to_bytes(4, "big"))
    after = content.rindex(bucket_of(key_hash(KEYS[0])).to_bytes(4, "big"))
    assert at < still < after
    content[at + 4 : at + 8] = (after - at - HEAD.size).to_bytes(4, "big")
    rows.write_bytes(content)
    with pytest.raises(LedgerDamaged, match="bucket"):
        change_often(store)
    store.drop()
    assert rows.exists()


def test_a_length_that_leads_behind_the_end_is_damage(path):
    store = opened(path)
    append(store, 1, {KEYS[0]: b"value"})
    number = bucket_of(key_hash(KEYS[0]))
    rows = path.with_name("ledger-rows-1")
    content = bytearray(rows.read_bytes())
    content[content.rindex(number.to_bytes(4, "big")) + 4] = 0x7F
    rows.write_bytes(content)
    with pytest.raises(LedgerDamaged, match=f"bucket {number}"):
        value_of(store, KEYS[0])
    store.close()


LOST = [("written", "written"), ("bucket_page", "bucket hash")]


@pytest.mark.parametrize(("table", "place"), LOST)
def test_a_lost_note_or_page_is_found_at_the_start(path, table, place):
    store = opened(path)
    append(store, 1, dict.fromkeys(KEYS, b"value"))
    store.connection.execute(f"DELETE FROM {table}")
    store.close()
    with pytest.raises(LedgerDamaged, match=place):
        opened(path)


def test_who_asks_after_the_end_is_told_so(path):
    store = opened(path)
    append(store, 1, {KEYS[0]: b"value"})
    reader = Reader(store, path)
    store.close()
    with pytest.raises(EngineStopped):
        reader.state(KEYS[0])
    reader.close()
