"""Arriving: nothing of a blob is left unless all of it arrived."""

import errno
import os
import subprocess
import sys

import pytest

from careledger.primitives.hashing import sha256
from careledger.vault import staging as staging_module
from careledger.vault.blobs import BLOCK, SMALL
from careledger.vault.problems import OverQuota, VaultFull, VaultUnwell
from careledger.vault.staging import Staging
from tests.vault.world import LARGE


@pytest.fixture
def staging(tmp_path):
    staging = Staging(tmp_path / "arriving")
    yield staging
    staging.close()


def left(tmp_path):
    return [p for p in (tmp_path / "arriving").iterdir() if p.name != "users"]


def in_pieces(content, size=100_003):
    return (content[n : n + size] for n in range(0, len(content), size))


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, BLOCK, BLOCK + 1, len(LARGE)])
def test_what_arrives_is_hashed_as_it_is_written(staging, tmp_path, size):
    content = LARGE[:size]
    with staging.receive(in_pieces(content), size) as staged:
        assert (staged.blob, staged.size) == (sha256(content), size)
        if size <= SMALL:
            assert staged.content == content
            assert left(tmp_path) == []
        else:
            assert staged.path.read_bytes() == content
        parts = [content[n : n + BLOCK] for n in range(0, size, BLOCK)]
        wanted = b"".join(map(sha256, parts)) if len(parts) > 1 else b""
        assert staged.blocks == wanted
    assert left(tmp_path) == []


class Cut(Exception):
    """The line went dead."""


@pytest.mark.parametrize("after", [0, 10, BLOCK, 2 * BLOCK])
def test_a_cut_upload_leaves_nothing(staging, tmp_path, after):
    def pieces():
        yield from in_pieces(LARGE[:after])
        raise Cut

    with pytest.raises(Cut), staging.receive(pieces(), len(LARGE)):
        pytest.fail("it did not arrive")
    assert left(tmp_path) == []


@pytest.mark.parametrize("limit", [0, 10, BLOCK, len(LARGE) - 1])
def test_more_than_the_limit_leaves_nothing(staging, tmp_path, limit):
    with pytest.raises(OverQuota), staging.receive([LARGE], limit):
        pytest.fail("it was too much")
    assert left(tmp_path) == []


def test_an_endless_upload_ends_at_the_limit(staging, tmp_path):
    def endless():
        while True:
            yield bytes(BLOCK)

    with pytest.raises(OverQuota), staging.receive(endless(), 40 * BLOCK):
        pytest.fail("it was too much")
    assert left(tmp_path) == []


def failing(number):
    def fail(*_args):
        raise OSError(number, "secret path")

    return fail


@pytest.mark.parametrize("name", ["write", "fsync", "open"])
@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, VaultFull),
        (errno.EDQUOT, VaultFull),
        (errno.EIO, VaultUnwell),
        (errno.EROFS, VaultUnwell),
    ],
)
def test_a_disk_that_fails_is_named_and_leaves_nothing(
    staging, tmp_path, monkeypatch, name, number, error
):
    with monkeypatch.context() as patch:
        patch.setattr(staging_module.os, name, failing(number))
        with pytest.raises(error) as failed, staging.receive([LARGE], len(LARGE)):
            pytest.fail("it is not on disk")
    assert "secret" not in str(failed.value)
    assert left(tmp_path) == []


def test_a_disk_that_writes_in_parts_gets_it_all(staging, monkeypatch):
    write = os.write
    monkeypatch.setattr(
        staging_module.os, "write", lambda file, data: write(file, data[:70_001])
    )
    with staging.receive([LARGE], len(LARGE)) as staged:
        assert staged.path.read_bytes() == LARGE


def test_a_long_blob_is_synced_on_the_way(staging, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(
        staging_module.os, "fsync", lambda file: synced.append(file) or fsync(file)
    )
    with staging.receive([bytes(BLOCK)] * 65, 65 * BLOCK) as staged:
        assert staged.size == 65 * BLOCK
    assert len(synced) == 3


def test_what_a_crash_left_is_cleared_at_the_next_start(tmp_path):
    (tmp_path / "arriving").mkdir()
    (tmp_path / "arriving" / "half").write_bytes(b"half a blob")
    Staging(tmp_path / "arriving").close()
    assert left(tmp_path) == []


def test_another_process_does_not_clear_what_is_arriving_here(staging, tmp_path):
    with staging.receive([LARGE], len(LARGE)) as staged:
        code = (
            "import sys; from pathlib import Path;"
            "from careledger.vault.staging import Staging;"
            "Staging(Path(sys.argv[1])).close()"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "arriving")]
        where = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run(command, check=True, env=where)
        Staging(tmp_path / "arriving").close()
        assert staged.path.read_bytes() == LARGE
