"""Governance: k of n decide; insurer and research never meet in one group."""

import msgspec
import pytest

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.governance import (
    AdmitNode,
    MintCoin,
    ReplaceOrganisationKey,
    RetireNode,
    SetGovernors,
    SetParameter,
    SetStatus,
)
from careledger.ledger.actions.registry import ChangeMailbox
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.invariants import violations
from careledger.ledger.parameters import SMALLEST, Parameters, parameters
from careledger.ledger.refusals.base import Malformed
from careledger.ledger.refusals.governance import NotAdmitted
from careledger.ledger.refusals.registry import NotYourOffice
from careledger.ledger.usage import Usage
from careledger.ledger.workflows import coin, governance, nodes
from careledger.primitives.encoding import MAX_INTEGER, decode_any
from careledger.primitives.signing import SigningKey
from tests.ledger.town import CLOSED, HOSPITAL, NEW, STRANGER, Town, admission
from tests.ledger.world import ANN, BOB, GOVERNORS, application, key

QUOTA = SetParameter((0, 1), "purse_quota", 70)


# Quorum


def test_two_of_three_governors_decide():
    for pair in ((0, 1), (0, 2), (1, 2)):
        town = Town()
        assert town.act(QUOTA, by=[GOVERNORS[i] for i in pair]) == "ok"
        assert parameters(town.draft()).purse_quota == 70


@pytest.mark.parametrize(
    ("indexes", "by"),
    [
        pytest.param((0,), GOVERNORS[:1], id="one alone"),
        pytest.param((0, 0), GOVERNORS[:1], id="one twice"),
        pytest.param((0, 1), (GOVERNORS[0], STRANGER), id="a stranger beside one"),
        pytest.param((0, 1), (GOVERNORS[0], HOSPITAL), id="an organisation beside one"),
        pytest.param((0, 1, 2), (*GOVERNORS[:2], STRANGER), id="a stranger on top"),
    ],
)
def test_no_fewer_and_nobody_else(indexes, by):
    town = Town()
    code = town.act(SetParameter(indexes, "purse_quota", 70), by=by)
    assert code == "governance.no-quorum"
    assert parameters(town.draft()).purse_quota == Parameters().purse_quota


def test_new_governors_take_over_and_the_old_ones_are_nobody():
    town = Town()
    keys = tuple(sorted((ANN.public, BOB.public)))
    assert town.govern(SetGovernors((0, 1), keys, 1)) == "ok"
    assert town.govern(QUOTA) == "void.nobody-known"
    assert town.act(SetParameter((0,), "purse_quota", 70), by=[ANN]) == "ok"
    assert governance.governors(town.draft()).keys == keys


@pytest.mark.parametrize(
    ("keys", "threshold"),
    [
        pytest.param((b"\x02" * 32, b"\x01" * 32), 1, id="descending"),
        pytest.param((b"\x01" * 32, b"\x01" * 32), 1, id="twice the same"),
        pytest.param((b"\x01" * 32,), 2, id="fewer than needed"),
    ],
)
def test_governors_who_could_not_decide_are_refused(keys, threshold):
    town = Town()
    code = town.govern(SetGovernors((0, 1), keys, threshold))
    assert code == "governance.bad-governors"
    assert town.govern(QUOTA) == "ok"


# Organisations


def test_an_admitted_organisation_acts():
    town = Town()
    action = town.admission("laboratory", "hospital")
    assert town.govern(action) == "ok"
    new_id = governance.organisation_id(action.application)
    laboratory = key("laboratory").public
    assert governance.acting(town.draft(), laboratory, "hospital") == new_id
    assert governance.acting(town.draft(), laboratory) == new_id
    assert governance.mailbox(town.draft(), new_id) == action.application.mailbox


def test_nobody_is_admitted_twice():
    town = Town()
    once = town.admission("laboratory", "hospital")
    other_name = msgspec.structs.replace(once.application, name=b"other")
    assert town.govern(once) == "ok"
    assert town.govern(once) == "governance.already-admitted"
    again = admission(other_name, key("laboratory"))
    assert town.govern(again) == "governance.already-admitted"


def test_an_application_is_for_one_network_and_signed_by_its_own_key():
    town = Town()
    elsewhere = town.admission("laboratory", "hospital", chain=bytes(32))
    assert town.govern(elsewhere) == "governance.bad-application"
    filled_in = application("laboratory", "hospital", chain=town.chain)
    forged = admission(filled_in, STRANGER)
    assert town.govern(forged) == "governance.bad-application"


@pytest.mark.parametrize(
    "kinds", [("registrar", "hospital"), ("hospital", "hospital")], ids=str
)
def test_kinds_are_ascending_and_distinct(kinds):
    town = Town()
    filled_in = application("laboratory", "hospital", chain=town.chain)
    filled_in = msgspec.structs.replace(filled_in, kinds=kinds)
    code = town.govern(admission(filled_in, key("laboratory")))
    assert code == "governance.bad-application"


def test_status_is_what_governance_says():
    town = Town()
    hospital = town.ids["hospital"]
    mailbox = ChangeMailbox(0, bytes(1216))
    assert town.govern(SetStatus((0, 1), hospital, "suspended")) == "ok"
    assert town.act(mailbox, by=[HOSPITAL]) == "registry.not-your-office"
    again = town.govern(SetStatus((0, 1), hospital, "suspended"))
    assert again == "governance.wrong-status"
    assert town.govern(SetStatus((0, 1), hospital, "active")) == "ok"
    assert town.act(mailbox, by=[HOSPITAL]) == "ok"
    unknown = town.govern(SetStatus((0, 1), bytes(32), "active"))
    assert unknown == "governance.not-admitted"


def test_expelled_is_for_good():
    town = Town()
    hospital = town.ids["clinic"]
    assert town.govern(SetStatus((0, 1), hospital, "expelled")) == "ok"
    for status in ("active", "suspended", "expelled"):
        code = town.govern(SetStatus((0, 1), hospital, status))
        assert code == "governance.wrong-status"


def test_acting_names_one_reason_for_every_way_to_have_no_office():
    town = Town()
    for who, kinds in ((STRANGER, ()), (CLOSED, ()), (HOSPITAL, ("registrar",))):
        with pytest.raises(NotYourOffice):
            governance.acting(town.draft(), who.public, *kinds)
    with pytest.raises(NotAdmitted):
        governance.organisation(town.draft(), bytes(32))


def test_a_replaced_key_stops_and_the_new_one_acts():
    town = Town()
    change = ReplaceOrganisationKey((0, 1), town.ids["hospital"], NEW.public)
    assert town.govern(change) == "ok"
    mailbox = ChangeMailbox(0, bytes(1216))
    assert town.act(mailbox, by=[HOSPITAL]) == "void.nobody-known"
    assert town.act(mailbox, by=[NEW]) == "ok"
    assert governance.mailbox(town.draft(), town.ids["hospital"]) == bytes(1216)
    assert town.govern(change) == "governance.already-admitted"
    nobody = ReplaceOrganisationKey((0, 1), bytes(32), STRANGER.public)
    assert town.govern(nobody) == "governance.not-admitted"


# The wall between insurers and research companies (EHDS art. 54)


def test_one_organisation_is_not_both():
    town = Town()
    code = town.govern(town.admission("both", "insurer", "research"))
    assert code == "governance.insurer-and-research"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"entity": b"E"}, {"entity": b"E"}, id="one entity"),
        pytest.param(
            {"entity": b"E", "group": b"G"}, {"entity": b"F", "group": b"G"}, id="group"
        ),
        pytest.param({"entity": b"G"}, {"entity": b"F", "group": b"G"}, id="daughter"),
        pytest.param({"entity": b"F", "group": b"G"}, {"entity": b"G"}, id="parent"),
    ],
)
@pytest.mark.parametrize("sides", [("insurer", "research"), ("research", "insurer")])
def test_nor_are_two_of_one_entity_or_group(sides, first, second):
    town = Town()
    assert town.govern(town.admission("one", sides[0], **first)) == "ok"
    other = town.admission("two", sides[1], **second)
    assert town.govern(other) == "governance.insurer-and-research"
    assert town.govern(town.admission("three", sides[0], **second)) == "ok"
    assert town.govern(town.admission("four", "hospital", **second)) == "ok"


def test_the_wall_stands_through_a_suspension_and_falls_with_an_expulsion():
    town = Town()
    insurer = town.admission("one", "insurer", entity=b"E")
    insurer_id = governance.organisation_id(insurer.application)
    research = town.admission("two", "research", entity=b"E")
    assert town.govern(insurer) == "ok"
    assert town.govern(SetStatus((0, 1), insurer_id, "suspended")) == "ok"
    assert town.govern(research) == "governance.insurer-and-research"
    assert town.govern(SetStatus((0, 1), insurer_id, "expelled")) == "ok"
    assert town.govern(research) == "ok"


# Parameters, coin, nodes


@pytest.mark.parametrize("name", Parameters.__struct_fields__)
def test_one_parameter_changes_alone(name):
    town = Town()
    assert town.govern(SetParameter((0, 1), name, 120)) == "ok"
    before = msgspec.structs.replace(Parameters(), **{name: 120})
    assert parameters(town.draft()) == before


@pytest.mark.parametrize("name", Parameters.__struct_fields__)
def test_no_parameter_can_lock_everybody_out(name):
    town = Town()
    least = 1 if name == "smallest_balance" else 64
    assert getattr(SMALLEST, name) == least
    for value in range(1, least):
        code = town.govern(SetParameter((0, 1), name, value))
        assert code == "governance.too-small"
    assert parameters(town.draft()) == Parameters()
    assert town.govern(SetParameter((0, 1), name, least)) == "ok"
    raw = town.envelope(SetParameter((0, 1), name, 0), by=GOVERNORS[:2])
    with pytest.raises(Malformed):
        open_envelope(raw)


def test_a_default_parameter_leaves_no_entry():
    town = Town()
    before = dict(town.state)
    town.govern(SetParameter((0, 1), "record_quota", 120))
    town.govern(SetParameter((0, 1), "record_quota", Parameters().record_quota))
    assert town.state.keys() == before.keys()


def test_minted_coin_is_supply():
    town = Town()
    assert town.govern(MintCoin((0, 1), ANN.public, 500)) == "ok"
    assert coin.balance(town.draft(), ANN.public) == 1_500
    assert coin.supply(town.draft()) == 2_500


def test_the_supply_ends_where_integers_do():
    town = Town()
    room = MAX_INTEGER - coin.supply(town.draft())
    assert town.govern(MintCoin((0, 1), ANN.public, room)) == "ok"
    assert town.govern(MintCoin((0, 1), ANN.public, 1)) == "coin.too-much"
    assert town.act(Transfer(0, BOB.public, MAX_INTEGER - 2_000), by=[ANN]) == "ok"


def node(town: Town, name: str, node_key: bytes) -> AdmitNode:
    return AdmitNode((0, 1), town.ids["clinic"], name, node_key, bytes(1312))


def test_nodes_come_and_go_but_never_the_last():
    town = Town()
    first = nodes.in_force(town.draft())[0]
    assert town.govern(node(town, "node.example/b", NEW.public)) == "ok"
    assert [one.name for one in nodes.in_force(town.draft())] == [
        "node.example/a",
        "node.example/b",
    ]
    assert town.govern(RetireNode((0, 1), first.key)) == "ok"
    assert town.govern(RetireNode((0, 1), first.key)) == "governance.not-admitted"
    assert town.govern(RetireNode((0, 1), NEW.public)) == "governance.last-node"


def test_a_node_has_a_name_and_key_of_its_own_and_an_organisation():
    town = Town()
    first = nodes.in_force(town.draft())[0]
    for name, node_key in ((first.name, NEW.public), ("other", first.key)):
        code = town.govern(node(town, name, node_key))
        assert code == "governance.already-admitted"
    homeless = AdmitNode((0, 1), bytes(32), "other", NEW.public, bytes(1312))
    assert town.govern(homeless) == "governance.not-admitted"


def test_an_expelled_organisation_has_no_nodes():
    town = Town()
    town.must(town.govern(node(town, "node.example/b", NEW.public)))
    clinic, hospital = town.ids["clinic"], town.ids["hospital"]
    town.must(town.govern(SetStatus((0, 1), clinic, "suspended")))
    assert len(nodes.in_force(town.draft())) == 2
    town.must(town.govern(SetStatus((0, 1), clinic, "expelled")))
    assert [n.organisation for n in nodes.in_force(town.draft())] == [hospital]
    back = node(town, "node.example/c", NEW.public)
    assert town.govern(back) == "governance.wrong-status"
    last = SetStatus((0, 1), hospital, "expelled")
    assert town.govern(last) == "governance.last-node"
    assert violations(town.state.items()) == []


def test_governors_can_always_set_a_quota_right():
    town = Town()
    town.must(town.govern(SetParameter((0, 1), "organisation_quota", 64)))
    mailbox = ChangeMailbox(0, bytes(1216))
    while (code := town.act(mailbox, by=[HOSPITAL])) == "ok":
        pass
    assert code == "void.over-quota"
    for _ in range(3):
        town.must(town.govern(*[SetParameter((0, 1), "organisation_quota", 65)] * 64))
    least = governance.LEAST_TO_GOVERN
    while (code := town.govern(*[QUOTA] * 64)) == "ok":
        pass
    assert code == "void.over-quota"
    assert usage_of(town, GOVERNORS[0]) > least - 64
    assert usage_of(town, GOVERNORS[0]) <= least


def usage_of(town: Town, who: SigningKey) -> int:
    return decode_any(town.state[b"\x02" + who.public], Usage).used
