"""Rotation: exactly those who may go on get the new key, and nobody writes before."""

import msgspec
import pytest

from careledger.ledger.actions.records import CannotOpen, Rewrap
from careledger.ledger.actions.referral import FromEpoch, OnlyEntries, Renew
from careledger.ledger.workflows import records
from careledger.ledger.workflows.rotation import EPOCHS_A_DAY
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import Chart, Clinic, clinic, entry_id, opened
from tests.ledger.world import DAY, HOUR, key

DREW = key("drew")
GONE = "void.nobody-known"
WRAP = sha256(b"wrap")


def join_for(c: Clinic, chart: Chart, name: str, millis: int, **offer):
    """Let somebody join whose endorsement lapses after `millis`."""
    c.must(c.invite(chart.owner, name, **offer))
    word = c.endorse(key(name), "practitioner", until=c.now + millis)
    c.must(c.accept(name, endorsed=word))
    return word


def rewrap(c: Clinic, by, to) -> str:
    return c.act(Rewrap(0, to.public, WRAP), by=[by])


def accuse(c: Clinic, by) -> str:
    return c.act(CannotOpen(0, c.seat(by).wrap or WRAP), by=[by])


# What makes a record stale


@pytest.mark.parametrize("how", ["revoked", "lapsed", "withdrawn", "left", "end date"])
def test_nobody_writes_while_somebody_holds_the_key_who_may_not(how):
    c, chart = opened()
    until = {"until": c.now + DAY} if how == "end date" else {}
    word = join_for(c, chart, "drew", DAY if how == "lapsed" else 20 * DAY, **until)
    robin = c.join(chart.owner, "robin")
    c.must(c.append(robin, chart, "before"))
    match how:
        case "revoked":
            c.must(c.revoke(chart.owner, DREW))
        case "left":
            c.must(c.revoke(DREW, DREW))
        case "withdrawn":
            c.withdraw(word)
        case _:
            c.wait(DAY)
    for author in (robin, chart.owner):
        assert c.append(author, chart, "after") == "records.stale-epoch"
    c.must(c.rotate(robin, chart))
    assert not c.holds(DREW)
    c.must(c.append(robin, chart, "after"))


def test_a_renewal_in_time_makes_the_rotation_unnecessary():
    c, chart = opened()
    join_for(c, chart, "drew", HOUR)
    c.wait(HOUR)
    assert c.append(chart.owner, chart, "a") == "records.stale-epoch"
    c.must(c.act(Renew(0, c.endorse(DREW, "practitioner")), by=[DREW]))
    c.must(c.append(chart.owner, chart, "a"))


def test_one_who_never_held_the_key_leaves_no_staleness():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    c.join(chart.owner, "drew", scope=OnlyEntries((entry_id("a"),)))
    c.must(c.revoke(chart.owner, DREW))
    c.must(c.append(chart.owner, chart, "b"))


def test_a_seat_starts_so_many_epochs_a_day_and_the_owner_can_still_lock_it_out():
    c, chart = opened()
    robin = c.join(chart.owner, "robin")
    c.wait(DAY - c.now % DAY)
    for _ in range(EPOCHS_A_DAY):
        c.must(c.rotate(robin, chart))
    assert c.rotate(robin, chart) == "records.too-many-epochs"
    c.wait(DAY - c.now % DAY - 2)
    assert c.rotate(robin, chart) == "records.too-many-epochs"
    c.must(c.rotate(chart.owner, chart))
    c.wait(2)
    c.must(c.rotate(robin, chart))
    c.must(c.revoke(chart.owner, robin))
    c.must(c.rotate(chart.owner, chart))


def test_many_epochs_in_one_envelope_count_one_by_one():
    c, chart = opened()
    c.wait(DAY - c.now % DAY)
    rotations = [c.rotation(chart)]
    while len(rotations) < 16:
        last = rotations[-1]
        rotations.append(msgspec.structs.replace(last, epoch=last.epoch + 1))
    for _ in range(EPOCHS_A_DAY // 16):
        c.must(c.act(*rotations, by=[chart.owner]))
        rotations = [
            msgspec.structs.replace(one, epoch=one.epoch + 16) for one in rotations
        ]
    assert c.rotate(chart.owner, chart) == "records.too-many-epochs"


def test_one_invited_before_a_rotation_holds_no_current_key():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    c.must(c.rotate(chart.owner, chart))
    c.must(c.accept("drew"))
    assert not c.holds(DREW)
    assert c.append(DREW, chart, "a") == "records.stale-epoch"
    c.must(c.append(chart.owner, chart, "a"))
    c.must(rewrap(c, chart.owner, DREW))
    c.must(c.append(DREW, chart, "b"))


# To whom


def test_a_rotation_goes_to_exactly_the_full_holders():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    every = c.join(chart.owner, "every", capabilities=("read",))
    since = c.join(chart.owner, "since", scope=FromEpoch(0))
    c.join(chart.owner, "single", scope=OnlyEntries((entry_id("a"),)), depth=1)
    join_for(c, chart, "dormant", HOUR)
    gone = c.join(chart.owner, "gone")
    c.must(c.revoke(chart.owner, gone))
    c.wait(HOUR)
    expected = (0, c.place(every).seat, c.place(since).seat)
    assert records.full_holders(c.draft(), chart.id, c.now) == expected
    c.must(c.rotate(every, chart))
    found = c.record(chart)
    assert (found.epoch, found.wrapped) == (1, expected)
    assert found.key_commitment == sha256(b"chart-epoch-1")


def test_a_single_entry_participant_never_holds_a_key():
    c, chart = opened()
    c.must(c.append(chart.owner, chart, "a"))
    single = c.join(chart.owner, "single", scope=OnlyEntries((entry_id("a"),)))
    good = c.rotation(chart)
    seat = c.place(single).seat
    more = msgspec.structs.replace(
        good, recipients=(*good.recipients, seat), wraps=(*good.wraps, WRAP)
    )
    assert c.act(more, by=[chart.owner]) == "records.wrong-holders"
    assert rewrap(c, chart.owner, single) == "records.wrong-holders"
    for action in (good, Rewrap(0, chart.owner.public, WRAP)):
        assert c.act(action, by=[single]) == "records.not-permitted"
    assert accuse(c, single) == "records.not-permitted"


@pytest.mark.parametrize(
    ("recipients", "wraps", "shares"),
    [
        ((0,), 2, 3),
        ((0, 1), 2, 3),
        ((0, 1, 2), 3, 3),
        ((0, 1, 2), 5, 3),
        ((0, 2, 1), 4, 3),
        ((0, 1, 2, 2), 4, 3),
        ((0, 1, 2, 3), 5, 3),
        ((), 1, 3),
        ((0, 1, 2), 4, 0),
        ((0, 1, 2), 4, 2),
    ],
)
def test_one_wrap_for_each_the_recovery_key_and_every_share(recipients, wraps, shares):
    c, chart = opened()
    c.plan(chart)
    for name in ("drew", "robin"):
        c.join(chart.owner, name)
    fields = {
        "recipients": recipients,
        "wraps": tuple(sha256(bytes([n])) for n in range(wraps)),
        "shares": tuple(sha256(bytes([n])) for n in range(shares)),
    }
    assert c.rotate(chart.owner, chart, **fields) == "records.wrong-holders"
    c.must(c.rotate(chart.owner, chart))


@pytest.mark.parametrize("epoch", [0, 2, 2**53 - 1])
def test_epochs_follow_one_another(epoch):
    c, chart = opened()
    assert c.rotate(chart.owner, chart, epoch=epoch) == "records.stale-epoch"


def test_only_a_holder_of_the_current_key_rotates():
    c, chart = opened()
    join_for(c, chart, "drew", HOUR)
    c.wait(HOUR)
    c.must(c.rotate(chart.owner, chart))
    c.must(c.act(Renew(0, c.endorse(DREW, "practitioner")), by=[DREW]))
    assert c.rotate(DREW, chart) == "records.not-permitted"
    c.must(rewrap(c, chart.owner, DREW))
    c.must(c.rotate(DREW, chart))
    assert c.rotate(chart.custodian, chart) == GONE


def test_two_rotations_in_one_block_one_wins():
    c, chart = opened()
    c.join(chart.owner, "drew")
    action = c.rotation(chart)
    receipts = c.block(
        c.envelope(action, by=[chart.owner]), c.envelope(action, by=[DREW])
    )
    assert sorted(r.code for r in receipts) == ["ok", "records.stale-epoch"]


def test_seats_that_are_over_give_their_place_up():
    c, chart = opened()
    drew = c.join(chart.owner, "drew", depth=1)
    c.join(drew, "robin")
    c.join(chart.owner, "short", until=c.now + HOUR)
    join_for(c, chart, "dormant", HOUR)
    c.must(c.revoke(chart.owner, drew))
    c.wait(HOUR)
    assert c.record(chart).present == (0, 2, 3, 4)
    c.must(c.rotate(chart.owner, chart))
    assert c.record(chart).present == (0, 4)
    assert c.seat(key("robin")).ended == c.now
    assert not c.seat(key("dormant")).ended


# Rewrapping


def test_a_dormant_participant_gets_what_it_missed_after_renewal():
    c, chart = opened()
    join_for(c, chart, "drew", HOUR)
    c.wait(HOUR)
    c.must(c.rotate(chart.owner, chart))
    assert rewrap(c, chart.owner, DREW) == "records.wrong-holders"
    c.must(c.act(Renew(0, c.endorse(DREW, "practitioner")), by=[DREW]))
    assert c.append(DREW, chart, "a") == "records.stale-epoch"
    assert rewrap(c, DREW, DREW) == "records.not-permitted"
    c.must(rewrap(c, chart.owner, DREW))
    c.must(c.append(DREW, chart, "a"))
    assert c.seat(DREW).wrapped_by == 0


def test_a_rewrap_goes_to_a_participant_of_this_record_by_its_present_handle():
    c = clinic()
    one, other = c.open("one"), c.open("two")
    drew = c.join(one.owner, "drew")
    for to in (other.owner, key("nobody")):
        assert rewrap(c, one.owner, to) == "records.not-permitted"
    for to in (one.custodian, one.witness, one.recovery):
        assert rewrap(c, one.owner, to) == "records.wrong-holders"
    c.must(c.revoke(one.owner, drew))
    assert rewrap(c, one.owner, drew) == "records.wrong-holders"


# Accusing


def test_whoever_made_a_wrap_that_does_not_open_may_not_append_until_rewrapped():
    c, chart = opened()
    c.join(chart.owner, "drew")
    robin = c.join(chart.owner, "robin")
    c.must(c.rotate(DREW, chart))
    c.must(accuse(c, robin))
    c.must(accuse(c, robin))
    assert c.record(chart).accused == ((c.place(robin).seat, c.place(DREW).seat),)
    assert c.append(DREW, chart, "a") == "records.accused"
    c.must(c.append(robin, chart, "a"))
    c.must(c.append(chart.owner, chart, "b"))
    c.must(rewrap(c, DREW, robin))
    c.must(c.append(DREW, chart, "c"))


def test_an_invitee_accuses_who_invited_it():
    c, chart = opened()
    c.join(chart.owner, "drew", depth=1)
    robin = c.join(DREW, "robin")
    c.must(accuse(c, robin))
    assert c.append(DREW, chart, "a") == "records.accused"
    c.must(rewrap(c, chart.owner, robin))
    c.must(c.append(DREW, chart, "a"))
    c.must(accuse(c, robin))
    assert c.append(chart.owner, chart, "b") == "records.accused"


def test_nobody_accuses_itself():
    c, chart = opened()
    assert accuse(c, chart.owner) == "records.not-permitted"


def test_who_holds_no_current_key_has_nothing_that_does_not_open():
    c, chart = opened()
    c.must(c.invite(chart.owner, "drew"))
    c.must(c.rotate(chart.owner, chart))
    c.must(c.accept("drew"))
    assert accuse(c, DREW) == "records.not-permitted"


def test_an_accused_does_not_clear_itself_by_rotating():
    c, chart = opened()
    c.join(chart.owner, "drew")
    robin = c.join(chart.owner, "robin")
    c.must(c.rotate(DREW, chart))
    c.must(accuse(c, robin))
    c.must(c.rotate(DREW, chart))
    assert c.append(DREW, chart, "a") == "records.accused"
    c.must(c.revoke(chart.owner, robin))
    c.must(c.rotate(DREW, chart))
    assert c.record(chart).accused == (), "an accuser who left accuses nobody"
    c.must(c.append(DREW, chart, "a"))


def test_somebody_elses_rotation_ends_every_accusation():
    c, chart = opened()
    c.join(chart.owner, "drew")
    robin = c.join(chart.owner, "robin")
    c.must(c.rotate(DREW, chart))
    c.must(accuse(c, robin))
    c.must(c.rotate(chart.owner, chart))
    assert c.record(chart).accused == ()
    c.must(c.append(DREW, chart, "a"))


def test_a_dormant_accuser_keeps_nobody_from_writing():
    c, chart = opened()
    c.join(chart.owner, "drew")
    join_for(c, chart, "robin", HOUR)
    c.must(c.rotate(DREW, chart))
    c.must(accuse(c, key("robin")))
    c.must(c.rotate(DREW, chart))
    assert c.append(DREW, chart, "a") == "records.accused"
    c.wait(HOUR)
    c.must(c.rotate(DREW, chart))
    c.must(c.append(DREW, chart, "a"))


def test_the_owner_is_rid_of_a_false_accuser_by_revoking_it():
    c, chart = opened()
    liar = c.join(chart.owner, "liar")
    c.must(accuse(c, liar))
    assert c.append(chart.owner, chart, "a") == "records.accused"
    c.must(c.revoke(chart.owner, liar))
    c.must(c.rotate(chart.owner, chart))
    c.must(c.append(chart.owner, chart, "a"))
