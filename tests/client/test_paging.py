"""Pages that repeat, or are not in order, end the asking."""

from collections.abc import Callable
from itertools import count

import pytest

from careledger.client import declaring
from careledger.client.paging import every_page
from careledger.client.session_problems import NotWhatWasAsked
from careledger.client.watching import history
from careledger.fhir import delivering, taking
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node.answers import Recorded
from tests.client.junk import NOTE
from tests.client.lying import lying

MANY = 20
"""Pages after which a test gives up."""


@pytest.fixture(scope="module")
def part(network: LocalNetwork):
    patient = network.patient()
    record = patient.register(network.joining()).record
    patient.append(record, NOTE)
    return patient.part(record)


def repeated() -> Callable[[bytes], bytes]:
    """Return a lie: the first page, whatever is asked for."""
    seen, asked = [], count()

    def change(raw: bytes) -> bytes:
        assert next(asked) < MANY
        seen.append(raw)
        return seen[0]

    return change


@pytest.mark.parametrize(
    ("question", "read"),
    [
        (ask.RecordHistory, history),
        (ask.RecordHistory, lambda part: taking._cores(part, [])),
        (ask.MyTransactions, delivering._appended_ids),
        (ask.Statements, declaring.statements),
    ],
)
def test_a_node_that_repeats_a_page_is_asked_no_more(part, question, read) -> None:
    with lying(part.line, question, repeated()), pytest.raises(NotWhatWasAsked):
        read(part)
    read(part)


def recorded(*positions: int) -> tuple[Recorded, ...]:
    return tuple(Recorded(each, 0, b"", ()) for each in positions)


@pytest.mark.parametrize("second", [(0,), (1,), (3, 2), (2, 0)])
def test_pages_go_on_behind_the_one_before(second) -> None:
    pages = iter([recorded(0, 1), recorded(*second)])
    with pytest.raises(NotWhatWasAsked):
        list(every_page(lambda _: next(pages)))


def test_what_one_transaction_made_has_one_position() -> None:
    pages = [recorded(0, 0, 4), recorded(5, 5), ()]
    asked = []
    found = list(every_page(lambda after: asked.append(after) or pages[len(asked) - 1]))
    assert found == pages[:-1]
    assert asked == [-1, 4, 5]
