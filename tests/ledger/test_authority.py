"""Authority: for every action, who may sign it, and that nobody else may.

The table is in `authority.py` and `authority_records.py`. A new action without a
row fails here, and so does a new field that names signers. Every negative is tried for real: the envelope is
properly signed by the wrong person, and the only effect allowed is the quota.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import msgspec
import pytest

from tests.ledger import authority, authority_records
from tests.ledger.authority import NO_QUORUM, NOBODY, OK, TRACES, Row, Setting
from tests.ledger.messages import actions, name
from tests.ledger.town import Town
from tests.ledger.world import GOVERNORS, twin

ROWS = {**authority.ROWS, **authority_records.ROWS}

SINGLE = {kind: row for kind, row in ROWS.items() if row.fields}
GOVERNED = {kind: row for kind, row in ROWS.items() if not row.fields}


@cache
def _prepared(setting: Callable[[], Town]) -> Town:
    return setting()


def fresh(setting: Setting) -> Town:
    """Return a place of one's own, cheaply."""
    return twin(_prepared(setting.build))


def changed_tables(before: dict[bytes, bytes], after: dict[bytes, bytes]) -> set[bytes]:
    keys = before.keys() | after.keys()
    return {k[:1] for k in keys if before.get(k) != after.get(k)}


def check(row: Row, signers, expected: str, who: str) -> None:
    """Let `signers` sign: the verdict is as expected, and so is what it changed."""
    place = fresh(row.setting)
    action = row.make(place)
    before = dict(place.state)
    code = place.act(action, by=signers)
    changed = changed_tables(before, dict(place.state))
    assert code == expected, f"{who}: {code}, should be {expected}"
    if expected == OK:
        assert changed, f"{who} changed nothing"
    elif expected.startswith("void."):
        assert not changed, f"{who} left a trace"
    else:
        assert changed <= set(TRACES), f"{who} was refused and changed {changed}"


# The table is complete


def test_every_action_has_a_row():
    assert {name(kind) for kind in ROWS} == {name(kind) for kind in actions()}


@pytest.mark.parametrize("kind", actions(), ids=name)
def test_every_field_that_names_signers_has_an_entry(kind):
    row = ROWS[kind]
    governed = set(kind.signed_by.values()) == {"governor"}
    assert list(row.fields) == ([] if governed else list(kind.signed_by))


@pytest.mark.parametrize("kind", SINGLE, ids=name)
def test_every_verdict_is_about_somebody_of_the_cast(kind):
    cast = SINGLE[kind].setting.cast
    for entry in SINGLE[kind].fields.values():
        listed = [who for names in entry.verdicts.values() for who in names]
        assert len(listed) == len(set(listed))
        assert set(listed) <= cast.keys()
        assert entry.others != OK, "who is not listed may not sign"


@pytest.mark.parametrize("kind", actions(), ids=name)
def test_roles_name_fields_that_hold_indexes(kind):
    fields = {one.name: one for one in msgspec.structs.fields(kind)}
    assert kind.signed_by, "an action that nobody signs"
    assert kind.signed_by.keys() <= fields.keys()


# One signer in each field


def cases():
    for kind, row in SINGLE.items():
        for position, title in enumerate(row.fields):
            yield pytest.param(row, position, id=f"{name(kind)}: {title}")


@pytest.mark.parametrize(("row", "position"), list(cases()))
def test_who_may_sign(row: Row, position: int):
    entry = list(row.fields.values())[position]
    verdict = {who: code for code, names in entry.verdicts.items() for who in names}
    for who, tried in row.setting.cast.items():
        signers = [one.rightful for one in row.fields.values()]
        if tried in signers[:position] + signers[position + 1 :]:
            continue  # signs in another field already: a signer is listed once
        signers[position] = tried
        check(row, signers, verdict.get(who, entry.others), who)


@pytest.mark.parametrize("kind", SINGLE, ids=name)
def test_rightful_signers_succeed(kind):
    row = SINGLE[kind]
    check(row, [one.rightful for one in row.fields.values()], OK, "they")


# Governance: any two of the three governors


def signed_by(row: Row, *indexes: int) -> Row:
    """Return the row with these signers named as governors."""

    def make(place: Town):
        return msgspec.structs.replace(row.make(place), governors=indexes)

    return replace(row, make=make)


@pytest.mark.parametrize("kind", GOVERNED, ids=name)
def test_a_quorum_of_governors_may(kind):
    for pair in (GOVERNORS[:2], GOVERNORS[1:], GOVERNORS[::2]):
        check(signed_by(GOVERNED[kind], 0, 1), pair, OK, "two governors")
    check(signed_by(GOVERNED[kind], 0, 1, 2), GOVERNORS, OK, "three governors")


@pytest.mark.parametrize("kind", GOVERNED, ids=name)
def test_nobody_else_may_govern(kind):
    row = GOVERNED[kind]
    for who, tried in row.setting.cast.items():
        known = "hospital" in who and "practitioner" not in who
        known = known or who in ("governor", "registrar", "insurer")
        alone = NO_QUORUM if known else NOBODY
        check(signed_by(row, 0), [tried], alone, f"{who} alone")
        if tried not in GOVERNORS:
            pair = [GOVERNORS[0], tried]
            check(signed_by(row, 0, 1), pair, NO_QUORUM, f"a governor and {who}")
            three = [*GOVERNORS[:2], tried]
            check(signed_by(row, 0, 1, 2), three, NO_QUORUM, f"a quorum and {who}")


@pytest.mark.parametrize("kind", GOVERNED, ids=name)
def test_one_governor_does_not_count_twice(kind):
    check(signed_by(GOVERNED[kind], 0, 0), GOVERNORS[:1], NO_QUORUM, "one, twice")
