"""A ledger on disk, its engine, and the clock that it goes by."""

from pathlib import Path

import pytest

from careledger.engines.embedded import Engine
from tests.engines.market import GENESIS, Clock, setup


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def engine(path, clock):
    with Engine.create(path, GENESIS, setup(clock=clock)) as engine:
        yield engine
