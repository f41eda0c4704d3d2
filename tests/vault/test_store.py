"""The vault: kept when it says so, served only against a live Read, then forgotten."""

from dataclasses import replace
from pathlib import Path

import pytest

from careledger.ledger.workflows.entries import stored_message
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import verify
from careledger.vault.problems import NotKept, NotServed, VaultDamaged
from careledger.vault.store import LIVE, WAITING, Deposit, Vault
from careledger.vault.view import EntryFact, ReadFact
from tests.vault.world import (
    BLOB,
    CHAIN,
    ENTRY,
    KEEPER,
    OTHER,
    READ,
    READER,
    SECOND,
    START,
    STRANGER,
    World,
    sign,
)


@pytest.fixture
def world() -> World:
    fact = EntryFact(sha256(BLOB), erased=False)
    return World(
        reads={READ: ReadFact("ok", START, ((READER, ENTRY),))},
        entries={(READER, ENTRY): fact, (KEEPER.public, ENTRY): fact},
    )


@pytest.fixture
def vault(world: World, tmp_path: Path):
    with Vault(tmp_path / "vault.db", CHAIN, world, sign) as vault:
        vault.store(KEEPER.public, [Deposit(ENTRY, BLOB)])
        yield vault


def test_a_receipt_names_exactly_the_blobs(vault: Vault) -> None:
    deposits = [Deposit(b"a" * 16, b"one"), Deposit(b"b" * 16, b"two")]
    receipt = vault.store(KEEPER.public, deposits)
    verify(
        KEEPER.public, stored_message(CHAIN, [sha256(b"one"), sha256(b"two")]), receipt
    )


def test_a_live_read_opens(vault: Vault) -> None:
    assert vault.fetch(READER, READ, ENTRY) == BLOB


def test_a_read_opens_to_its_last_moment_and_not_beyond(
    vault: Vault, world: World
) -> None:
    world.now = START + LIVE
    assert vault.fetch(READER, READ, ENTRY) == BLOB
    world.now += 1
    with pytest.raises(NotServed):
        vault.fetch(READER, READ, ENTRY)


def refused_read(world: World) -> None:
    world.reads[READ] = replace(world.reads[READ], code="records.not-permitted")


def nobody_read(world: World) -> None:
    world.reads.clear()


def somebody_else_read(world: World) -> None:
    world.reads[READ] = replace(world.reads[READ], stated=((STRANGER, ENTRY),))


def read_of_another_entry(world: World) -> None:
    world.reads[READ] = replace(world.reads[READ], stated=((READER, b"x" * 16),))


def reader_removed(world: World) -> None:
    world.active.clear()


def entry_erased(world: World) -> None:
    world.entries[READER, ENTRY] = EntryFact(sha256(BLOB), erased=True)


def another_blob(world: World) -> None:
    world.entries[READER, ENTRY] = EntryFact(sha256(b"other"), erased=False)


def no_such_entry(world: World) -> None:
    world.entries.clear()


@pytest.mark.parametrize(
    "spoil",
    [
        refused_read,
        nobody_read,
        somebody_else_read,
        read_of_another_entry,
        reader_removed,
        entry_erased,
        another_blob,
        no_such_entry,
    ],
)
def test_everything_else_gets_one_answer(vault: Vault, world: World, spoil) -> None:
    spoil(world)
    with pytest.raises(NotServed) as refused:
        vault.fetch(READER, READ, ENTRY)
    assert str(refused.value) == str(NotServed())


def test_a_foreign_handle_gets_no_receipt_and_nothing_is_kept(vault: Vault) -> None:
    with pytest.raises(NotKept):
        vault.store(STRANGER, [Deposit(ENTRY, b"new")])
    with pytest.raises(NotKept):
        vault.store(KEEPER.public, [])
    assert vault.count() == 1


def test_blobs_without_append_go_after_a_day(vault: Vault, world: World) -> None:
    vault.store(KEEPER.public, [Deposit(b"n" * 16, b"never appended")])
    world.now = START + WAITING - 1
    assert vault.sweep() == (0, 0)
    world.now = START + WAITING
    assert vault.sweep() == (1, 0)
    assert vault.count() == 1


def test_one_blob_of_two_custodians_stays_for_the_one_that_needs_it(
    vault: Vault, world: World
) -> None:
    vault.store(OTHER.public, [Deposit(ENTRY, BLOB)])
    world.now = START + WAITING
    assert vault.sweep() == (1, 0)
    world.reads[READ] = replace(world.reads[READ], time=world.now)
    assert vault.fetch(READER, READ, ENTRY) == BLOB


def test_an_erased_entry_leaves_a_tombstone(vault: Vault, world: World) -> None:
    world.entries[KEEPER.public, ENTRY] = EntryFact(sha256(BLOB), erased=True)
    assert vault.sweep() == (0, 1)
    assert (vault.count(), vault.sweep()) == (0, (0, 0))
    with pytest.raises(NotServed):
        vault.fetch(READER, READ, ENTRY)
    with pytest.raises(NotKept):
        vault.store(KEEPER.public, [Deposit(ENTRY, BLOB)])


def test_a_tombstone_holds_where_the_ledger_has_forgotten(
    vault: Vault, world: World
) -> None:
    forgotten = world.entries[KEEPER.public, ENTRY]
    world.entries[KEEPER.public, ENTRY] = replace(forgotten, erased=True)
    assert vault.sweep() == (0, 1)
    world.entries[KEEPER.public, ENTRY] = forgotten
    with pytest.raises(NotKept):
        vault.store(KEEPER.public, [Deposit(ENTRY, BLOB)])


def test_bytes_erased_for_one_record_are_kept_for_another(
    world: World, tmp_path: Path
) -> None:
    with Vault(tmp_path / "v.db", CHAIN, world, sign) as vault:
        vault.store(OTHER.public, [Deposit(SECOND, BLOB)])
        world.entries[OTHER.public, SECOND] = EntryFact(sha256(BLOB), erased=True)
        assert (vault.sweep(), vault.count()) == ((0, 1), 0)
        vault.store(KEEPER.public, [Deposit(ENTRY, BLOB)])
        assert vault.fetch(READER, READ, ENTRY) == BLOB


def test_a_blob_that_changed_on_disk_is_not_served(vault: Vault) -> None:
    vault._index._connection.execute("UPDATE small SET data=?", (b"changed",))
    with pytest.raises(VaultDamaged):
        vault.fetch(READER, READ, ENTRY)


def test_what_was_acknowledged_is_there_after_a_restart(
    world: World, tmp_path: Path
) -> None:
    with Vault(tmp_path / "v.db", CHAIN, world, sign) as first:
        first.store(KEEPER.public, [Deposit(ENTRY, BLOB)])
    with Vault(tmp_path / "v.db", CHAIN, world, sign) as again:
        assert again.fetch(READER, READ, ENTRY) == BLOB
