"""Homes on disk: keys, half-written files, crashes while writing."""

import os
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest

from careledger.client import files
from careledger.client.config import Config, PublicKeys
from careledger.client.home import (
    CONFIG,
    GENESIS,
    SEED,
    Home,
    begin_home,
    find_home,
    keep_genesis,
    new_home,
    save_settings,
    unlock_home,
)
from careledger.client.offices import Offices, check_public_keys, stated_key
from careledger.client.problems import (
    CannotRead,
    CannotWrite,
    HalfMade,
    HomeExists,
    KeysDiffer,
    NoGenesis,
    NoHome,
    NoSuchOffice,
    NothingSet,
    OtherNetwork,
)
from careledger.ledger.genesis import BadGenesis
from careledger.sealing.problems import DamagedLock, WrongPassphrase
from tests.ledger.world import genesis

PASSPHRASE = "nine slow otters"


def keys_of(offices: Offices) -> PublicKeys:
    return PublicKeys(
        governors=(offices.governor(0).public.hex(), offices.governor(1).public.hex()),
        organisation=offices.organisation().public.hex(),
        node=offices.node().public.hex(),
        purse=offices.purse().public.hex(),
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    new = new_home(tmp_path / "home", PASSPHRASE)
    begin_home(new)
    return save_settings(new.path, Config(keys=keys_of(new.offices)))


def test_a_home_is_found_and_unlocked(home: Home) -> None:
    found = find_home(home.path)
    assert found == home
    offices = unlock_home(found, PASSPHRASE)
    assert keys_of(offices) == home.config.keys
    with pytest.raises(WrongPassphrase):
        unlock_home(found, PASSPHRASE + " ")
    with pytest.raises(HomeExists):
        new_home(home.path, PASSPHRASE)


def test_all_keys_of_a_seed_differ_and_belong_to_it() -> None:
    one, other = Offices(bytes(32)), Offices(bytes(31) + b"\1")
    keys = [
        key
        for offices in (one, other)
        for key in (
            *(offices.governor(number).public for number in range(3)),
            *(offices.mailbox(number).public for number in range(3)),
            offices.organisation().public,
            offices.node().public,
            offices.node_ml_dsa().public,
            offices.purse().public,
        )
    ]
    assert len(set(keys)) == len(keys)
    assert Offices(bytes(32)).node().public == one.node().public


@pytest.mark.parametrize("name", PublicKeys.__struct_fields__)
def test_settings_with_anothers_key_are_refused(home: Home, name: str) -> None:
    wrong: Any = "ab" * 32
    wrong = (wrong,) if name == "governors" else wrong
    changed = msgspec.structs.replace(home.config.keys, **{name: wrong})
    with pytest.raises(KeysDiffer) as caught:
        unlock_home(save_settings(home.path, Config(keys=changed)), PASSPHRASE)
    assert name.rstrip("s") in caught.value.detail


def test_settings_need_not_state_a_key() -> None:
    check_public_keys(Offices(bytes(32)), PublicKeys())
    with pytest.raises(NoSuchOffice):
        stated_key("", "node")


def test_every_cut_and_flip_of_the_seed_is_told_from_a_wrong_passphrase(
    home: Home,
) -> None:
    path = home.path / SEED
    whole = path.read_bytes()
    spoilt = [whole[:size] for size in range(0, len(whole), 7)]
    spoilt += [
        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for at in range(0, len(whole), 5)
    ]
    for damaged in spoilt:
        path.write_bytes(damaged)
        with pytest.raises(DamagedLock) as caught:
            unlock_home(home, PASSPHRASE)
        assert caught.value.detail == str(path)


def test_an_interrupted_making_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(NoHome):
        find_home(tmp_path)
    new = new_home(tmp_path, PASSPHRASE)
    with pytest.raises(NoHome):
        find_home(tmp_path)
    begin_home(new)
    with pytest.raises(HalfMade):
        find_home(tmp_path)
    with pytest.raises(HalfMade):
        new_home(tmp_path, PASSPHRASE)


@pytest.mark.parametrize("text", ["", "# nothing\n", 'ledger = "ledger.db"\n'])
def test_settings_that_name_no_home_say_what_is_missing(home: Home, text: str) -> None:
    (home.path / CONFIG).write_text(text)
    with pytest.raises(NothingSet) as caught:
        find_home(home.path)
    assert caught.value.detail == str(home.path / CONFIG)
    (home.path / CONFIG).write_text(text + 'node = "elsewhere"\n')
    assert find_home(home.path).config.node == "elsewhere"


def test_a_home_keeps_to_its_network(home: Home) -> None:
    with pytest.raises(NoGenesis):
        _ = home.network
    keep_genesis(home.path, genesis())
    keep_genesis(home.path, genesis())
    assert home.network.name == "test.example/careledger"
    with pytest.raises(OtherNetwork):
        keep_genesis(home.path, genesis(created=1))
    with pytest.raises(BadGenesis):
        keep_genesis(home.path, b"")
    cut = (home.path / GENESIS).read_bytes()[:-1]
    (home.path / GENESIS).write_bytes(cut)
    with pytest.raises(BadGenesis) as caught:
        _ = home.network
    assert caught.value.detail == str(home.path / GENESIS)


def test_only_the_owner_may_look(home: Home) -> None:
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    for name in (CONFIG, SEED):
        assert stat.S_IMODE((home.path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("step", ["write", "fsync", "rename", "fsync of the directory"])
def test_a_failed_write_leaves_the_old_file_or_the_new(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    files.write_file(path, b"old")
    calls = iter(range(10))

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    def fsync(descriptor: int) -> None:
        if next(calls) == (0 if step == "fsync" else 1):
            fail()

    match step:
        case "write":
            monkeypatch.setattr(os, "fdopen", fail)
        case "rename":
            monkeypatch.setattr(Path, "replace", fail)
        case _:
            monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(CannotWrite):
        files.write_file(path, b"new")
    monkeypatch.undo()
    expected = b"new" if step == "fsync of the directory" else b"old"
    assert path.read_bytes() == expected
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_write_is_synced_before_and_after_the_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        is_directory = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("sync directory" if is_directory else "sync file")
        fsync(descriptor)

    def noted_replace(self: Path, target: Path) -> Path:
        steps.append("move")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    files.write_file(tmp_path / "file", b"x")
    assert steps == ["sync file", "move", "sync directory"]


def test_what_cannot_be_read_or_made(tmp_path: Path) -> None:
    with pytest.raises(CannotRead):
        files.read_file(tmp_path / "nothing")
    with pytest.raises(CannotRead):
        files.read_file(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite):
        files.make_directory(tmp_path / "file")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2**24 + 1)
    with pytest.raises(CannotRead):
        files.read_file(tmp_path / "huge")


def test_a_new_directory_survives_power_loss(tmp_path, monkeypatch):
    seen = []

    def watched(file, step=os.fsync):
        seen.append(os.fstat(file).st_ino)
        step(file)

    monkeypatch.setattr(os, "fsync", watched)
    files.make_directory(tmp_path / "home")
    assert seen == [tmp_path.stat().st_ino]


def test_a_parent_that_may_only_be_entered_is_no_obstacle(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    files.make_directory(tmp_path / "home")
    assert (tmp_path / "home").is_dir()
