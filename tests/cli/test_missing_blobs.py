"""A node that starts compares its vault with what the ledger says it keeps."""

import pytest

from careledger.cli.house.missing_blobs import Missing, look_for_missing
from careledger.client.writing import NewResource
from careledger.ledger.parameters import DAY
from careledger.local import LocalNetwork
from careledger.vault.store import Vault

NOTE = NewResource(b'{"resourceType":"Observation"}')


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture(scope="module")
def kept(network):
    """The keys, the facts and the vault of a hospital with three records."""
    hospital, facts = network.hospitals[0], network.desk.facts
    patient = network.patient()
    first = patient.register(network.joining()).record  # one entry
    gone = patient.append(first, NOTE, NOTE)
    left = patient.open_record(hospital, network.registrar, "moved away")
    patient.append(left, NOTE)
    patient.set_custodians(left, [network.hospitals[1]])
    full = patient.open_record(hospital, network.registrar, "full")
    patient.append(full, NOTE, NOTE, NOTE)
    patient.erase(first, gone[:1])
    network.wait(31 * DAY)
    [handle] = [
        hospital.pools.custodians.keys(one.index).signing.public
        for one in hospital.pools.custodians.kept.used
        if one.record == full
    ]
    vault = network.desk._vaults[handle]
    vault.sweep()
    return facts, hospital.pools.custodians, vault


def test_a_whole_vault_lacks_nothing(kept) -> None:
    assert look_for_missing(*kept) is None


def test_what_a_new_vault_lacks_is_counted(network, kept, tmp_path) -> None:
    facts, pool, _ = kept
    with Vault(tmp_path / "v", bytes(32), facts, lambda *_: b"") as new:
        # Two of the first record are left, three of the last; the other moved away.
        assert look_for_missing(facts, pool, new) == Missing(5, 2, 2)
        # The newest record has three transactions: no more are looked at.
        assert look_for_missing(facts, pool, new, most=3) == Missing(3, 1, 1)
        assert "lacks 5 sealed" in Missing(5, 2, 2).warning()
