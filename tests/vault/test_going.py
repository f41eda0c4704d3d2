"""Going: what was never appended, and what was erased, whatever else goes on."""

import pytest

from careledger.primitives.hashing import sha256
from careledger.vault.problems import NotKept, NotServed, VaultUnwell
from careledger.vault.store import WAITING, Deposit
from careledger.vault.view import EntryFact
from tests.vault.world import (
    BLOB,
    ENTRY,
    FOREIGN,
    KEEPER,
    LARGE,
    OTHER,
    READ,
    READER,
    SECOND,
    blob_file,
    put,
    readable,
)


@pytest.mark.parametrize("blob", [BLOB, LARGE])
def test_what_was_erased_leaves_no_byte_and_never_comes_back(
    vault, world, tmp_path, blob
):
    put(vault, ENTRY, blob)
    world.append(ENTRY, blob, erased=True)
    with pytest.raises(NotKept):  # the ledger is enough: no sweep was there yet
        put(vault, ENTRY, blob)
    assert vault.sweep() == (0, 1)
    with pytest.raises(NotKept):
        put(vault, ENTRY, blob)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 2
    assert [path for path in files if blob[:1000] in path.read_bytes()] == []


@pytest.mark.parametrize("blob", [BLOB, LARGE])
def test_erasing_a_copy_does_not_erase_the_blob_of_another_record(vault, world, blob):
    """Who puts a foreign blob in its own record and erases it there harms nobody."""
    put(vault, ENTRY, blob)
    readable(world, ENTRY, blob)
    put(vault, SECOND, blob, OTHER)
    world.entries[OTHER.public, SECOND] = EntryFact(sha256(blob), True, FOREIGN, True)
    assert vault.sweep() == (0, 1)
    assert vault.fetch(READER, READ, ENTRY) == blob
    put(vault, ENTRY, blob)


def test_a_large_blob_that_was_never_appended_goes_after_a_day(vault, world, tmp_path):
    put(vault, ENTRY, LARGE)
    world.now += WAITING - 1
    assert vault.sweep() == (0, 0)
    assert blob_file(tmp_path, LARGE).exists()
    world.now += 1
    assert vault.sweep() == (1, 0)
    assert not blob_file(tmp_path, LARGE).exists()
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    assert vault.fetch(READER, READ, ENTRY) == LARGE


def test_a_sweep_sees_every_page(vault, world):
    count = 600
    deposits = [Deposit(n.to_bytes(16), n.to_bytes(2)) for n in range(count)]
    vault.store(KEEPER.public, deposits)
    world.now += WAITING
    assert vault.sweep() == (count, 0)
    assert vault.count() == 0


def test_what_two_sweeps_find_at_once_goes_once(vault, world, monkeypatch):
    put(vault, ENTRY, LARGE)
    put(vault, SECOND, BLOB)
    world.append(SECOND, BLOB, erased=True)
    world.now += WAITING
    look = vault._index.claims_after
    swept = []

    def look_and_be_overtaken(last):
        page = look(last)
        monkeypatch.setattr(vault._index, "claims_after", look)
        swept.append(vault.sweep())
        return page

    monkeypatch.setattr(vault._index, "claims_after", look_and_be_overtaken)
    assert vault.sweep() == (0, 0)
    assert swept == [(1, 1)]
    assert vault.usage(KEEPER.public) == (0, 0)


def test_a_loose_blob_that_somebody_just_brought_again_stays(
    vault, world, tmp_path, monkeypatch
):
    with vault._index.changing():
        vault._index.expect(sha256(LARGE), world.now)
    world.now += WAITING
    look = vault._index.loose

    def look_and_be_overtaken(until):
        found = look(until)
        monkeypatch.setattr(vault._index, "loose", look)
        put(vault, ENTRY, LARGE)
        return found

    monkeypatch.setattr(vault._index, "loose", look_and_be_overtaken)
    assert vault.sweep() == (0, 0)
    readable(world, ENTRY, LARGE)
    assert vault.fetch(READER, READ, ENTRY) == LARGE


def test_a_sweep_leaves_a_blob_that_is_just_being_put(vault, world, tmp_path):
    place = vault._shelves.large
    put_file = place.put

    def put_and_sweep(staged):
        put_file(staged)
        vault.sweep()

    place.put = put_and_sweep
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    assert vault.fetch(READER, READ, ENTRY) == LARGE


def test_no_receipt_for_a_blob_that_was_tidied_away_while_it_came(vault, world):
    place = vault._shelves.large
    put_file = place.put

    def put_and_sleep(staged):
        put_file(staged)
        world.now += WAITING
        vault.sweep()

    place.put = put_and_sleep
    with pytest.raises(VaultUnwell):
        put(vault, ENTRY, LARGE)
    place.put = put_file
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    assert vault.fetch(READER, READ, ENTRY) == LARGE


def test_a_blob_that_is_dropped_while_it_comes_again_stays(vault, world):
    put(vault, ENTRY, LARGE)
    world.now += WAITING
    place = vault._shelves.large
    put_file = place.put

    def put_and_sweep(staged):
        put_file(staged)
        assert vault.sweep() == (1, 0)

    place.put = put_and_sweep
    put(vault, SECOND, LARGE)
    readable(world, SECOND, LARGE)
    assert vault.fetch(READER, READ, SECOND) == LARGE


def test_a_blob_erased_while_it_is_served_is_not_called_rotten(vault, world):
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    pieces = vault.serve(READER, READ, ENTRY).pieces
    next(pieces)
    world.append(ENTRY, LARGE, erased=True)
    vault.sweep()
    with pytest.raises(NotServed):
        next(pieces)
