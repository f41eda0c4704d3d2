"""A record with two custodians: rot in one vault is nobody's loss."""

from pathlib import Path

import pytest

from careledger.client.opening import Custody
from careledger.client.papers import Paper
from careledger.client.patient import Patient
from careledger.client.writing import NewResource
from careledger.local import LocalNetwork
from careledger.node.questions import Fetch
from careledger.primitives.signing import SigningKey
from careledger.vault.problems import NotServed, VaultDamaged, VaultFull
from careledger.vault.store import Vault

SMALL = NewResource(b'{"resourceType":"Observation"}')
LARGE = NewResource(b'{"resourceType":"Binary","data":"%s"}' % b"".join(
    b"%05x" % (number * 7919 % 1_000_003) for number in range(60_000)
))  # fmt: skip


class Two:
    """Two hospitals that keep a record together; the first one witnesses."""

    def __init__(self, network: LocalNetwork) -> None:
        self._one, self._other = network.hospitals[:2]

    def offer_custody(self) -> Custody:
        one, other = self._one.offer_custody(), self._other.offer_custody()
        return Custody(one.custodians + other.custodians, one.witness)

    def keep_record(self, paper: Paper) -> Paper:
        return self._other.keep_record(self._one.keep_record(paper))


@pytest.fixture
def network(tmp_path: Path):
    with LocalNetwork.create(tmp_path) as network:
        yield network


@pytest.fixture
def patient(network: LocalNetwork) -> Patient:
    patient = network.patient()
    patient.register(network.joining(personal=b""))
    return patient


@pytest.fixture
def record(network: LocalNetwork, patient: Patient) -> bytes:
    return patient.open_record(Two(network), network.registrar, "two custodians")


def spoil(vault: Vault) -> None:
    """Change every blob of a vault on disk: one bit of a small one, all of a large."""
    connection = vault._index._connection
    for blob, data in list(connection.execute("SELECT hash, data FROM small")):
        rotten = bytes([data[0] ^ 1]) + data[1:]
        connection.execute("UPDATE small SET data=? WHERE hash=?", (rotten, blob))
    folder = Path(connection.filename + ".blobs")
    for path in [one for one in folder.rglob("*") if one.is_file()]:
        path.write_bytes(b"rotten" * 10_000)


def whole(vault: Vault) -> bool:
    return not vault.scrub().rotten


@pytest.mark.parametrize("resource", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_rotten_blob_comes_from_the_other_vault_and_is_mended(
    network, patient, record, resource, number
) -> None:
    [entry] = patient.append(record, resource)
    spoil(network.vaults[number])
    assert patient.read(record, [entry], "own")[0].content == resource.content
    # The second vault is not asked before the first, so nobody notices rot there.
    assert whole(network.vaults[number]) is (number == 0)
    if whole(network.vaults[number]):
        spoil(network.vaults[1 - number])
        assert patient.read(record, [entry], "own")[0].content == resource.content


def test_a_blob_that_is_absent_comes_from_the_other_vault(
    network, patient, record
) -> None:
    [entry] = patient.append(record, SMALL)
    network.vaults[0]._index._connection.execute("DELETE FROM small")
    assert patient.read(record, [entry], "own")[0].content == SMALL.content
    assert whole(network.vaults[0])


def test_rot_everywhere_is_named(network, patient, record) -> None:
    [entry] = patient.append(record, SMALL)
    for vault in network.vaults[:2]:
        spoil(vault)
    with pytest.raises(VaultDamaged):
        patient.read(record, [entry], "own")


def test_a_mend_without_room_does_not_keep_the_reader_waiting(
    network, patient, record, monkeypatch
) -> None:
    [entry] = patient.append(record, SMALL)
    spoil(network.vaults[0])

    def full(_: object) -> None:
        raise VaultFull

    monkeypatch.setattr(network.vaults[0], "mend", full)
    assert patient.read(record, [entry], "own")[0].content == SMALL.content


def test_a_fellow_without_room_does_not_stop_the_writer(
    network, patient, record, monkeypatch
) -> None:
    def full(*_: object) -> None:
        raise VaultFull

    with monkeypatch.context() as patch:
        patch.setattr(network.vaults[1], "store", full)
        [entry] = patient.append(record, SMALL)
    assert (network.vaults[1].count(), network.vaults[0].count()) == (0, 1)
    assert patient.read(record, [entry], "own")[0].content == SMALL.content


def test_who_may_not_read_learns_nothing_of_rot(network, patient, record) -> None:
    [entry] = patient.append(record, SMALL)
    for vault in network.vaults[:2]:
        spoil(vault)
    with pytest.raises(NotServed):
        patient.line.fetch(SigningKey(bytes(32)), Fetch(bytes(32), entry))
