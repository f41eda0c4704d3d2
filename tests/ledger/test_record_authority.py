"""Authority over records once more, with the people whom `test_authority` lacks.

The table is in `record_authority.py`. A new action without a row fails here. Every
negative is tried for real, signed by the wrong person and in every field; the only
traces allowed are the quota's and, for the record's own handles, its history.
"""

import pytest

from careledger.ledger.actions import emergency, records, referral, tokens
from careledger.ledger.actions.base import Action
from careledger.ledger.execute import HANDLERS
from tests.ledger.authority import TRACES
from tests.ledger.messages import name
from tests.ledger.record_authority import CAST, ROWS, scene
from tests.ledger.world import twin

WORKFLOWS = (emergency, records, referral, tokens)


def actions() -> list[type[Action]]:
    modules = {one.__name__ for one in WORKFLOWS}
    return [kind for kind in HANDLERS if kind.__module__ in modules]


def test_every_action_has_a_row():
    assert {name(kind) for kind in ROWS} == {name(kind) for kind in actions()}


@pytest.mark.parametrize("kind", actions(), ids=name)
def test_every_field_that_names_signers_has_an_entry(kind):
    assert list(ROWS[kind].fields) == list(kind.signed_by)
    for _, may in ROWS[kind].fields.values():
        assert set(may) <= CAST.keys()


def cases():
    for kind, row in ROWS.items():
        for field in row.fields:
            yield pytest.param(kind, field, id=f"{name(kind)}: {field}")


@pytest.mark.parametrize(("kind", "field"), list(cases()))
def test_who_may_sign(kind, field):
    row = ROWS[kind]
    position = list(row.fields).index(field)
    c, chart = scene()
    prepared = twin(c)
    action = row.make(prepared, chart)
    rightful = [one for one, _ in row.fields.values()]
    assert twin(prepared).act(action, by=rightful) == "ok"
    for who, tried in CAST.items():
        by = [*rightful[:position], tried, *rightful[position + 1 :]]
        if len({one.public for one in by}) < len(by):
            continue  # signs in another field already: a signer is listed once
        again = twin(prepared)
        code = again.act(action, by=by)
        changed = differences(prepared, again)
        if code != "ok":
            allowed = set() if code.startswith("void.") else set(TRACES)
            left = {k[:1] for k in changed}
            assert left <= allowed, f"{who} was refused and changed {left}"
        elif who.startswith("other record's"):  # it did so to its own record
            assert not [k for k in changed if chart.id in k], who
            continue
        assert (code == "ok") == (who in row.fields[field][1]), f"{who}: {code}"


def differences(before, after) -> list[bytes]:
    keys = before.state.keys() | after.state.keys()
    return [k for k in keys if before.state.get(k) != after.state.get(k)]
