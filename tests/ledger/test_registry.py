"""The registry: members keep their identifier, keys move, recognition ends."""

import pytest

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.registry import (
    AdmitPatient,
    CancelKeyChange,
    ChangeCard,
    ChangeMailbox,
    RegisterMember,
    SetMemberStatus,
)
from careledger.ledger.refusals.registry import NotAMember
from careledger.ledger.workflows import governance, registry
from tests.ledger.town import CARD, DREW, HOSPITAL, NEW, PAT, SAM, STRANGER, Town
from tests.ledger.world import ANN

EVERYBODY = ("practitioner", "staff", "patient")


# Members


def test_a_member_is_known_by_its_first_key():
    town = Town()
    assert town.act(RegisterMember(0, 1, "staff", CARD), by=[HOSPITAL, NEW]) == "ok"
    member_id = registry.acting(town.draft(), NEW.public, "staff")
    assert member_id == NEW.public
    assert registry.member(town.draft(), member_id).organisation == town.ids["hospital"]


def test_a_patient_is_a_key_and_who_admitted_it():
    town = Town()
    pat = registry.member(town.draft(), PAT.public)
    hospital = town.ids["hospital"]
    assert pat == registry.Member(hospital, "patient", PAT.public, b"", "active")


@pytest.mark.parametrize("taken", [DREW, SAM, PAT], ids=["drew", "sam", "pat"])
def test_a_key_stands_for_one_member(taken):
    town = Town()
    register = RegisterMember(0, 1, "staff", CARD)
    assert town.act(register, by=[HOSPITAL, taken]) == "registry.key-taken"
    assert town.act(AdmitPatient(0, 1), by=[HOSPITAL, taken]) == "registry.key-taken"


def test_acting_names_one_reason_for_every_way_to_be_no_member():
    town = Town()
    for who, kinds in ((STRANGER, EVERYBODY), (SAM, EVERYBODY), (DREW, ("patient",))):
        with pytest.raises(NotAMember):
            registry.acting(town.draft(), who.public, *kinds)
    with pytest.raises(NotAMember):
        registry.member(town.draft(), STRANGER.public)


def test_a_suspended_member_is_reinstated_but_one_who_left_is_not():
    town = Town()
    hospital = [HOSPITAL]
    assert town.act(SetMemberStatus(0, SAM.public, "active"), by=hospital) == "ok"
    assert registry.acting(town.draft(), SAM.public, "practitioner") == SAM.public
    assert town.act(SetMemberStatus(0, SAM.public, "left"), by=hospital) == "ok"
    code = town.act(SetMemberStatus(0, SAM.public, "active"), by=hospital)
    assert code == "registry.not-a-member"


def test_a_card_is_replaced_but_a_patient_has_none():
    town = Town()
    assert town.act(ChangeCard(0, DREW.public, bytes(32)), by=[HOSPITAL]) == "ok"
    assert registry.member(town.draft(), DREW.public).card == bytes(32)
    code = town.act(ChangeCard(0, PAT.public, bytes(32)), by=[HOSPITAL])
    assert code == "registry.not-a-member"


def test_an_organisation_publishes_a_new_mailbox():
    town = Town()
    assert town.act(ChangeMailbox(0, bytes(1216)), by=[HOSPITAL]) == "ok"
    assert governance.mailbox(town.draft(), town.ids["hospital"]) == bytes(1216)


# Quotas


def test_a_member_has_a_quota_of_its_own():
    town = Town()
    assert registry.charge(town.draft(), DREW.public, 1, town.now)
    assert not registry.charge(town.draft(), STRANGER.public, 1, town.now)


def test_a_purse_is_no_member():
    town = Town()
    assert town.act(CancelKeyChange(0), by=[ANN]) == "void.nobody-known"
    assert town.act(Transfer(0, ANN.public, 1), by=[DREW]) == "void.nobody-known"
