"""Invariants: a sound state has no violations; each kind of damage has one."""

import pytest

from careledger.ledger.actions.coin import PlaceHold, PlaceOrder
from careledger.ledger.actions.governance import SetStatus
from careledger.ledger.actions.registry import ChangeKey, WithdrawRecognition
from careledger.ledger.invariants import violations
from careledger.ledger.listing import Listing
from careledger.ledger.usage import Usage
from careledger.ledger.workflows.coin import Purse
from careledger.ledger.workflows.governance import Organisation
from careledger.ledger.workflows.key_changes import KeyChange
from careledger.ledger.workflows.nodes import Node
from careledger.ledger.workflows.registry import Member
from careledger.ledger.workflows.wall import Side
from careledger.primitives.encoding import encode
from tests.ledger.damage import changed, damaged, only
from tests.ledger.town import CARD, DREW, NEW, PAT, REGISTRAR, STRANGER, Town
from tests.ledger.world import ANN, BOB, DAY, HOUR, World

OTHER = b"\x77" * 32


def busy() -> Town:
    """Return a town in which everything is under way at once."""
    town = Town()
    town.must(town.act(PlaceHold(0, BOB.public, 5, town.now + HOUR), by=[ANN]))
    order = PlaceOrder(0, BOB.public, 5, town.now + HOUR, DAY, 2)
    town.must(town.act(order, by=[ANN]))
    town.must(town.act(ChangeKey(0, 1), by=[DREW, NEW]))
    town.must(town.act(WithdrawRecognition(0, CARD), by=[REGISTRAR]))
    return town


BUSY = busy()


def test_a_sound_state_has_no_violations():
    assert violations(World().state.items()) == []
    assert violations(BUSY.state.items()) == []


def test_the_order_of_entries_does_not_matter():
    assert violations(reversed(BUSY.state.items())) == []


def test_an_expelled_insurer_no_longer_counts_at_the_wall():
    town = Town()
    town.govern(SetStatus((0, 1), town.ids["insurer"], "expelled"))
    assert violations(town.state.items()) == []


DREW_IS, PAT_IS = b"\x20" + DREW.public, b"\x20" + PAT.public
HOSPITAL_IS = b"\x04" + BUSY.ids["hospital"]
ANNS_PURSE = b"\x30" + ANN.public

DAMAGE = {
    "no network": ({b"\x00": None}, "genesis: the state does not name its network"),
    "two sets of parameters": (
        {b"\x01x": encode([1, 1, 1, 1, 1, 1])},
        "parameters: there is more than one set of them",
    ),
    "usage of nothing": (
        {b"\x02x": encode(Usage(1, 0))},
        "usage: 78 has an entry and used nothing",
    ),
    "governors who cannot decide": (
        {b"\x03": encode([[], 1])},
        "governance: the governors cannot decide",
    ),
    "an organisation with another key": (
        changed(BUSY.state, HOSPITAL_IS, Organisation, key=OTHER),
        "governance: the table of keys is not that of the organisations",
    ),
    "a key of nobody": (
        {b"\x05" + OTHER: encode(OTHER)},
        "governance: the table of keys is not that of the organisations",
    ),
    "a mailbox of nobody": (
        {b"\x06" + OTHER: encode(bytes(1216))},
        "governance: the mailbox 777777777777777777… is nobody's",
    ),
    "an insurer nobody counted": (
        changed(BUSY.state, HOSPITAL_IS, Organisation, kinds=("insurer",)),
        "wall: the counts are not those of the organisations",
    ),
    "both sides of the wall": (
        {b"\x07insurer": encode(Side(1, 1))},
        "wall: insurer and research company in one entity or group",
    ),
    "a node of nobody": (
        {b"\x08": encode((Node(OTHER, "x", OTHER, OTHER),))},
        "governance: the node x belongs to nobody",
    ),
    "a timer too many": (
        {b"\x10" + bytes(8) + OTHER: encode(["hold-expires", OTHER])},
        "timers: nobody waits for 777777777777777777…",
    ),
    "a timer too few": (
        {only(BUSY.state, b"\x10"): None},
        "timers: nothing is set for " + only(BUSY.state, b"\x10")[9:18].hex() + "…",
    ),
    "a member of nobody": (
        changed(BUSY.state, DREW_IS, Member, organisation=OTHER),
        f"registry: the member {DREW.public[:9].hex()}… belongs to nobody",
    ),
    "a member with another key": (
        changed(BUSY.state, DREW_IS, Member, key=OTHER),
        "registry: the table of keys is not that of the members",
    ),
    "a key change that reserved nothing": (
        changed(BUSY.state, only(BUSY.state, b"\x22"), KeyChange, key=STRANGER.public),
        "registry: the table of keys is not that of the members",
    ),
    "a patient nobody counted": (
        changed(BUSY.state, DREW_IS, Member, kind="patient"),
        "registry: the counts of patients are not those of the members",
    ),
    "an epoch nobody opened": (
        {b"\x24" + BUSY.ids["registrar"]: encode(2)},
        "registry: the counts of issuer epochs are not those of the issuers",
    ),
    "a withdrawal by nobody": (
        {b"\x25" + OTHER + CARD: encode(1)},
        f"registry: the withdrawal {CARD[:9].hex()}… is by no registrar",
    ),
    "coin from nowhere": (
        changed(BUSY.state, ANNS_PURSE, Purse, balance=2_000),
        "coin: purses and holds contain 3005, the supply is 2000",
    ),
    "a hold that is gone": (
        {only(BUSY.state, b"\x32"): None},
        "coin: purses and holds contain 1995, the supply is 2000",
    ),
    "an order without payments": (
        {b"\x33" + OTHER: encode([OTHER, OTHER, 1, 1, DAY, 0])},
        "coin: a standing order has no payment left",
    ),
    "a default that is stored": (
        {b"\x30" + OTHER: encode(Purse())},
        "state: the default is stored at 307777777777777777…",
    ),
    "a damaged value": (
        {b"\x30" + OTHER: b"\xc1"},
        "state: the value at 307777777777777777… is damaged",
    ),
    "a value that is not canonical": (
        {b"\x31": b"\xcd" + (2_000).to_bytes(2, "big") + b"\x00"},
        "state: the value at 31 is damaged",
    ),
    "a table of nobody": (
        {b"\xfe": b"\x00"},
        "state: table fe belongs to no workflow",
    ),
}


@pytest.mark.parametrize(("damage", "found"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found(damage, found):
    state = damaged(BUSY.state, damage)
    assert found in violations(state.items())


def test_coin_that_is_somewhere_else_still_counts():
    """What one purse lost, another may have gained: that is no violation."""
    moved = changed(BUSY.state, ANNS_PURSE, Purse, balance=985) | changed(
        BUSY.state, b"\x30" + BOB.public, Purse, balance=1_010
    )
    assert violations((BUSY.state | moved).items()) == []


def test_no_violation_shows_a_whole_key():
    listing = Listing([(b"\x30" + OTHER, b"\xc1")])
    assert OTHER.hex() not in "".join(listing.faults())
