"""Invariants of tokens, records, referral and emergency: each damage is found."""

import msgspec
import pytest

from careledger.ledger.actions.emergency import BreakGlass, Review
from careledger.ledger.actions.records import (
    ConfirmRecovery,
    Declare,
    Erase,
    Erased,
    Recover,
    Rotate,
)
from careledger.ledger.actions.referral import ReplaceHandle
from careledger.ledger.invariants import violations
from careledger.ledger.workflows.emergency import Access
from careledger.ledger.workflows.entries import Entry
from careledger.ledger.workflows.records import Record
from careledger.ledger.workflows.seats import Place, Seat
from careledger.ledger.workflows.tokens import Issuing
from careledger.primitives.encoding import decode, encode
from tests.ledger.ward import (
    AUDITOR,
    CUSTODIAN,
    ENTRY,
    FIRST,
    HASH,
    INVITED,
    OTHER_OWNER,
    OWNER,
    READER,
    RECOVERY,
    SECOND,
    WITNESS,
    Ward,
)
from tests.ledger.world import DAY, key

STRAY = b"\x77" * 32


def busy() -> Ward:
    """Return a ward in which everything is under way at once."""
    ward = Ward()
    ward.plan()
    ward.must(ward.act(ward.break_glass(), by=[FIRST, SECOND]))
    erasure = ward.erasure(wait=True)
    ward.must(ward.act(Erased(0, erasure), by=[CUSTODIAN]))
    ward.must(ward.act(Recover(0, 1, HASH), by=[RECOVERY, key("new-owner")]))
    ward.must(ward.act(Erase(0, ()), by=[OTHER_OWNER]))
    return ward


BUSY = busy()
RECORD_IS = b"\x54" + BUSY.record
OWNERS_SEAT = b"\x51" + BUSY.record + bytes(4)
TOKEN_KEY_IS = b"\x40" + BUSY.key_id
SHORT = STRAY[:9].hex() + "…"
NAME = BUSY.record[:9].hex() + "…"


def changed(place: bytes, struct, **fields) -> dict[bytes, bytes]:
    value = decode(BUSY.state[place], struct)
    return {place: encode(msgspec.structs.replace(value, **fields))}


def only(prefix: bytes) -> bytes:
    return min(key for key in BUSY.state if key.startswith(prefix))


def test_a_busy_ward_is_sound_and_stays_so():
    assert violations(BUSY.state.items()) == []
    ward = busy()
    ward.must(
        ward.act(
            ConfirmRecovery(0, 1, 2, HASH), by=[RECOVERY, WITNESS, key("new-owner")]
        )
    )
    for days in (1, 3, 5, 30):
        ward.block(at=ward.now + days * DAY)
        assert violations(ward.state.items()) == []


DAMAGE = {
    "more spent than issued": (
        changed(TOKEN_KEY_IS, Issuing, spent=9),
        f"tokens: more was spent than issued with {BUSY.key_id[:9].hex()}…",
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
        changed(OWNERS_SEAT, Seat, handle=STRAY),
        f"seats: seat 0 of {NAME} has a stray handle",
    ),
    "a handle without a seat": (
        {b"\x50" + STRAY: encode(Place(BUSY.record, "seat", 63))},
        f"seats: the handle {SHORT} has no seat",
    ),
    "an asset of one side": (
        {b"\x52" + STRAY + OWNER.public: encode(1)},
        f"seats: {SHORT} has an asset that its peer has not",
    ),
    "a seat that is gone": (
        {OWNERS_SEAT: None},
        f"records: {NAME} does not have the seats that it counts",
    ),
    "somebody present who left": (
        changed(RECORD_IS, Record, present=(0, 5)),
        f"records: {NAME} counts somebody present who is not",
    ),
    "a wrap for nobody": (
        changed(RECORD_IS, Record, wrapped=(0, 63)),
        f"records: {NAME} was wrapped to nobody",
    ),
    "a custodian of something else": (
        {b"\x50" + CUSTODIAN.public: encode(Place(STRAY, "custodian"))},
        f"records: a custodian of {NAME} serves something else",
    ),
    "bodies dropped of a record that stands": (
        {b"\x0a" + BUSY.record: encode(1)},
        "entries: what is erased is not that whose bodies are dropped",
    ),
    "a record without a history": (
        {b"\x55" + BUSY.record: None},
        "records: the histories are not those of the records",
    ),
    "an entry of no record": (
        {b"\x5a" + STRAY + ENTRY: encode(Entry(HASH, HASH, 0, 0, b"", 0, HASH))},
        f"entries: {ENTRY[:9].hex()}… belongs to no record",
    ),
    "an entry of an epoch to come": (
        changed(b"\x5a" + BUSY.record + ENTRY, Entry, epoch=7),
        f"entries: {ENTRY[:9].hex()}… is of an epoch to come",
    ),
    "an answer to nothing": (
        {b"\x5c" + STRAY + STRAY: encode("erased")},
        f"entries: {SHORT} answers no request for erasure",
    ),
    "an invitation with a stray key": (
        {b"\x50" + INVITED.public: None},
        f"referral: the invitation {INVITED.public[:9].hex()}… has a stray key",
    ),
    "a plan that is gone": (
        {b"\x60" + BUSY.record: None},
        f"emergency: the plan of {NAME} is not what it counts",
    ),
    "somebody barred for nothing": (
        {b"\x62" + STRAY: encode(1)},
        "emergency: the people barred are not those of the accesses",
    ),
    "an access that nobody judged": (
        changed(only(b"\x61"), Access, status="waiting"),
        "emergency: the people barred are not those of the accesses",
    ),
    "an erasure without its timer": (
        {key: None for key in BUSY.state if key[:1] == b"\x10"},
        "timers: nothing is set for",
    ),
}


@pytest.mark.parametrize(("damage", "found"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found(damage, found):
    state = dict(BUSY.state)
    for place, value in damage.items():
        if value is None:
            del state[place]
        else:
            state[place] = value
    assert any(one.startswith(found) for one in violations(state.items()))


# Bars


def again(ward: Ward) -> tuple[BreakGlass, list]:
    """Return an access by the same two people with fresh handles."""
    fresh = [key("again-first"), key("again-second")]
    first, second = (
        ward.endorsed(who, "emergency", tag)
        for who, tag in zip(fresh, (b"one", b"two"), strict=True)
    )
    return BreakGlass(0, 1, ward.record, first, second, HASH, HASH), fresh


def test_what_one_access_deserved_anothers_review_cannot_lift():
    ward = Ward()
    ward.plan()
    ward.must(ward.act(ward.break_glass(), by=[FIRST, SECOND]))
    one = ward.last.events[0][-1].concerns[1]
    action, fresh = again(ward)
    ward.must(ward.act(action, by=fresh))
    two = ward.last.events[0][-1].concerns[1]
    ward.must(ward.act(Review(0, one, "not-justified"), by=[AUDITOR]))
    ward.block(at=ward.now + 3 * DAY)
    assert [e.name for e in ward.last.timer_events] == ["emergency.review-overdue"]
    ward.must(ward.act(Review(0, two, "justified"), by=[AUDITOR]))
    assert violations(ward.state.items()) == []
    handles = [key("third-first"), key("third-second")]
    words = (
        ward.endorsed(who, "emergency", tag)
        for who, tag in zip(handles, (b"one", b"two"), strict=True)
    )
    action = BreakGlass(0, 1, ward.record, *words, HASH, HASH)
    assert ward.act(action, by=handles) == "emergency.not-two-people"


def test_a_late_review_lifts_the_bar_of_an_overdue_one():
    ward = Ward()
    ward.plan()
    ward.must(ward.act(ward.break_glass(), by=[FIRST, SECOND]))
    access = ward.last.events[0][-1].concerns[1]
    ward.block(at=ward.now + 3 * DAY)
    action, fresh = again(ward)
    assert ward.act(action, by=fresh) == "emergency.not-two-people"
    ward.must(ward.act(Review(0, access, "justified"), by=[AUDITOR]))
    action, fresh = again(ward)
    ward.must(ward.act(action, by=fresh))


def test_an_emergency_seat_does_not_upset_a_rotation():
    ward = Ward()
    ward.plan()
    ward.must(ward.act(ward.break_glass(), by=[FIRST, SECOND]))
    ward.block(at=ward.now + 2 * DAY)
    rotate = Rotate(0, 1, HASH, (0, 1, 3), (HASH,) * 4, (HASH,) * 3)
    ward.must(ward.act(rotate, by=[OWNER]))
    assert violations(ward.state.items()) == []


def test_a_handle_that_moved_is_nobody():
    ward = Ward()
    fresh = key("fresh-reader")
    ward.must(ward.act(ReplaceHandle(0, 1, HASH, None, HASH), by=[READER, fresh]))
    assert ward.act(Declare(0), by=[READER]) == "void.nobody-known"
    assert ward.act(Declare(0), by=[fresh]) == "ok"
    assert violations(ward.state.items()) == []
