"""A network with a practitioner, and a fresh record for each test that imports."""

import pytest

from careledger.local import LocalNetwork


class Practice:
    """One practitioner and as many patients as the tests need."""

    def __init__(self, network: LocalNetwork) -> None:
        self.network = network
        self.ada = network.practitioner("Dr. Ada Lind")

    def new_record(self):
        """Return a new patient and the first record, which Ada may write to."""
        if len(self.ada.store.kept.pool) < 2:
            self.ada.fill_pool(self.network.registrar, "practitioner", 10)
        patient = self.network.patient()
        kit = patient.register(self.network.joining(self.ada, personal=b""))
        [invitation] = self.ada.inbox(self.network.office_of(self.ada))
        assert self.ada.accept(invitation) == kit.record
        return patient, kit.record


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield Practice(network)
