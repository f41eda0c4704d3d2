"""Authority: for every action, who may sign it, and that nobody else may.

The table is in `authority.py` and `authority_records.py`. A new action without a
row fails here, and so does a new field that names signers. Every negative is tried
for real: the envelope is properly signed by the wrong person, and the only effects
allowed are the quota's and, for the record's own handles, its history.
"""

from collections.abc import Callable
from functools import cache

import msgspec
import pytest

from careledger.ledger.actions import AnyAction
from tests.ledger import authority, authority_records
from tests.ledger.authority import NO_QUORUM, NOBODY, OK, TRACES, Row
from tests.ledger.messages import actions, name
from tests.ledger.world import GOVERNORS, World, twin

ROWS = {**authority.ROWS, **authority_records.ROWS}

GOVERNED = {kind: row for kind, row in ROWS.items() if not row.fields}
SINGLE = {name(kind): (kind, row) for kind, row in ROWS.items() if row.fields} | {
    f"{name(kind)}, {how}": (kind, row)
    for how, (kind, row) in authority_records.VARIANTS.items()
}
"""By title: actions that single signers sign, each way in which one is tried."""


@cache
def _prepared(setting: Callable[[], World]) -> World:
    return setting()


def played(row: Row) -> tuple[World, AnyAction]:
    """Return a place of one's own, and the action that can be tried in it."""
    place = twin(_prepared(row.setting.build))
    return place, row.make(place)


def changed_keys(before: World, after: World) -> list[bytes]:
    keys = before.state.keys() | after.state.keys()
    return [k for k in keys if before.state.get(k) != after.state.get(k)]


def check(place: World, action: AnyAction, signers, expected: str, who: str) -> None:
    """Let `signers` sign: the verdict is as expected, and so is what it changed."""
    tried = twin(place)
    code = tried.act(action, by=signers)
    changed = changed_keys(place, tried)
    assert code == expected, f"{who}: {code}, should be {expected}"
    if expected == OK:
        assert changed, f"{who} changed nothing"
        if who.startswith("other record's"):  # it did so to its own record
            assert not [k for k in changed if place.chart.id in k], who
    elif expected.startswith("void."):
        assert not changed, f"{who} left a trace"
    else:
        tables = {one[:1] for one in changed}
        assert tables <= set(TRACES), f"{who} was refused and changed {tables}"


# The table is complete


def test_every_action_has_a_row():
    assert {name(kind) for kind in ROWS} == {name(kind) for kind in actions()}


@pytest.mark.parametrize("kind", GOVERNED, ids=name)
def test_what_has_no_entries_is_signed_by_governors(kind):
    assert set(kind.signed_by.values()) == {"governor"}


@pytest.mark.parametrize("title", SINGLE)
def test_every_field_that_names_signers_has_an_entry(title):
    kind, row = SINGLE[title]
    assert list(row.fields) == list(kind.signed_by)
    assert isinstance(played(row)[1], kind)


@pytest.mark.parametrize("title", SINGLE)
def test_every_verdict_is_about_somebody_of_the_cast(title):
    _, row = SINGLE[title]
    for entry in row.fields.values():
        listed = [who for names in entry.verdicts.values() for who in names]
        assert len(listed) == len(set(listed))
        assert set(listed) <= row.setting.cast.keys()
        assert entry.others != OK, "who is not listed may not sign"


@pytest.mark.parametrize("kind", actions(), ids=name)
def test_roles_name_fields_that_hold_indexes(kind):
    fields = {one.name: one for one in msgspec.structs.fields(kind)}
    assert kind.signed_by, "an action that nobody signs"
    assert kind.signed_by.keys() <= fields.keys()


# One signer in each field


def cases():
    for title, (_, row) in SINGLE.items():
        for position, field in enumerate(row.fields):
            yield pytest.param(row, position, id=f"{title}: {field}")


@pytest.mark.parametrize(("row", "position"), list(cases()))
def test_who_may_sign(row: Row, position: int):
    place, action = played(row)
    entry = list(row.fields.values())[position]
    verdict = {who: code for code, names in entry.verdicts.items() for who in names}
    for who, tried in row.setting.cast.items():
        signers = [one.rightful for one in row.fields.values()]
        if tried in signers[:position] + signers[position + 1 :]:
            continue  # signs in another field already: a signer is listed once
        signers[position] = tried
        check(place, action, signers, verdict.get(who, entry.others), who)


@pytest.mark.parametrize("title", SINGLE)
def test_rightful_signers_succeed(title):
    _, row = SINGLE[title]
    rightful = [one.rightful for one in row.fields.values()]
    check(*played(row), rightful, OK, "they")


# Governance: any two of the three governors


def check_governed(kind, indexes, signers, expected: str, who: str) -> None:
    """Let `signers` sign, of whom those at `indexes` are named as governors."""
    place, action = played(GOVERNED[kind])
    named = msgspec.structs.replace(action, governors=indexes)
    check(place, named, signers, expected, who)


@pytest.mark.parametrize("kind", GOVERNED, ids=name)
def test_a_quorum_of_governors_may(kind):
    for pair in (GOVERNORS[:2], GOVERNORS[1:], GOVERNORS[::2]):
        check_governed(kind, (0, 1), pair, OK, "two governors")
    check_governed(kind, (0, 1, 2), GOVERNORS, OK, "three governors")


@pytest.mark.parametrize("kind", GOVERNED, ids=name)
def test_nobody_else_may_govern(kind):
    for who, tried in GOVERNED[kind].setting.cast.items():
        known = "hospital" in who and "practitioner" not in who
        known = known or who in ("governor", "registrar", "insurer")
        alone = NO_QUORUM if known else NOBODY
        check_governed(kind, (0,), [tried], alone, f"{who} alone")
        if tried not in GOVERNORS:
            pair, three = [GOVERNORS[0], tried], [*GOVERNORS[:2], tried]
            one_of_two, beside = f"a governor and {who}", f"a quorum and {who}"
            check_governed(kind, (0, 1), pair, NO_QUORUM, one_of_two)
            check_governed(kind, (0, 1, 2), three, NO_QUORUM, beside)


@pytest.mark.parametrize("kind", GOVERNED, ids=name)
def test_one_governor_does_not_count_twice(kind):
    check_governed(kind, (0, 0), GOVERNORS[:1], NO_QUORUM, "one, twice")
