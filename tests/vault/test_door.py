"""Who may bring what, how much, and who gets which bytes."""

import pytest

from careledger.ledger.workflows.entries import stored_message
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import verify
from careledger.vault.blobs import BLOCK, SMALL
from careledger.vault.index import Usage
from careledger.vault.problems import NotKept, NotServed, OverQuota
from careledger.vault.store import LIVE, WAITING, Deposit, Vault
from careledger.vault.view import EntryFact
from tests.vault.world import (
    BLOB,
    CHAIN,
    ENTRY,
    FOREIGN,
    KEEPER,
    LARGE,
    OTHER,
    READ,
    READER,
    SECOND,
    STRANGER,
    WRITER,
    arriving,
    blob_file,
    open_vault,
    put,
    readable,
    sign,
)

# Bringing


def test_an_upload_gets_a_receipt_for_what_arrived(vault, world):
    stored = vault.upload(WRITER, KEEPER.public, ENTRY, [LARGE[:5], LARGE[5:]])
    assert (stored.blob, stored.size) == (sha256(LARGE), len(LARGE))
    verify(KEEPER.public, stored_message(CHAIN, [stored.blob]), stored.receipt)
    readable(world, ENTRY, LARGE)
    assert vault.fetch(READER, READ, ENTRY) == LARGE


def test_only_a_live_write_right_uploads(vault):
    for writer, custodian in [(READER, KEEPER.public), (WRITER, STRANGER)]:
        with pytest.raises(NotKept):
            vault.upload(writer, custodian, ENTRY, [BLOB])
    assert vault.count() == 0


def test_a_vault_that_was_not_told_who_may_lets_nobody_upload(world, tmp_path):
    with Vault(tmp_path / "v", CHAIN, world, sign) as vault, pytest.raises(NotKept):
        vault.upload(WRITER, KEEPER.public, ENTRY, [BLOB])


@pytest.mark.parametrize("size", [1, SMALL, SMALL + 1, BLOCK, BLOCK + 1, len(LARGE)])
def test_every_size_comes_back(vault, world, tmp_path, size):
    put(vault, ENTRY, LARGE[:size])
    readable(world, ENTRY, LARGE[:size])
    assert vault.fetch(READER, READ, ENTRY) == LARGE[:size]
    assert blob_file(tmp_path, LARGE[:size]).exists() == (size > SMALL)


def test_an_empty_blob_is_no_blob(vault):
    with pytest.raises(NotKept):
        put(vault, ENTRY, b"")
    with pytest.raises(NotKept):
        vault.upload(WRITER, KEEPER.public, ENTRY, [])
    assert vault.count() == 0


def test_storing_twice_is_storing_once(vault):
    receipts = [put(vault, ENTRY, LARGE) for _ in range(2)]
    assert receipts[0] == receipts[1]
    vault.store(KEEPER.public, [Deposit(ENTRY, LARGE)] * 2)
    assert vault.usage(KEEPER.public) == (len(LARGE), 1)
    assert vault.count() == 1


# Room


def test_a_handle_keeps_no_more_bytes_than_it_has_room_for(world, tmp_path):
    room = Usage(len(LARGE) + 10, 100)
    with open_vault(tmp_path, world, room=room) as vault:
        put(vault, ENTRY, LARGE)
        put(vault, SECOND, b"0123456789")
        for act in (
            lambda: put(vault, SECOND, b"x"),
            lambda: put(vault, SECOND, LARGE[1:]),
            lambda: put(vault, SECOND, LARGE + b"more than all its room"),
            lambda: vault.upload(WRITER, KEEPER.public, SECOND, [b"x"]),
        ):
            with pytest.raises(OverQuota):
                act()
        assert vault.usage(KEEPER.public) == room._replace(blobs=2)
        assert arriving(tmp_path) == []
        assert not blob_file(tmp_path, LARGE[1:]).exists()
        put(vault, ENTRY, LARGE)
        put(vault, SECOND, b"x", OTHER)


def test_a_handle_keeps_no_more_blobs_than_it_has_room_for(world, tmp_path):
    with open_vault(tmp_path, world, room=Usage(1000, 2)) as vault:
        put(vault, ENTRY, b"1")
        with pytest.raises(OverQuota):
            vault.store(KEEPER.public, [Deposit(ENTRY, b"2"), Deposit(ENTRY, b"3")])
        vault.store(KEEPER.public, [Deposit(ENTRY, b"1"), Deposit(ENTRY, b"2")])
        assert vault.usage(KEEPER.public) == (2, 2)


def test_what_goes_gives_its_room_back(vault, world):
    put(vault, ENTRY, LARGE)
    put(vault, SECOND, BLOB)
    world.append(SECOND, BLOB, erased=True)
    world.now += WAITING
    assert vault.sweep() == (1, 1)
    assert vault.usage(KEEPER.public) == (0, 0)


# Getting


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 10),
        (BLOCK - 3, BLOCK + 3),
        (BLOCK, 2 * BLOCK),
        (5, len(LARGE)),
        (2 * BLOCK + 7, None),
        (len(LARGE) - 1, len(LARGE) + 100),
        (len(LARGE), None),
        (100, 50),
        (-5, 5),
    ],
)
def test_ranges_are_the_bytes_that_were_asked_for(vault, world, start, stop):
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    serving = vault.serve(READER, READ, ENTRY, start, stop)
    assert (serving.blob, serving.size) == (sha256(LARGE), len(LARGE))
    assert b"".join(serving.pieces) == LARGE[max(0, start) : stop]


def test_every_range_needs_the_read_to_be_live(vault, world):
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    world.now += LIVE
    begun = vault.serve(READER, READ, ENTRY)
    world.now += 1
    with pytest.raises(NotServed):
        vault.serve(READER, READ, ENTRY, 0, 1)
    assert b"".join(begun.pieces) == LARGE


def test_a_foreign_hash_in_a_record_of_ones_own_opens_nothing(vault, world):
    """Who knows hash and entry id of a foreign blob appends both to its record."""
    put(vault, ENTRY, BLOB)
    readable(world, ENTRY, BLOB)
    world.entries[READER, ENTRY] = EntryFact(sha256(BLOB), erased=False, record=FOREIGN)
    with pytest.raises(NotServed):
        vault.fetch(READER, READ, ENTRY)


def test_an_entry_that_nobody_here_keeps_opens_nothing(vault, world):
    put(vault, SECOND, BLOB)
    readable(world, ENTRY, BLOB)
    with pytest.raises(NotServed):
        vault.fetch(READER, READ, ENTRY)


def test_a_custodian_that_left_no_longer_serves(vault, world):
    put(vault, ENTRY, BLOB)
    readable(world, ENTRY, BLOB)
    del world.entries[KEEPER.public, ENTRY]
    with pytest.raises(NotServed):
        vault.fetch(READER, READ, ENTRY)


@pytest.mark.parametrize("blob", [BLOB, LARGE])
def test_a_fellow_custodian_gets_a_copy_and_a_participant_does_not(vault, world, blob):
    put(vault, ENTRY, blob)
    world.append(ENTRY, blob)
    assert b"".join(vault.hand_over(OTHER.public, ENTRY)) == blob
    for stranger in (READER, STRANGER):
        with pytest.raises(NotServed):
            vault.hand_over(stranger, ENTRY)
    world.append(ENTRY, blob, erased=True)
    with pytest.raises(NotServed):
        vault.hand_over(OTHER.public, ENTRY)
