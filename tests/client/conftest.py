"""One local network for the tests of a module: real keys, real ledger, real vaults."""

import pytest

from careledger.local import LocalNetwork


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield network
