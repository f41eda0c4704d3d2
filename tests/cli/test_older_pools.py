"""Pools that were put back from an older backup take up where the ledger is."""

import msgspec
import pytest

from careledger.cli.house.older_pools import catch_up
from careledger.client.hospital import Pools
from careledger.client.keystore import GAP, Keystore
from careledger.local import LocalNetwork


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield network


def copied(pools: Pools) -> Pools:
    stores = []
    for one in (pools.custodians, pools.witnesses, pools.agents):
        store = Keystore(one.seed, one.device)
        store.change(**msgspec.structs.asdict(one.kept))
        stores.append(store)
    return Pools(*stores)


def test_keys_that_came_later_are_found_with_their_records(network) -> None:
    pools = network.hospitals[0].pools
    older = copied(pools)
    first = network.patient().register(network.joining()).record
    for _ in range(GAP - 1):  # handed out, and nobody came back with a paper
        network.hospitals[0].offer_custody()
    second = network.patient().register(network.joining()).record
    draft = network.desk.facts.draft()
    assert catch_up(draft, pools) == []

    said = catch_up(draft, older)
    assert [one.split()[1] for one in said] == [
        "custodians.keystore",
        "witnesses.keystore",
    ]
    for mine, theirs in (
        (older.custodians, pools.custodians),
        (older.witnesses, pools.witnesses),
    ):
        assert mine.kept.next == theirs.kept.next
        assert mine.kept.used == theirs.kept.used
        assert mine.find(first).index + GAP == mine.find(second).index
    assert catch_up(draft, older) == []
