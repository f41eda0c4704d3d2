"""Every place for blobs keeps the same promises; each is asked the same questions."""

import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.primitives.hashing import sha256
from careledger.vault.blobs import BLOCK, SMALL, Staged, in_blocks, staged_whole
from careledger.vault.files import Files
from careledger.vault.index import Index
from careledger.vault.objects import Objects
from careledger.vault.problems import NoObjectStore, VaultUnwell
from careledger.vault.scrub import Pace
from tests.vault.world import (
    ENTRY,
    KEEPER,
    LARGE,
    READ,
    READER,
    WRITER,
    World,
    arriving,
    open_vault,
)

try:
    import obstore
except ImportError:
    obstore = None

with_obstore = pytest.mark.skipif(obstore is None, reason="obstore is not installed")


@pytest.fixture(
    params=[
        "sqlite",
        "files",
        pytest.param("memory:///", marks=with_obstore),
        pytest.param("file://{}", marks=with_obstore),
    ]
)
def place(request, tmp_path):
    if request.param == "sqlite":
        index = Index(tmp_path / "index")
        yield index.small
        index.close()
    elif request.param == "files":
        yield Files(tmp_path / "files")
    else:
        (tmp_path / "objects").mkdir()
        yield Objects(request.param.format(tmp_path / "objects"))


@pytest.fixture
def stage(tmp_path):
    def stage(content: bytes, name: bytes | None = None) -> Staged:
        path = tmp_path / "staged"
        path.write_bytes(content)
        return Staged(name or sha256(content), len(content), content=content, path=path)

    return stage


CONTENT = b"0123456789" * 100


def test_what_was_put_is_there_and_any_range_of_it(place, stage):
    place.put(stage(CONTENT))
    blob = sha256(CONTENT)
    for start, size in [(0, 1000), (0, 5), (990, 10), (7, 13), (0, 5000), (995, 50)]:
        assert place.read(blob, start, size) == CONTENT[start : start + size]


def test_behind_the_end_there_is_nothing(place, stage):
    place.put(stage(CONTENT))
    assert place.read(sha256(CONTENT), len(CONTENT) + 1, 10) == b""


def test_a_blob_that_is_not_there_reads_as_nothing(place):
    assert place.read(sha256(b"absent"), 0, 10) == b""


def test_putting_again_replaces_whatever_lay_there(place, stage):
    place.put(stage(b"rotten", name=sha256(CONTENT)))
    place.put(stage(CONTENT))
    assert place.read(sha256(CONTENT), 0, 2000) == CONTENT


def test_what_was_removed_is_gone_and_the_rest_stays(place, stage):
    place.put(stage(CONTENT))
    place.put(stage(b"other"))
    place.remove(sha256(CONTENT))
    place.remove(sha256(CONTENT))
    assert place.read(sha256(CONTENT), 0, 10) == b""
    assert place.read(sha256(b"other"), 0, 10) == b"other"


def test_files_are_for_their_owner_alone_and_named_by_hash(tmp_path, stage):
    files = Files(tmp_path / "deep" / "files")
    files.put(stage(CONTENT))
    (only,) = (tmp_path / "deep" / "files").iterdir()
    assert only.name == sha256(CONTENT).hex()
    assert (tmp_path / "deep" / "files").stat().st_mode & 0o77 == 0


@with_obstore
def test_a_bucket_that_fails_says_so_in_our_words(stage):
    bucket = Objects("memory:///")
    bucket.put(stage(CONTENT))
    bucket._store = Broken(bucket._store)
    for act in (
        lambda: bucket.put(stage(CONTENT)),
        lambda: bucket.read(sha256(CONTENT), 0, 10),
        lambda: bucket.remove(sha256(CONTENT)),
    ):
        with pytest.raises(VaultUnwell) as failed:
            act()
        assert "secret" not in str(failed.value)
        assert failed.value.__cause__ is None


@with_obstore
def test_a_range_that_fails_within_the_object_is_no_end_of_it(stage):
    bucket = Objects("memory:///")
    bucket.put(stage(CONTENT))
    bucket._store = Broken(bucket._store, head=True)
    with pytest.raises(VaultUnwell):
        bucket.read(sha256(CONTENT), 0, 10)


class Broken:
    """A store that fails at everything, or at everything but the size."""

    def __init__(self, store, *, head=False):
        if head:
            self.head = store.head

    def __getattr__(self, name):
        def fail(*_, **__):
            raise obstore.exceptions.GenericError("secret address")

        return fail


@with_obstore
@pytest.mark.parametrize("url", ["bogus://x", "no url"])
def test_an_address_that_is_none(url):
    with pytest.raises(VaultUnwell):
        Objects(url)


def test_without_the_library_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(NoObjectStore):
        Objects("memory:///")


@given(st.lists(st.binary(max_size=64) | st.integers(0, 3 * BLOCK).map(bytes)))
def test_blocks_are_the_same_bytes_in_equal_parts(pieces):
    blocks = list(in_blocks(pieces))
    assert b"".join(blocks) == b"".join(pieces)
    assert all(len(one) == BLOCK for one, _ in pairwise(blocks))
    assert all(0 < len(one) <= BLOCK for one in blocks)


def test_a_small_blob_is_staged_in_memory():
    staged = staged_whole(b"x" * SMALL)
    assert (staged.blob, staged.size) == (sha256(b"x" * SMALL), SMALL)


@with_obstore
def test_a_vault_with_a_bucket_keeps_serves_mends_and_forgets(tmp_path):
    world, blob = World(), LARGE * 10
    bucket = Objects("memory:///")
    with open_vault(tmp_path, world, large=bucket) as vault:
        vault.upload(WRITER, KEEPER.public, ENTRY, [blob])
        world.append(ENTRY, blob)
        world.state(ENTRY)
        assert vault.fetch(READER, READ, ENTRY) == blob
        middle = vault.serve(READER, READ, ENTRY, BLOCK - 1, 3 * BLOCK)
        assert b"".join(middle.pieces) == blob[BLOCK - 1 : 3 * BLOCK]
        assert arriving(tmp_path) == []
        bucket.remove(sha256(blob))
        assert vault.scrub(Pace(10**12)).rotten == (sha256(blob),)
        vault.upload(WRITER, KEEPER.public, ENTRY, [blob])
        assert vault.fetch(READER, READ, ENTRY) == blob
        world.append(ENTRY, blob, erased=True)
        assert vault.sweep() == (0, 1)
        assert bucket.read(sha256(blob), 0, 10) == b""
