"""Emergencies: a plan beforehand, two people at the time, a review afterwards.

Only this module touches its tables. Two emergency handles of different people,
vouched for by one registrar, take two seats for 24 hours. The owner's record
shows it at once. An access that nobody reviews within 72 hours, or that is found
not justified, bars both people from further ones.
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from careledger.ledger import timers
from careledger.ledger.actions import emergency as actions
from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.actions.referral import AllEpochs, Endorsed
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing, short
from careledger.ledger.parameters import DAY
from careledger.ledger.refusals.emergency import (
    BadPlan,
    NoPlan,
    NoSuchAccess,
    NotTwoPeople,
)
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import (
    authorisation,
    governance,
    presence,
    records,
    seats,
)
from careledger.primitives.encoding import Message, Millis, UInt

ACCESS: Final = DAY
"""How long an emergency access lasts, in milliseconds."""

REVIEW: Final = 3 * DAY
"""How long a review may take, in milliseconds."""

AGENTS: Final = 3
"""Agents of a plan; any two of them can help (Shamir 2-of-3)."""


class Plan(Message, frozen=True):
    """Who holds shares of the epoch key (nobody without a plan), and since when."""

    agents: tuple[PublicKey, ...] = ()
    since: Millis = 0


class Access(Message, frozen=True):
    """An emergency access and what became of it.

    Attributes:
        record: which record.
        registrar: who vouched for both people.
        tags: of the two people.
        at: milliseconds.
        status: `overdue` and `not-justified` bar the tags.
    """

    record: Hash
    registrar: Hash
    tags: tuple[bytes, bytes]
    at: Millis
    status: Literal["waiting", "justified", "not-justified", "overdue"]


_PLANS: Table[Plan] = Table(b"\x60", Plan, Plan())
_ACCESSES: Table[Access | None] = Table(b"\x61", Access, None)
_BARRED: Table[int] = Table(b"\x62", UInt, 0)
"""Registrar ‖ tag → how many accesses bar this person."""


def agents(draft: Draft, record_id: bytes) -> tuple[bytes, ...]:
    """Return the keys of the agents that hold shares; none without a plan."""
    return _PLANS.get(draft, record_id).agents


def end_plan_since(draft: Draft, record_id: bytes, since: int) -> None:
    """End a plan that was set at `since` or later; an older one stays."""
    if _PLANS.get(draft, record_id).since >= since:
        _PLANS.put(draft, record_id, Plan())
        records.change(draft, record_id, shares=0)


def access(draft: Draft, access_id: bytes) -> Access:
    """Return an emergency access.

    Raises:
        NoSuchAccess: there is none.
    """
    found = _ACCESSES.get(draft, access_id)
    if found is None:
        raise NoSuchAccess
    return found


def recognised(at: Context, handle: bytes, endorsed: Endorsed) -> seats.Recognition:
    """Return the recognition of one emergency handle.

    Raises:
        WrongEndorsement: for another handle or role.
        NotRecognised: not good now.
        NotTwoPeople: it carries no tag.
    """
    found = authorisation.recognition_for(at, handle, "emergency", endorsed)
    if found is None or not endorsed.endorsement.tag:
        raise NotTwoPeople
    return found


# Handlers: one per action.


def on_set_plan(at: Context, action: actions.SetPlan) -> None:
    """Give shares of the epoch key to three agents, or end the plan."""
    record_id = authorisation.acting_owner(at, action.owner)  # WHO
    records.record(at.draft, record_id)
    different = len(dict.fromkeys(action.agents))
    if different not in (0, AGENTS) or len(action.agents) != different:  # MAY
        raise BadPlan
    if len(action.shares) != different:
        raise BadPlan
    for agent in action.agents:
        if agent not in agents(at.draft, record_id):
            seats.claim_key(at.draft, agent, seats.Place(record_id, "sharer"))
    new = Plan(action.agents, at.now) if different else Plan()
    _PLANS.put(at.draft, record_id, new)  # DO
    records.change(at.draft, record_id, shares=different)
    at.draft.say("emergency.plan-set", record_id)  # SAY


def on_break_glass(at: Context, action: actions.BreakGlass) -> None:
    """Let two different recognised people in, for 24 hours."""
    handles = at.signers[action.first], at.signers[action.second]  # WHO
    both = (action.first_endorsed, action.second_endorsed)
    people = [
        recognised(at, handle, endorsed)
        for handle, endorsed in zip(handles, both, strict=True)
    ]
    _check_plan(at, action.record)  # MAY
    tags = _check_two_people(at.draft, both)
    sealing = (action.first_sealing, action.second_sealing)
    for handle, who, key in zip(handles, people, sealing, strict=True):  # DO
        _take_seat(at, action.record, handle, who, key)
    registrar = people[0].registrar
    new = Access(action.record, registrar, tags, at.now, "waiting")
    _ACCESSES.put(at.draft, at.new_id(), new)
    timers.set_timer(at.draft, at.now + REVIEW, "review-due", at.new_id())
    records.note(at.draft, action.record, at.tx_id)
    at.draft.say("emergency.glass-broken", action.record, at.new_id(), *handles)  # SAY


def _check_plan(at: Context, record_id: bytes) -> None:
    """Check that the record is there and has a plan.

    Raises:
        NoPlan: absent, erased or without a plan: all look alike.
    """
    try:
        records.record(at.draft, record_id)
    except NotPermitted as error:
        raise NoPlan from error
    if not agents(at.draft, record_id):
        raise NoPlan


def _check_two_people(
    draft: Draft, both: tuple[Endorsed, Endorsed]
) -> tuple[bytes, bytes]:
    """Check that one registrar vouched for two people, neither of them barred.

    Raises:
        NotTwoPeople: one person, two registrars, or somebody barred.
    """
    first, second = both[0].endorsement, both[1].endorsement
    if first.registrar != second.registrar or first.tag == second.tag:
        raise NotTwoPeople
    for word in (first, second):
        if _BARRED.get(draft, word.registrar + word.tag):
            raise NotTwoPeople
    return first.tag, second.tag


def _take_seat(
    at: Context,
    record_id: bytes,
    handle: bytes,
    who: seats.Recognition,
    sealing_key: bytes,
) -> None:
    number = records.record(at.draft, record_id).seats
    new = seats.Seat(
        handle=handle,
        role="emergency",
        capabilities=("read",),
        scope=AllEpochs(),
        until=at.now + ACCESS,
        depth=0,
        inviter=seats.OWNER,
        sealing_key=sealing_key,
        recognition=who,
        ended=0,
        since=at.now,
        wrapped_by=number,  # its key comes from shares, not from anybody's wrap
    )
    presence.add_seat(at.draft, record_id, new)
    wrapped = records.record(at.draft, record_id).wrapped
    records.change(at.draft, record_id, wrapped=(*wrapped, number))


def on_review(at: Context, action: actions.Review) -> None:
    """Let an auditor judge an emergency access."""
    signer = at.signers[action.auditor]
    auditor = governance.acting(at.draft, signer, "auditor")  # WHO
    found = access(at.draft, action.access)
    if found.status not in ("waiting", "overdue"):  # MAY
        raise NoSuchAccess
    _judge(at.draft, action.access, found, action.verdict)  # DO
    if found.status == "waiting":
        timers.cancel_timer(at.draft, found.at + REVIEW, "review-due", action.access)
    records.note(at.draft, found.record, at.tx_id)
    at.draft.say("emergency.reviewed", auditor, found.record, action.access)  # SAY


def review_overdue(draft: Draft, access_id: bytes) -> None:
    """Bar both people: nobody reviewed their access in time (timer)."""
    found = access(draft, access_id)
    _judge(draft, access_id, found, "overdue")
    draft.say("emergency.review-overdue", found.record, access_id)


def _judge(
    draft: Draft,
    access_id: bytes,
    found: Access,
    verdict: Literal["justified", "not-justified", "overdue"],
) -> None:
    """Store a verdict; bar the people, or lift the bar of an overdue review.

    Bars are counted: what one access deserved, another's review cannot lift.
    """
    judged = msgspec.structs.replace(found, status=verdict)
    _ACCESSES.put(draft, access_id, judged)
    change = int(_bars(judged)) - int(_bars(found))
    for tag in found.tags:
        name = found.registrar + tag
        _BARRED.put(draft, name, _BARRED.get(draft, name) + change)


def _bars(found: Access) -> bool:
    return found.status in ("overdue", "not-justified")


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each access that waits for its review."""
    for access_id, one in listing.present(_ACCESSES).items():
        if one.status == "waiting":
            yield one.at + REVIEW, timers.Timer("review-due", access_id)


def audit(listing: Listing) -> Iterator[str]:
    """Yield plans that rotations do not know of, and bars without a reason."""
    plans = listing.rows(_PLANS)
    for record_id, leaf in records.records_of(listing).items():
        if len(plans.get(record_id, Plan()).agents) != leaf.shares:
            yield f"emergency: the plan of {short(record_id)} is not what it counts"
    expected: dict[bytes, int] = {}
    for found in filter(_bars, listing.present(_ACCESSES).values()):
        for tag in found.tags:
            name = found.registrar + tag
            expected[name] = expected.get(name, 0) + 1
    if listing.rows(_BARRED) != expected:
        yield "emergency: the people barred are not those of the accesses"
