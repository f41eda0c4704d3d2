"""Disks: full, failing, changed; what is promised about them is kept."""

import os

import apsw
import pytest

from careledger.primitives.hashing import sha256
from careledger.vault.blobs import BLOCK, SMALL
from careledger.vault.problems import OtherVersion, VaultDamaged, VaultFull, VaultUnwell
from careledger.vault.store import WAITING, Deposit
from tests.vault.world import (
    BLOB,
    ENTRY,
    KEEPER,
    LARGE,
    READ,
    READER,
    SECOND,
    WRITER,
    arriving,
    blob_file,
    connection,
    open_vault,
    put,
    readable,
)


def test_bytes_are_on_disk_before_they_get_their_name_and_the_name_before_a_receipt(
    vault, tmp_path, monkeypatch
):
    """Power loss cannot be tested here; the order that survives it can."""
    seen = []

    def watched(name, step, of):
        def watch(*args):
            seen.append((name, of(*args)))
            return step(*args)

        monkeypatch.setattr(os, name, watch)

    def inode(file, *_):
        return os.fstat(file).st_ino if isinstance(file, int) else file.stat().st_ino

    watched("fsync", os.fsync, inode)
    watched("replace", os.replace, inode)
    stored = vault.upload(WRITER, KEEPER.public, ENTRY, [LARGE])
    assert stored.blob == sha256(LARGE)
    file = blob_file(tmp_path, LARGE)
    bytes_, folder = file.stat().st_ino, file.parent.stat().st_ino
    assert seen == [("fsync", bytes_), ("replace", bytes_), ("fsync", folder)]


def test_the_index_survives_power_loss_too(vault):
    assert connection(vault).pragma("synchronous") == 2
    assert connection(vault).pragma("journal_mode") == "wal"


def test_a_full_disk_is_named_and_loses_nothing(vault, world):
    put(vault, ENTRY, BLOB)
    readable(world, ENTRY, BLOB)
    pages = connection(vault).pragma("page_count")
    connection(vault).pragma("max_page_count", pages + 2)
    with pytest.raises(VaultFull):
        put(vault, SECOND, LARGE[:SMALL])
    assert vault.fetch(READER, READ, ENTRY) == BLOB
    assert vault.count() == 1
    connection(vault).pragma("max_page_count", pages + 100)
    put(vault, SECOND, LARGE[:SMALL])
    assert vault.count() == 2


def test_a_place_that_fails_leaves_no_claim(vault, world, tmp_path, monkeypatch):
    def fail(_source, _target):
        raise OSError(5, "secret")

    with monkeypatch.context() as patch:
        patch.setattr("careledger.vault.files.os.replace", fail)
        with pytest.raises(VaultUnwell):
            put(vault, ENTRY, LARGE)
    assert vault.count() == 0
    assert arriving(tmp_path) == []
    world.now += WAITING
    vault.sweep()
    assert vault._index.loose(world.now) == []


def test_a_file_that_is_no_vault_is_named(world, tmp_path):
    (tmp_path / "vault.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(VaultUnwell):
        open_vault(tmp_path, world)


def test_a_vault_of_another_version_is_not_touched(world, tmp_path):
    other = apsw.Connection(str(tmp_path / "vault.db"))
    other.pragma("user_version", 77)
    other.close()
    with pytest.raises(OtherVersion):
        open_vault(tmp_path, world)


def test_a_changed_block_is_served_to_nobody_and_named(vault, world, tmp_path):
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    path = blob_file(tmp_path, LARGE)
    spoilt = bytearray(LARGE)
    spoilt[BLOCK + 17] ^= 1
    path.write_bytes(spoilt)
    assert b"".join(vault.serve(READER, READ, ENTRY, 0, BLOCK).pieces) == LARGE[:BLOCK]
    pieces = vault.serve(READER, READ, ENTRY, BLOCK - 1, BLOCK + 1).pieces
    assert next(pieces) == LARGE[BLOCK - 1 : BLOCK]
    with pytest.raises(VaultDamaged) as found:
        next(pieces)
    assert sha256(LARGE).hex() in str(found.value)
    with pytest.raises(VaultDamaged):  # it is remembered
        vault.serve(READER, READ, ENTRY, 0, 1)
    put(vault, ENTRY, LARGE)  # whoever brings it again has healed it
    assert vault.fetch(READER, READ, ENTRY) == LARGE


def test_rot_is_named_even_if_it_cannot_be_noted(vault, world, tmp_path, monkeypatch):
    put(vault, ENTRY, LARGE)
    readable(world, ENTRY, LARGE)
    blob_file(tmp_path, LARGE).write_bytes(b"")

    def fail(*_):
        raise VaultFull

    monkeypatch.setattr(vault._shelves, "condemn", fail)
    with pytest.raises(VaultDamaged):
        vault.fetch(READER, READ, ENTRY)


def test_several_large_deposits_are_kept_together_or_not_at_all(vault, world, tmp_path):
    first, second = LARGE, LARGE[1:]
    vault.store(KEEPER.public, [Deposit(ENTRY, first), Deposit(SECOND, second)])
    world.append(SECOND, second)
    world.append(ENTRY, first)
    world.state(ENTRY, SECOND)
    assert vault.fetch(READER, READ, SECOND) == second
    assert vault.fetch(READER, READ, ENTRY) == first
