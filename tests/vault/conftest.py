"""A ledger that says what it is told to, and a vault that listens to it."""

import pytest

from tests.vault.world import World, open_vault


@pytest.fixture
def world():
    return World()


@pytest.fixture
def vault(world, tmp_path):
    with open_vault(tmp_path, world) as vault:
        yield vault
