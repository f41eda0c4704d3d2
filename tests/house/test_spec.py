"""docs/spec.md: every message and every state table as the code has it."""

import msgspec
import pytest

from careledger.ledger.actions import AnyAction
from careledger.ledger.execute import HANDLERS
from careledger.ledger.workflows import coin, emergency, entries
from tests.house.test_house import MODULES
from tools.spec_refusals import refusals_of
from tools.spec_state import KEYS
from tools.spec_tables import MARKED, SPEC, TABLES, rendered, state_tables

TEXT = SPEC.read_text("utf-8")
ACTIONS = AnyAction.__args__
WORKFLOWS = sorted({one.__struct_config__.tag.partition(".")[0] for one in ACTIONS})


def test_the_tables_are_those_of_the_code():
    assert rendered(TEXT) == TEXT, "run python -m tools.spec_tables"


def test_a_stale_table_is_found():
    assert rendered(TEXT.replace("integer 1 to 1000", "integer 1 to 1001")) == TEXT


def test_every_table_is_in_the_document_once():
    names = [name for _, name, _ in MARKED.findall(TEXT)]
    assert sorted(names) == sorted([*TABLES, *(f"actions {one}" for one in WORKFLOWS)])


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.__struct_config__.tag)
def test_every_action_is_described_field_by_field(action):
    title = f"#### `{action.__struct_config__.tag}`"
    assert TEXT.count(title + "\n") == 1
    section = TEXT.split(title)[1].split("####")[0]
    for field in msgspec.structs.fields(action):
        assert f"| `{field.name}` |" in section
    for field, role in action.signed_by.items():
        (line,) = [one for one in section.splitlines() if f"| `{field}` |" in one]
        assert f"*Signs as {role}.*" in line


def test_prefixes_are_one_byte_and_each_key_is_described():
    assert [prefix for prefix, _, _ in state_tables()] == sorted(KEYS)
    assert all(len(prefix) == 1 for prefix in KEYS)


def test_every_action_has_a_handler():
    assert list(HANDLERS) == list(ACTIONS)


def test_refusals_are_followed_through_calls_and_stop_where_they_are_caught():
    transfer = refusals_of(coin.on_transfer)
    assert transfer == ["coin.insufficient-funds", "coin.same-purse"]
    assert "records.no-such-entry" in refusals_of(entries.on_read)
    assert "records.no-such-entry" not in refusals_of(entries.may_have)
    assert "emergency.no-plan" in refusals_of(emergency.on_break_glass)


def test_modules_are_found():
    assert "careledger.ledger.execute" in MODULES
