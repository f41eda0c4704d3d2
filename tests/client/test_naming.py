"""Whom a name in the directory means, and that nobody is invited in vain."""

import dataclasses

import pytest

from careledger.client.directory import find_person, open_directory
from careledger.client.patient import full_access
from careledger.client.session_problems import NoSuchPerson, SameName, WrongRole
from careledger.local import LocalNetwork


def test_one_of_two_by_the_same_name_is_named_by_the_member_id(
    network: LocalNetwork,
) -> None:
    one, two = (
        network.practitioner("Dr. Eva Roth"),
        network.practitioner("Dr. Eva Roth"),
    )
    listed = open_directory(one.line)
    with pytest.raises(SameName):
        find_person(listed, "Dr. Eva Roth")
    with pytest.raises(NoSuchPerson):
        find_person(listed, "Dr. Eva")
    for who in (one, two):
        assert find_person(listed, who.me.member.hex()).member == who.me.member


def test_nobody_joins_with_an_invitation_that_cannot_be_accepted(
    network: LocalNetwork,
) -> None:
    patient, clerk = network.patient(), network.listing(network.insurer())
    ada = network.listing(network.practitioner("Dr. Ada Lind"))
    joining, before = network.joining(), network.engine.query.head.size
    for wrong in (
        dataclasses.replace(joining, practitioner=clerk),
        dataclasses.replace(joining, insurer=ada),
    ):
        with pytest.raises(WrongRole):
            patient.register(wrong)
    assert network.engine.query.head.size == before
    assert not patient.store.kept.used


def test_no_record_is_opened_with_an_invitation_that_cannot_be_accepted(
    network: LocalNetwork,
) -> None:
    patient = network.patient()
    patient.register(network.joining())
    ada = network.listing(network.practitioner("Dr. Ada Lind"))
    desk, kept = network.hospitals[0], patient.store.kept
    offers = [(ada, full_access("insurer"))]
    with pytest.raises(WrongRole):
        patient.open_record(desk, network.registrar, "policy", offers)
    with pytest.raises(WrongRole):
        patient.plan_record("policy", ada)
    assert patient.store.kept == kept


def test_the_refusal_says_what_does_not_go_together(network: LocalNetwork) -> None:
    clerk = network.listing(network.insurer("Jo Falk"))
    joining = dataclasses.replace(network.joining(), practitioner=clerk)
    with pytest.raises(WrongRole, match="practitioner") as refused:
        joining.check_roles()
    assert "of kind insurer" in str(refused.value)
    assert "Falk" not in str(refused.value)
