"""Genesis: one file, one chain id, one state; a bad one starts nothing."""

import pytest
from msgspec.structs import replace

from careledger.ledger.actions.governance import NodeName
from careledger.ledger.genesis import (
    NOTHING,
    BadGenesis,
    FirstNode,
    chain_id,
    chain_id_of,
    initial_state,
    read_genesis,
)
from careledger.ledger.parameters import PROTOCOL, Parameters, parameters
from careledger.ledger.state import Base, Draft
from careledger.ledger.workflows import coin, governance, nodes
from careledger.primitives.encoding import MAX_INTEGER, NotCanonical, decode, encode
from tests.ledger.world import (
    ANN,
    BOB,
    CY,
    GOVERNORS,
    MemoryState,
    World,
    application,
    genesis,
    key,
)


def test_the_chain_id_names_every_byte_of_genesis():
    raw = genesis()
    assert chain_id(raw) == chain_id(genesis())
    assert chain_id(raw) != chain_id(genesis(simulated=False))
    assert chain_id_of(Draft(Base(MemoryState(initial_state(raw))))) == chain_id(raw)


def test_the_state_starts_as_the_file_says():
    limits = Parameters(purse_quota=5)
    raw = genesis(parameters=limits)
    draft = Draft(Base(MemoryState(initial_state(raw))))
    assert parameters(draft) == limits
    assert governance.governors(draft).threshold == 2
    assert coin.balance(draft, ANN.public) == coin.balance(draft, BOB.public) == 1_000
    assert coin.supply(draft) == 2_000
    hospital = governance.organisation_id(application("hospital", "hospital"))
    assert governance.acting(draft, key("hospital").public, "hospital") == hospital
    (node,) = nodes.in_force(draft)
    assert (node.name, node.organisation) == ("node.example/a", hospital)


def test_parameters_at_their_default_leave_no_entry():
    plain = initial_state(genesis())
    changed = initial_state(genesis(parameters=Parameters(purse_quota=5)))
    assert len(changed) == len(plain) + 1


def test_before_genesis_there_is_nothing():
    assert NOTHING.get(b"\x00") is None
    assert not NOTHING.recorded(bytes(32))
    assert NOTHING.first(b"\x10", b"\x11", 256) == []


HOSPITAL = application("hospital", "hospital")
KEYS = tuple(one.public for one in GOVERNORS)
NODE = FirstNode(0, "node.example/a", key("node-a").public, bytes(1312))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"protocol": PROTOCOL + 1}, id="another version of the rules"),
        pytest.param({"threshold": 0}, id="decisions without governors"),
        pytest.param({"threshold": 4}, id="more votes than governors"),
        pytest.param({"governors": KEYS[::-1]}, id="governors out of order"),
        pytest.param({"governors": ()}, id="nobody governs"),
        pytest.param(
            {"governors": tuple(bytes([i]) * 32 for i in range(9)), "threshold": 8},
            id="more votes than an action can carry",
        ),
        pytest.param(
            {"organisations": (application("one", "insurer", "research"),)},
            id="insurer and research in one",
        ),
        pytest.param(
            {"organisations": (application("one", "hospital"),) * 2}, id="one twice"
        ),
        pytest.param({"nodes": (NODE, NODE)}, id="one node twice"),
        pytest.param({"organisations": ()}, id="a node of nobody"),
        pytest.param(
            {"purses": tuple(sorted([(ANN.public, MAX_INTEGER), (CY.public, 1)]))},
            id="too much coin",
        ),
        pytest.param(
            {"purses": ((ANN.public, 1), (ANN.public, 1))}, id="a purse twice"
        ),
        pytest.param(
            {"purses": tuple(sorted([(ANN.public, 1), (CY.public, 1)]))[::-1]},
            id="purses out of order",
        ),
        pytest.param(
            {"organisations": (application("one", "hospital", chain=b"c" * 32),)},
            id="an application to another network",
        ),
        pytest.param(
            {"organisations": (replace(HOSPITAL, kinds=("registrar", "hospital")),)},
            id="kinds out of order",
        ),
        pytest.param(
            {"organisations": (replace(HOSPITAL, kinds=("hospital", "hospital")),)},
            id="a kind twice",
        ),
    ],
)
def test_a_genesis_that_breaks_the_rules_starts_nothing(changes):
    raw = genesis(**changes)
    with pytest.raises(BadGenesis):
        initial_state(raw)


def test_a_damaged_genesis_is_not_read():
    raw = genesis()
    for damaged in (raw[:-1], raw + b"\x00", b"", b"\x93" + raw[1:]):
        with pytest.raises(BadGenesis):
            read_genesis(damaged)
    assert read_genesis(raw).name == "test.example/careledger"


@pytest.mark.parametrize(
    "name", ["", "A", "a b", "a+b", "/a", "a\n", "\na", "a\nb", "ä", "a" * 64]
)
def test_a_node_name_fits_a_signed_note(name):
    with pytest.raises(NotCanonical):
        decode(encode(name), NodeName)


@pytest.mark.parametrize("name", ["a", "0", "hospital-a.example/careledger", "a" * 63])
def test_good_node_names(name):
    assert decode(encode(name), NodeName) == name


def test_two_worlds_from_one_genesis_are_one():
    assert World().state == World().state
