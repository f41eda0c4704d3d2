import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from careledger.cli import main
from careledger.sealing import passphrase
from tests.cli.houses import House, joined
from tests.cli.practice import Practice
from tests.cli.terminal import PASSPHRASE, Terminal


@pytest.fixture(scope="session", autouse=True)
def each_guess_is_paid_for_once() -> Iterator[None]:
    """Keep what Argon2id gave for a passphrase and salt, in this process.

    It is dear on purpose, and thousands of commands here open the same few homes.
    Processes that tests start pay every time.
    """
    with pytest.MonkeyPatch.context() as patch:
        once = functools.lru_cache(passphrase.hash_secret_raw)
        patch.setattr(passphrase, "hash_secret_raw", once)
        yield


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a hospital that founded a simulated network, made once."""
    home = tmp_path_factory.mktemp("founded") / "hospital"

    read, write = os.pipe()
    os.write(write, PASSPHRASE.encode())
    os.close(write)
    words = ["network", "init", "test.example", "--simulated", "--own-governors", "2"]
    words += ["--organisation", "Riverside Hospital", "--entity", "E-1"]
    words += ["--home", str(home), "--passphrase-fd", str(read)]
    assert main(words) == 0
    os.close(read)
    return home


@pytest.fixture
def terminal(
    founded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """A terminal at a copy of the founded home."""
    home = tmp_path / "hospital"
    shutil.copytree(founded, home)
    return Terminal(home, capsys)


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal at a home that does not exist yet."""
    return Terminal(tmp_path / "nothing", capsys)


@pytest.fixture(scope="session")
def practice(
    founded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Practice]:
    folder = tmp_path_factory.mktemp("f")
    house = House(folder / "h")
    shutil.copytree(founded, house.path)
    house.begin()
    yield Practice(house, joined(house, folder, "Dr. Ada Lind"), folder)
    house.end()
