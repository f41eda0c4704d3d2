"""The insurer has a record of its own; nothing on the ledger joins it to care."""

import pytest

from careledger.client.directory import open_directory
from careledger.client.writing import NewResource
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere

DAY = 86_400_000
COVERAGE = NewResource(b'{"resourceType":"Coverage"}', "terms")


def test_the_insurers_record_opens_later_and_stands_alone(
    network: LocalNetwork,
) -> None:
    doctor, insurer = network.practitioner("Dr. Ina"), network.insurer()
    patient = network.patient()
    care = patient.register(network.joining(doctor, insurer)).record
    people = open_directory(patient.line)
    [task] = patient.store.kept.tasks
    assert network.clock.now <= task.due < network.clock.now + DAY
    hospital, registrar = network.hospitals[1], network.registrar
    if task.due > network.clock.now:
        assert patient.catch_up(hospital, registrar, people) == []
    network.wait(DAY)
    [policy] = patient.catch_up(hospital, registrar, people)
    assert patient.catch_up(hospital, registrar, people) == []
    [invitation] = insurer.inbox(network.office_of(insurer))
    assert insurer.accept(invitation, "policy") == policy != care
    [terms] = insurer.append(policy, COVERAGE)
    assert patient.read(policy, [terms])[0].content == COVERAGE.content
    [entry] = patient.append(care, COVERAGE)
    with pytest.raises(NothingHere):
        insurer.read(policy, [entry], "curious")
    assert [a.line.role for a in patient.who_has_access(policy)] == ["owner", "insurer"]
    assert [a.line.role for a in patient.who_has_access(care)] == ["owner"]
