"""Answers to a participant about itself: its seat, its asset, its offer."""

from careledger.ledger.actions.emergency import BreakGlass
from careledger.ledger.actions.referral import AllEpochs
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.state import Draft
from careledger.ledger.workflows import (
    emergency,
    records,
    recovery,
    referral,
    seats,
)
from careledger.node.answers import (
    DutyAnswer,
    EmergencyCall,
    HolderLine,
    HoldersAnswer,
    OfferAnswer,
    Peer,
    RecognitionAnswer,
    RecoveryAnswer,
    SeatAnswer,
)
from careledger.node.digest import Digest, Digests
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party
from careledger.node.problems import NothingHere


class SeatDesk:
    """What a key may know about its own part in a record."""

    def __init__(self, facts: Facts, digests: Digests) -> None:
        self._facts, self._digests = facts, digests

    def seat(self, who: Party) -> SeatAnswer:
        """Return what the handle may do, and how its record stands."""
        draft, now = self._facts.draft(), self._facts.time()
        record = records.record(draft, who.record)
        mine = seats.seat(draft, who.record, who.seat)
        return SeatAnswer(
            record=who.record,
            number=who.seat,
            role=mine.role,
            capabilities=mine.capabilities,
            scope=mine.scope,
            until=mine.until,
            depth=mine.depth,
            epoch=record.epoch,
            key_commitment=record.key_commitment,
            holds=who.seat in record.wrapped,
            stale=records.is_stale(draft, who.record, now),
            behind=_may_wrap_all(record, mine, who.seat)
            and _is_somebody_behind(draft, who.record, who.seat, now),
            lapses=lapse_of(mine),
            custodians=tuple(
                one.handle
                for one in sorted(record.custodians, key=lambda one: one.until)
                if records.serves(draft, who.record, one.handle, now)
            ),
            owner_key=self.owner_key(who.record),
        )

    def recognition(self, key: bytes) -> RecognitionAnswer:
        """Return how the endorsement stands of a handle that sits, awake or asleep.

        Raises:
            NothingHere: it sits nowhere (any more).
        """
        draft, now = self._facts.draft(), self._facts.time()
        try:
            found = seats.known_place(draft, key, "seat", now)
            if found is None:
                raise NothingHere
            records.record(draft, found.record)
        except Refusal:
            raise NothingHere from None
        mine = seats.seat(draft, found.record, found.seat)
        active = seats.is_active(draft, found.record, found.seat, now)
        return RecognitionAnswer(found.record, mine.role, lapse_of(mine), active)

    def owner_key(self, record: bytes) -> bytes:
        """Return the owner's X-Wing key, as published with its handle."""
        owner = seats.seat(self._facts.draft(), record, seats.OWNER)
        return self._facts.body(owner.sealing_key)

    def asset(self, who: Party) -> tuple[Peer, ...]:
        """Return the handle's authorised asset: its peers that still take part."""
        draft = self._facts.draft()
        lines = []
        for number in records.record(draft, who.record).present:
            handle = seats.seat(draft, who.record, number).handle
            since = seats.joined(draft, who.key, handle)
            if since:
                lines.append(Peer(handle, since))
        return tuple(lines)

    def offer(self, who: Party) -> OfferAnswer:
        """Return what the invitation key stands for."""
        draft, now = self._facts.draft(), self._facts.time()
        found = referral.invitation(draft, who.key, now)
        record = records.record(draft, who.record)
        return OfferAnswer(
            record=who.record,
            epoch=found.epoch,
            offer=found.offer,
            waits_for_owner=referral.waits_for_owner(found, record, now),
            owner_key=self.owner_key(who.record),
            made=found.made,
        )

    def recovery(self, key: bytes) -> RecoveryAnswer:
        """Return the recovery under way that will make a key the owner's.

        Raises:
            NothingHere: none names it, or not any more.
        """
        draft = self._facts.draft()
        try:
            record = seats.place(draft, key).record
            records.record(draft, record)
            found = recovery.pending(draft, record)
        except Refusal:
            raise NothingHere from None
        if found.handle != key:
            raise NothingHere
        return RecoveryAnswer(record, found.due)

    def holders(self, who: Party) -> HoldersAnswer:
        """Return to whom a rotation must wrap.

        Raises:
            NothingHere: the handle does not hold the current key.
        """
        draft, now = self._facts.draft(), self._facts.time()
        record = records.record(draft, who.record)
        if who.seat not in record.wrapped:
            raise NothingHere
        plan = self._digests.of(who.record).plan
        agent_keys = () if plan is None else plan[2]
        return HoldersAnswer(
            record=who.record,
            epoch=record.epoch,
            holders=tuple(
                self._holder(number, seats.seat(draft, who.record, number))
                for number in records.full_holders(draft, who.record, now)
            ),
            recovery=record.recovery,
            recovery_sealing=self._facts.body(record.recovery_sealing),
            agents=emergency.agents(draft, who.record),
            agent_keys=tuple(self._facts.body(one) for one in agent_keys),
        )

    def _holder(self, number: int, seat: seats.Seat) -> HolderLine:
        everything = isinstance(seat.scope, AllEpochs)
        key = self._facts.body(seat.sealing_key)
        return HolderLine(number, seat.handle, seat.inviter, everything, key)

    def duty(self, who: Party) -> DutyAnswer:
        """Return what an emergency agent holds, and for whom.

        Raises:
            NothingHere: the plan holds no share for this key.
        """
        digest = self._digests.of(who.record)
        agents = emergency.agents(self._facts.draft(), who.record)
        if digest.plan is None or who.key not in agents:
            raise NothingHere
        epoch, sender, _, shares = digest.plan
        share = self._facts.body(shares[agents.index(who.key)])
        return DutyAnswer(who.record, epoch, sender, share, self._calls(digest))

    def _calls(self, digest: Digest) -> tuple[EmergencyCall, ...]:
        """Return the accesses whose 24 hours are not over."""
        calls = []
        for access, act in digest.accesses.items():
            action, signers = act.action, act.core.signers
            live = act.time + emergency.ACCESS > self._facts.time()
            if isinstance(action, BreakGlass) and live:
                hashes = (action.first_sealing, action.second_sealing)
                handles = (signers[action.first], signers[action.second])
                calls.append(
                    EmergencyCall(
                        access,
                        handles,
                        (self._seat_of(handles[0]), self._seat_of(handles[1])),
                        (self._facts.body(hashes[0]), self._facts.body(hashes[1])),
                    )
                )
        return tuple(calls)

    def _seat_of(self, handle: bytes) -> int:
        return seats.place(self._facts.draft(), handle).seat


def lapse_of(seat: seats.Seat) -> int:
    """Return until when a seat's endorsement is good (ms); 0: it needs none."""
    return 0 if seat.recognition is None else seat.recognition.lapses


def _may_wrap_all(record: records.Record, mine: seats.Seat, number: int) -> bool:
    """Tell whether a seat may wrap all epochs to others, as `Rewrap` asks for."""
    holds = number in record.wrapped and mine.role != "emergency"
    return holds and isinstance(mine.scope, AllEpochs)


def _is_somebody_behind(draft: Draft, record_id: bytes, mine: int, now: int) -> bool:
    """Tell whether a full holder other than `mine` lacks the current key.

    It has an endorsement and was left out, or says that its wrap does not open. Who
    needs no endorsement never slept: a proxy whom a witness invited has no key either,
    and gets one only by the owner's own word.
    """
    record = records.record(draft, record_id)
    accusers = [number for number, _ in record.accused if number != mine]
    return any(
        number in accusers
        or (
            number not in record.wrapped
            and seats.seat(draft, record_id, number).recognition is not None
        )
        for number in records.full_holders(draft, record_id, now)
    )
