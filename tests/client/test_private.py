"""Key material that others on the machine may read or change is not opened."""

import os
import shlex
from pathlib import Path

import pytest

from careledger.client.config import Config
from careledger.client.files import check_private
from careledger.client.home import (
    CONFIG,
    SEED,
    Home,
    begin_home,
    find_home,
    new_home,
    save_settings,
    unlock_home,
)
from careledger.client.keystore import Keystore
from careledger.client.problems import CannotRead, TooOpen
from careledger.primitives.hashing import sha256

PASSPHRASE = "nine slow otters"

posix = pytest.mark.skipif(os.name != "posix", reason="modes mean nothing elsewhere")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    new = new_home(tmp_path / "my home", PASSPHRASE)
    begin_home(new)
    return save_settings(new.path, Config(node="/somewhere"))


def modes(closed: int) -> list[int]:
    """Return the modes that each give others one thing more than `closed`."""
    return [closed | 1 << bit for bit in range(6)]


@posix
@pytest.mark.parametrize("mode", modes(0o700), ids=oct)
def test_an_open_home_is_not_unlocked(home: Home, mode: int) -> None:
    home.path.chmod(mode)
    with pytest.raises(TooOpen) as refused:
        unlock_home(find_home(home.path), PASSPHRASE)
    assert "chmod 700" in refused.value.advice
    home.path.chmod(0o700)
    unlock_home(home, PASSPHRASE)


@posix
@pytest.mark.parametrize("mode", modes(0o600), ids=oct)
def test_an_open_seed_is_not_unlocked(home: Home, mode: int) -> None:
    (home.path / SEED).chmod(mode)
    with pytest.raises(TooOpen) as refused:
        unlock_home(home, PASSPHRASE)
    assert "chmod 600" in refused.value.advice


@posix
def test_an_open_keystore_is_not_read(tmp_path: Path) -> None:
    path, seed = tmp_path / "keystore", sha256(b"seed")
    Keystore(seed, path=path).change(next=7)
    path.chmod(0o640)
    with pytest.raises(TooOpen):
        Keystore(seed, path=path)
    path.chmod(0o400)
    assert Keystore(seed, path=path).kept.next == 7


@posix
def test_the_command_that_is_named_closes_it(home: Home) -> None:
    seed = home.path / SEED
    seed.chmod(0o644)
    with pytest.raises(TooOpen) as refused:
        check_private(seed)
    words = shlex.split(refused.value.advice.partition(" – ")[0])
    assert words == ["Run:", "chmod", "600", str(seed)]
    seed.chmod(int(words[2], 8))
    check_private(seed)


@posix
def test_settings_may_be_read_by_others(home: Home) -> None:
    (home.path / CONFIG).chmod(0o644)
    unlock_home(home, PASSPHRASE)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRead):
        check_private(tmp_path / "nothing")


def test_where_there_are_no_modes_nothing_is_asked(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.path / SEED).chmod(0o644)
    monkeypatch.setattr(os, "name", "another")
    check_private(home.path / SEED)
