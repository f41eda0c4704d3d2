"""Key changes: a member moves to another key, late enough to be stopped."""

import pytest

from careledger.ledger.actions.registry import (
    AdmitPatient,
    CancelKeyChange,
    ChangeKey,
    RegisterMember,
    ReplaceKey,
)
from careledger.ledger.refusals.registry import NoChangePending, NotAMember
from careledger.ledger.workflows import key_changes, registry
from tests.ledger.town import (
    CARD,
    DREW,
    HOSPITAL,
    NEW,
    REGISTRAR,
    ROBIN,
    STRANGER,
    Town,
)
from tests.ledger.world import DAY


def test_a_new_key_takes_effect_after_24_hours():
    town = Town()
    assert town.act(ChangeKey(0, 1), by=[DREW, NEW]) == "ok"
    due = town.now + DAY
    town.block(at=due - 1)
    assert registry.acting(town.draft(), DREW.public, "practitioner") == DREW.public
    with pytest.raises(NotAMember):
        registry.acting(town.draft(), NEW.public, "practitioner")
    town.block(at=due)
    assert registry.acting(town.draft(), NEW.public, "practitioner") == DREW.public
    with pytest.raises(NotAMember):
        registry.acting(town.draft(), DREW.public, "practitioner")


def test_a_member_id_is_never_given_to_another():
    town = Town()
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    town.block(at=town.now + DAY)
    for action, by in (
        (RegisterMember(0, 1, "staff", CARD), [HOSPITAL, DREW]),
        (ChangeKey(0, 1), [ROBIN, DREW]),
        (ChangeKey(0, 1), [ROBIN, NEW]),
    ):
        assert town.act(action, by=by) == "registry.key-taken"


def test_one_change_at_a_time():
    town = Town()
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    code = town.act(ChangeKey(0, 1), by=[DREW, STRANGER])
    assert code == "registry.change-pending"


def test_the_key_in_force_stops_a_change():
    town = Town()
    cancel = CancelKeyChange(0)
    assert town.act(cancel, by=[DREW]) == "registry.no-change-pending"
    before = dict(town.state)
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    due = town.now + DAY
    assert town.act(cancel, by=[DREW]) == "ok"
    assert town.state.keys() - before.keys() == set()
    town.block(at=due)
    assert registry.acting(town.draft(), DREW.public, "practitioner") == DREW.public
    assert town.act(ChangeKey(0, 1), by=[ROBIN, NEW]) == "ok"


def test_a_key_that_is_about_to_stand_for_somebody_is_taken():
    town = Town()
    assert town.act(ChangeKey(0, 1), by=[DREW, NEW]) == "ok"
    for action, by in (
        (ChangeKey(0, 1), [ROBIN, NEW]),
        (RegisterMember(0, 1, "staff", CARD), [HOSPITAL, NEW]),
        (AdmitPatient(0, 1), [HOSPITAL, NEW]),
    ):
        assert town.act(action, by=by) == "registry.key-taken"
    town.block(at=town.now + DAY)
    assert registry.acting(town.draft(), NEW.public, "practitioner") == DREW.public


def test_a_key_that_is_about_to_stand_for_somebody_is_not_known_yet():
    town = Town()
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    assert town.act(CancelKeyChange(0), by=[NEW]) == "void.nobody-known"


def test_organisation_and_registrar_replace_a_lost_key():
    town = Town()
    replace = ReplaceKey(0, 1, DREW.public, 2)
    assert town.act(replace, by=[HOSPITAL, REGISTRAR, NEW]) == "ok"
    town.block(at=town.now + DAY)
    assert registry.acting(town.draft(), NEW.public, "practitioner") == DREW.public


def test_no_organisation_replaces_a_key_alone():
    town = Town()
    own = RegisterMember(0, 1, "staff", CARD)
    town.must(town.act(own, by=[REGISTRAR, STRANGER]))
    for again in (
        ReplaceKey(0, 0, STRANGER.public, 1),
        ReplaceKey(0, 0, DREW.public, 1),
    ):
        code = town.act(again, by=[REGISTRAR, NEW])
        assert code in ("registry.not-your-office", "registry.not-a-member")
    with pytest.raises(NoChangePending):
        key_changes.put_key_in_effect(town.draft(), STRANGER.public)


def test_a_change_that_was_never_planned_cannot_take_effect():
    with pytest.raises(NoChangePending):
        key_changes.put_key_in_effect(Town().draft(), DREW.public)
