"""Rot: found by a scrub, named by hash, replaced from another custodian."""

import pytest

from careledger.primitives.hashing import sha256
from careledger.vault.blobs import BLOCK
from careledger.vault.problems import NotServed, VaultDamaged, VaultFull, VaultUnwell
from careledger.vault.scrub import Pace
from tests.vault.world import (
    BLOB,
    ENTRY,
    KEEPER,
    LARGE,
    OTHER,
    READ,
    READER,
    SECOND,
    World,
    arriving,
    blob_file,
    connection,
    open_vault,
    put,
)

HASHES = sorted([sha256(BLOB), sha256(LARGE)])


@pytest.fixture
def world():
    world = World()
    world.append(ENTRY, BLOB)
    world.append(SECOND, LARGE)
    world.state(ENTRY, SECOND)
    return world


@pytest.fixture
def vault(world, tmp_path):
    with open_vault(tmp_path, world) as vault:
        put(vault, ENTRY, BLOB)
        put(vault, SECOND, LARGE)
        yield vault


@pytest.fixture
def fellow(world, tmp_path):
    (tmp_path / "fellow").mkdir()
    with open_vault(tmp_path / "fellow", world) as fellow:
        put(fellow, ENTRY, BLOB, OTHER)
        put(fellow, SECOND, LARGE, OTHER)
        yield fellow


def spoil_small(vault):
    connection(vault).execute("UPDATE small SET data=?", (b"sealed Bytes",))


def spoil_large(tmp_path):
    spoilt = bytearray(LARGE)
    spoilt[-1] ^= 128
    blob_file(tmp_path, LARGE).write_bytes(spoilt)


def fast():
    return Pace(10**12)


def test_a_whole_vault_scrubs_clean(vault):
    assert vault.scrub() == (2, len(BLOB) + len(LARGE), ())


@pytest.mark.parametrize(
    "spoil",
    {
        "changed": lambda path: path.write_bytes(LARGE[:-1] + b"!"),
        "cut": lambda path: path.write_bytes(LARGE[:-1]),
        "longer by nothing that counts": lambda path: path.write_bytes(b"!" + LARGE),
        "missing": lambda path: path.unlink(),
        "unreadable": lambda path: (path.unlink(), path.mkdir()),
    }.values(),
)
def test_a_scrub_finds_rot_in_files(vault, tmp_path, spoil):
    spoil(blob_file(tmp_path, LARGE))
    assert vault.scrub(fast()).rotten == (sha256(LARGE),)
    with pytest.raises(VaultDamaged) as found:
        vault.fetch(READER, READ, SECOND)
    assert sha256(LARGE).hex() in str(found.value)
    assert vault.fetch(READER, READ, ENTRY) == BLOB


def test_a_scrub_finds_rot_in_sqlite(vault, tmp_path):
    spoil_small(vault)
    spoil_large(tmp_path)
    assert list(vault.scrub(fast()).rotten) == HASHES
    assert list(vault.scrub(fast()).rotten) == HASHES


def test_a_blob_that_is_whole_again_is_served_again(vault, tmp_path):
    spoil_large(tmp_path)
    vault.scrub(fast())
    blob_file(tmp_path, LARGE).write_bytes(LARGE)
    with pytest.raises(VaultDamaged):
        vault.fetch(READER, READ, SECOND)
    assert vault.scrub(fast()).rotten == ()
    assert vault.fetch(READER, READ, SECOND) == LARGE


def test_a_blob_dropped_under_the_scrub_is_not_called_rotten(vault, world, tmp_path):
    world.append(SECOND, LARGE, erased=True)

    class Sweeping(Pace):
        def spend(self, size):
            if size == BLOCK:
                vault.sweep()

    assert vault.scrub(Sweeping()).rotten == ()


class Clock:
    def __init__(self):
        self.now, self.slept = 100.0, 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.now, self.slept = self.now + seconds, self.slept + seconds


def test_a_scrub_keeps_to_its_rate():
    clock = Clock()
    pace = Pace(1000, clock, clock.sleep)
    for _ in range(4):
        pace.spend(500)
    assert clock.slept == pytest.approx(1.5)
    clock.now += 60  # a pause is not saved up
    for _ in range(4):
        pace.spend(500)
    assert clock.slept == pytest.approx(3.0)


def test_a_disk_that_is_slower_than_the_rate_is_not_held_up():
    clock = Clock()
    pace = Pace(1000, clock, clock.sleep)
    for _ in range(4):
        pace.spend(500)
        clock.now += 1
    assert clock.slept == 0


def test_a_scrub_pays_for_every_byte(vault):
    clock = Clock()
    rate = 100_000
    vault.scrub(Pace(rate, clock, clock.sleep))
    last = max(len(BLOB), len(LARGE) % BLOCK)
    assert clock.slept >= (len(BLOB) + len(LARGE) - last) / rate


# Mending


def test_rot_is_replaced_by_what_another_custodian_has(vault, fellow, tmp_path):
    spoil_small(vault)
    spoil_large(tmp_path)
    vault.scrub(fast())
    mended = vault.mend([fellow])
    assert list(mended.mended) == HASHES
    assert mended.rotten == ()
    assert vault.fetch(READER, READ, ENTRY) == BLOB
    assert vault.fetch(READER, READ, SECOND) == LARGE
    assert vault.scrub(fast()).rotten == ()
    assert arriving(tmp_path) == []


class Says:
    """A fellow that gives whatever it was told to."""

    def __init__(self, *pieces):
        self.pieces = pieces

    def hand_over(self, custodian, entry):
        assert custodian == KEEPER.public
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


@pytest.mark.parametrize(
    "fellow",
    [
        Says(NotServed()),
        Says(VaultDamaged()),
        Says(OSError("the line went dead")),
        Says(LARGE[:BLOCK], OSError("the line went dead")),
        Says(LARGE[:-1]),
        Says(LARGE[:-1] + b"!"),
        Says(LARGE + b"!"),
        Says(BLOB),
        Says(),
    ],
)
def test_nobody_is_trusted_and_who_fails_is_passed_over(vault, tmp_path, fellow):
    spoil_large(tmp_path)
    vault.scrub(fast())
    assert vault.mend([fellow]) == ((), (sha256(LARGE),))
    with pytest.raises(VaultDamaged):
        vault.fetch(READER, READ, SECOND)
    assert arriving(tmp_path) == []
    assert vault.mend([fellow, Says(LARGE)]) == ((sha256(LARGE),), ())
    assert vault.fetch(READER, READ, SECOND) == LARGE


def test_our_own_full_disk_is_not_blamed_on_the_fellow(vault, tmp_path, monkeypatch):
    spoil_large(tmp_path)
    vault.scrub(fast())

    def full(*_):
        raise OSError(28, "no room")

    monkeypatch.setattr("careledger.vault.staging.os.write", full)
    with pytest.raises(VaultFull):
        vault.mend([Says(LARGE)])


def test_without_rot_nobody_is_asked(vault):
    assert vault.mend([Says(AssertionError())]) == ((), ())


@pytest.mark.parametrize(("entry", "blob"), [(ENTRY, BLOB), (SECOND, LARGE)])
def test_what_was_erased_meanwhile_is_not_brought_back(
    vault, world, tmp_path, entry, blob
):
    spoil_small(vault)
    spoil_large(tmp_path)
    vault.scrub(fast())

    class Slow(Says):
        def hand_over(self, custodian, asked):
            if asked == entry:
                world.append(entry, blob, erased=True)
                vault.sweep()
                yield blob

    assert vault.mend([Slow()]).mended == ()
    assert sha256(blob) not in [one.blob for one in vault._index.rotten()]
    assert vault._index.find(sha256(blob)) is None
    vault.sweep()
    world.now += 86_400_000
    vault.sweep()
    assert not blob_file(tmp_path, blob).exists()


def test_a_vault_hands_over_no_rot(vault, tmp_path):
    spoil_large(tmp_path)
    with pytest.raises(VaultDamaged):
        b"".join(vault.hand_over(OTHER.public, SECOND))


def test_a_disk_that_cannot_be_read_is_no_rot_until_a_scrub_says_so(
    vault, tmp_path, monkeypatch
):
    def fail(*_):
        raise VaultUnwell

    with monkeypatch.context() as patch:
        patch.setattr(vault._shelves.large, "read", fail)
        with pytest.raises(VaultUnwell):
            vault.fetch(READER, READ, SECOND)
    assert vault.fetch(READER, READ, SECOND) == LARGE
