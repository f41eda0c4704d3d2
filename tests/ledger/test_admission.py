"""Void by the state: wrong chain or time, duplicates, strangers, quotas.

Whatever is void leaves no leaf, no receipt, no id, no trace.
"""

import pytest

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.governance import SetParameter
from careledger.ledger.actions.registry import CancelKeyChange, RegisterMember
from careledger.ledger.envelopes import (
    check_signatures,
    open_envelope,
    reopen,
)
from careledger.ledger.parameters import Parameters
from careledger.ledger.refusals.base import (
    Malformed,
    WrongSignatures,
)
from tests.ledger.hostile import BOTH_PAY, PAY, verdict, with_core
from tests.ledger.town import CARD, DREW, HOSPITAL, NEW, STRANGER, Town
from tests.ledger.world import ANN, BOB, CY, DAY, HOUR, START, World, genesis


def test_the_envelopes_below_differ_from_a_good_one_in_one_thing():
    world = World()
    assert verdict(world, world.envelope(PAY, by=[ANN])) == "ok"
    assert verdict(world, with_core(world)) == "ok"


# Chain and time


def test_an_envelope_for_another_network():
    world = World()
    raw = world.envelope(PAY, by=[ANN], chain_id=bytes(32))
    assert verdict(world, raw) == "void.wrong-chain"


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (START, "void.expired"),
        (START + 1, "ok"),
        (START + 1 + DAY, "ok"),
        (START + 2 + DAY, "void.too-far-ahead"),
    ],
)
def test_valid_until_lies_between_the_blocks_time_and_24_hours_later(until, code):
    world = World()
    assert verdict(world, world.envelope(PAY, by=[ANN], until=until)) == code


def test_what_is_recorded_is_not_recorded_again():
    world = World()
    paid = world.envelope(PAY, by=[ANN])
    refused = world.envelope(Transfer(0, CY.public, 5_000), by=[ANN])
    world.block(paid, refused)
    for raw in (paid, refused):
        assert verdict(world, raw) == "void.duplicate"


def test_a_void_envelope_may_come_again():
    world = World()
    early = world.envelope(PAY, by=[ANN], until=START + DAY + HOUR)
    assert verdict(world, early) == "void.too-far-ahead"
    world.block(at=START + HOUR)
    assert verdict(world, early) == "ok"


# Who is known


def test_an_envelope_of_strangers():
    town = Town()
    assert verdict(town, town.envelope(PAY, by=[STRANGER])) == "void.nobody-known"
    nobody = town.envelope(*BOTH_PAY, by=[STRANGER, NEW])
    assert verdict(town, nobody) == "void.nobody-known"


def test_one_known_signer_brings_the_others_in():
    world = World()
    raw = world.envelope(*BOTH_PAY, by=[ANN, STRANGER])
    assert verdict(world, raw) == "coin.insufficient-funds"


def test_a_key_counts_only_as_what_it_signs():
    town = Town()
    assert verdict(town, town.envelope(PAY, by=[HOSPITAL])) == "void.nobody-known"
    assert verdict(town, town.envelope(PAY, by=[DREW])) == "void.nobody-known"
    quota = SetParameter((0,), "purse_quota", 1)
    assert verdict(town, town.envelope(quota, by=[ANN])) == "void.nobody-known"


def test_possession_of_a_new_key_makes_nobody_known():
    town = Town()
    register = RegisterMember(0, 1, "staff", CARD)
    raw = town.envelope(register, by=[STRANGER, DREW])
    assert verdict(town, raw) == "void.nobody-known"


def test_a_purse_with_less_than_the_smallest_balance_is_unknown():
    world = World(genesis(parameters=Parameters(smallest_balance=1_001)))
    assert verdict(world, world.envelope(PAY, by=[ANN])) == "void.nobody-known"
    world = World(genesis(parameters=Parameters(smallest_balance=1_000)))
    assert verdict(world, world.envelope(PAY, by=[ANN])) == "ok"


# Quotas


def test_a_purse_has_a_quota_for_each_day_refusals_included():
    world = World(genesis(parameters=Parameters(purse_quota=3)))
    too_much = Transfer(0, CY.public, 5_000)
    assert world.act(too_much, by=[ANN]) == "coin.insufficient-funds"
    assert world.act(PAY, PAY, by=[ANN]) == "ok"
    assert world.act(PAY, by=[ANN]) == "void.over-quota"
    assert world.act(PAY, by=[BOB]) == "ok"
    midnight = (world.now // DAY + 1) * DAY
    world.block(at=midnight - 2)
    assert world.act(PAY, by=[ANN]) == "void.over-quota"
    assert world.act(PAY, by=[ANN]) == "ok"
    assert world.now == midnight


def test_an_envelope_over_quota_charges_nobody():
    world = World(genesis(parameters=Parameters(purse_quota=3)))
    world.act(PAY, PAY, PAY, by=[ANN])
    raw = world.envelope(*BOTH_PAY, by=[BOB, ANN])
    assert verdict(world, raw) == "void.over-quota"


def test_acting_through_a_purse_that_the_envelope_funds_costs_as_much():
    world = World(genesis(parameters=Parameters(purse_quota=5)))
    funds = Transfer(0, STRANGER.public, 4)
    back = Transfer(1, ANN.public, 1)
    assert world.act(funds, *[back] * 4, by=[ANN, STRANGER]) == "ok"
    assert world.act(PAY, by=[ANN]) == "void.over-quota"


def test_organisations_governors_and_members_have_quotas_too():
    town = Town(parameters=Parameters(organisation_quota=5, member_quota=1))
    register = RegisterMember(0, 1, "staff", CARD)
    refused = town.act(register, by=[HOSPITAL, DREW])
    assert refused == "registry.key-taken"  # the hospital's fifth action so far
    assert town.act(register, by=[HOSPITAL, NEW]) == "void.over-quota"
    assert town.act(CancelKeyChange(0), by=[DREW]) == "registry.no-change-pending"
    assert town.act(CancelKeyChange(0), by=[DREW]) == "void.over-quota"


# Replay


def test_a_logged_transaction_opens_without_its_bodies():
    world = World()
    raw = world.envelope(PAY, by=[ANN], bodies=(b"one",))
    first = open_envelope(raw)
    again = reopen(first.core, first.signatures)
    assert (again.tx_id, again.content, again.bodies) == (
        first.tx_id,
        first.content,
        (),
    )
    check_signatures(again)
    with pytest.raises(Malformed):
        reopen(first.core + b"\x00", first.signatures)
    with pytest.raises(WrongSignatures):
        check_signatures(reopen(first.core, ()))
