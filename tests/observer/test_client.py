"""What the attack found in the client, and stays away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.client.registrar import endorsement_end
from careledger.ledger.actions.tokens import IssueTokens
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Core, Envelope
from careledger.ledger.workflows.registry import LONGEST_ENDORSEMENT
from careledger.local import LocalNetwork
from careledger.primitives.encoding import decode

DAY = 86_400_000
times = st.integers(0, 2**41)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        yield network


def issues(network) -> int:
    cores = [
        decode(decode(raw, TransactionLeaf).core, Core)
        for block in network.engine.query.blocks()
        for raw in block.transactions
    ]
    return sum(isinstance(core.actions[0], IssueTokens) for core in cores)


def ends(doctor) -> set[int]:
    return {one.endorsed.endorsement.until for one in doctor.store.kept.pool}


@given(times, times)
def test_endorsements_of_a_week_end_together(one: int, other: int) -> None:
    end = endorsement_end(one)
    assert one + 23 * DAY < end <= one + LONGEST_ENDORSEMENT
    first, last = sorted((one, other))
    assert (endorsement_end(last) - endorsement_end(first)) % (7 * DAY) == 0
    if endorsement_end(last) == endorsement_end(first):
        assert last - first < 7 * DAY


def test_a_pool_shows_one_end_however_long_it_waits(network) -> None:
    early, late = network.practitioner("Early"), None
    assert ends(early) == {endorsement_end(network.clock.now)}
    network.wait(9 * DAY)
    late = network.practitioner("Late")
    assert ends(early) != ends(late)
    early.fill_pool(network.registrar, "practitioner", 0)
    assert ends(early) == ends(late)
    assert len(early.store.kept.pool) == 10
    indexes = [one.index for one in early.store.kept.pool]
    assert indexes == sorted(indexes)


def test_an_empty_pool_is_not_asked_for(network) -> None:
    nobody = network.practitioner("Nobody")
    nobody.store.change(pool=())
    nobody.fill_pool(network.registrar, "practitioner", 0)
    assert nobody.store.kept.pool == ()


def test_opening_a_record_asks_for_no_token_by_name(network) -> None:
    patient = network.patient()
    patient.register(network.joining())
    before, hospital = issues(network), network.hospitals[1]
    for label in ("dentist", "psychotherapy", "policy"):
        record = patient.open_record(hospital, network.registrar, label)
        assert patient.store.find(record).label == label
    assert issues(network) == before
    patient.open_record(hospital, network.registrar, "without stock")
    assert issues(network) == before + 1
    patient.stock_up(network.registrar)
    patient.open_record(hospital, network.registrar, "from stock")
    assert issues(network) == before + 2


def test_a_plan_names_no_organisation(network) -> None:
    sent: list[bytes] = []
    patient = network.patient()
    record = patient.register(network.joining()).record
    submit = network.transport.submit
    network.transport.submit = lambda raw: (sent.append(raw), submit(raw))[1]
    patient.set_plan(record, [one.new_agent() for one in network.hospitals])
    [raw] = sent
    assert len(decode(raw, Envelope).bodies) == 6
    for hospital in network.hospitals:
        for name in (hospital.organisation, hospital.name.encode()):
            assert name not in raw
