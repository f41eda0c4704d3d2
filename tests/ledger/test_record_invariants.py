"""Invariants of tokens, records, referral and emergency: each damage is found."""

import pytest

from careledger.ledger.actions.emergency import Review
from careledger.ledger.actions.records import (
    ConfirmRecovery,
    Declare,
    Erase,
    Erased,
    Recover,
)
from careledger.ledger.actions.referral import ReplaceHandle
from careledger.ledger.invariants import violations
from careledger.ledger.workflows.emergency import Access
from careledger.ledger.workflows.entries import Entry
from careledger.ledger.workflows.records import Record
from careledger.ledger.workflows.seats import Place, Seat
from careledger.ledger.workflows.tokens import Issuing
from careledger.primitives.encoding import encode
from tests.ledger.authority_scene import CAST, ENTRY, Scene, X
from tests.ledger.clinic import invitation, opened
from tests.ledger.damage import changed, damaged, only
from tests.ledger.issuing import TOKEN_KEY_ID
from tests.ledger.world import DAY, key

STRAY = b"\x77" * 32


def busy() -> Scene:
    """Return the scene when everything is under way at once."""
    scene = Scene()
    erased = Erased(0, scene.erasing())
    scene.must(scene.act(erased, by=[CAST["custodian"]]))
    asking = [CAST["recovery key"], key("new-owner")]
    scene.must(scene.act(Recover(0, 1, X), by=asking))
    scene.must(scene.act(Erase(0, ()), by=[CAST["other record's owner"]]))
    return scene


BUSY = busy()
RECORD = BUSY.chart.id
RECORD_IS = b"\x54" + RECORD
OWNERS_SEAT = b"\x51" + RECORD + bytes(4)
ENDED = BUSY.place(CAST["ended"]).seat
INVITED = invitation("sam").public
SHORT = STRAY[:9].hex() + "…"
NAME = RECORD[:9].hex() + "…"
TOKEN_KEY_IS = b"\x40" + TOKEN_KEY_ID


def test_a_busy_scene_is_sound_and_stays_so():
    assert violations(BUSY.state.items()) == []
    scene = busy()
    confirming = [CAST["recovery key"], CAST["witness"], key("new-owner")]
    scene.must(scene.act(ConfirmRecovery(0, 1, 2, X), by=confirming))
    for days in (1, 3, 5, 30):
        scene.wait(days * DAY)
        assert violations(scene.state.items()) == []


DAMAGE = {
    "more spent than issued": (
        changed(BUSY.state, TOKEN_KEY_IS, Issuing, spent=9),
        f"tokens: more was spent than issued with {TOKEN_KEY_ID[:9].hex()}…",
    ),
    "a handle spent on nothing": (
        {b"\x42" + STRAY: encode(value=True)},
        "tokens: the counts of spent tokens are not those of the handles",
    ),
    "a request nobody answered": (
        {b"\x43" + STRAY: encode(value=True)},
        "tokens: the counts of issued tokens are not those of the requests",
    ),
    "a handle that sits elsewhere": (
        changed(BUSY.state, OWNERS_SEAT, Seat, handle=STRAY),
        f"seats: seat 0 of {NAME} has a stray handle",
    ),
    "a handle without a seat": (
        {b"\x50" + STRAY: encode(Place(RECORD, "seat", 63))},
        f"seats: the handle {SHORT} has no seat",
    ),
    "an asset of one side": (
        {b"\x52" + STRAY + CAST["owner"].public: encode(1)},
        f"seats: {SHORT} has an asset that its peer has not",
    ),
    "a seat that is gone": (
        {OWNERS_SEAT: None},
        f"records: {NAME} does not have the seats that it counts",
    ),
    "somebody present who left": (
        changed(BUSY.state, RECORD_IS, Record, present=(0, ENDED)),
        f"records: {NAME} counts somebody present who is not",
    ),
    "a wrap for nobody": (
        changed(BUSY.state, RECORD_IS, Record, wrapped=(0, 63)),
        f"records: {NAME} was wrapped to nobody",
    ),
    "a custodian of something else": (
        {b"\x50" + CAST["custodian"].public: encode(Place(STRAY, "custodian"))},
        f"records: a custodian of {NAME} serves something else",
    ),
    "bodies dropped of a record that stands": (
        {b"\x0a" + RECORD: encode(1)},
        "entries: what is erased is not that whose bodies are dropped",
    ),
    "a record without a history": (
        {b"\x55" + RECORD: None},
        "records: the histories are not those of the records",
    ),
    "an entry of no record": (
        {b"\x5a" + STRAY + ENTRY: encode(Entry(X, X, 0, 0, b"", 0, X))},
        f"entries: {ENTRY[:9].hex()}… belongs to no record",
    ),
    "an entry of an epoch to come": (
        changed(BUSY.state, b"\x5a" + RECORD + ENTRY, Entry, epoch=7),
        f"entries: {ENTRY[:9].hex()}… is of an epoch to come",
    ),
    "an answer to nothing": (
        {b"\x5c" + STRAY + STRAY: encode("erased")},
        f"entries: {SHORT} answers no request for erasure",
    ),
    "an invitation with a stray key": (
        {b"\x50" + INVITED: None},
        f"referral: the invitation {INVITED[:9].hex()}… has a stray key",
    ),
    "a plan that is gone": (
        {b"\x60" + RECORD: None},
        f"emergency: the plan of {NAME} is not what it counts",
    ),
    "somebody barred for nothing": (
        {b"\x62" + STRAY: encode(1)},
        "emergency: the people barred are not those of the accesses",
    ),
    "an access that nobody judged": (
        changed(BUSY.state, only(BUSY.state, b"\x61"), Access, status="waiting"),
        "emergency: the people barred are not those of the accesses",
    ),
    "an erasure without its timer": (
        {key: None for key in BUSY.state if key[:1] == b"\x10"},
        "timers: nothing is set for",
    ),
}


@pytest.mark.parametrize(("damage", "found"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found(damage, found):
    state = damaged(BUSY.state, damage)
    assert any(one.startswith(found) for one in violations(state.items()))


# Bars


def review(c, access: bytes, finding: str) -> str:
    return c.act(Review(0, access, finding), by=[CAST["auditor"]])


def test_what_one_access_deserved_anothers_review_cannot_lift():
    c, chart = opened()
    c.plan(chart)
    c.must(c.break_glass(chart, "yan", "zoe"))
    one = c.last.events[0][-1].concerns[1]
    c.must(c.break_glass(chart, "yan-2", "zoe-2"))
    two = c.last.events[0][-1].concerns[1]
    c.must(review(c, one, "not-justified"))
    c.wait(3 * DAY)
    assert [e.name for e in c.last.timer_events] == ["emergency.review-overdue"]
    c.must(review(c, two, "justified"))
    assert violations(c.state.items()) == []
    assert c.break_glass(chart, "yan-3", "zoe-3") == "emergency.not-two-people"


def test_a_late_review_lifts_the_bar_of_an_overdue_one():
    c, chart = opened()
    c.plan(chart)
    c.must(c.break_glass(chart, "yan", "zoe"))
    access = c.last.events[0][-1].concerns[1]
    c.wait(3 * DAY)
    assert c.break_glass(chart, "yan-2", "zoe-2") == "emergency.not-two-people"
    c.must(review(c, access, "justified"))
    c.must(c.break_glass(chart, "yan-2", "zoe-2"))


def test_an_emergency_seat_does_not_upset_a_rotation():
    c, chart = opened()
    drew = c.join(chart.owner, "drew")
    c.plan(chart)
    c.must(c.break_glass(chart, "yan", "zoe"))
    c.wait(2 * DAY)
    full = (0, c.place(drew).seat)
    c.must(c.rotate(chart.owner, chart, recipients=full, wraps=(X,) * 3))
    assert violations(c.state.items()) == []


def test_a_handle_that_moved_is_nobody():
    c, chart = opened()
    carer = c.join(chart.owner, "carer", role="proxy")
    fresh = key("fresh")
    c.must(c.act(ReplaceHandle(0, 1, X, None, X), by=[carer, fresh]))
    assert c.act(Declare(0), by=[carer]) == "void.nobody-known"
    assert c.act(Declare(0), by=[fresh]) == "ok"
    assert violations(c.state.items()) == []
