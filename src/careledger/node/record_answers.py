"""Answers about a record: its entries, its people, its statements, its proofs."""

from itertools import islice

from careledger.ledger.actions.records import Append, Declare
from careledger.ledger.actions.referral import AllEpochs, Scope
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.state import Draft
from careledger.ledger.workflows import entries, records, referral, seats
from careledger.node.answers import (
    EntriesAnswer,
    EntryLine,
    Evidence,
    ManifestBodies,
    ParticipantLine,
    ParticipantsAnswer,
    StatementLine,
    Waiting,
)
from careledger.node.digest import Act, Digest, Digests
from careledger.node.evidence import Prover
from careledger.node.history_answers import PAGE
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party
from careledger.node.problems import NothingHere
from careledger.node.questions import Prove
from careledger.node.seat_answers import lapse_of
from careledger.node.state_keys import (
    entry_key,
    epochs_usage_key,
    plan_key,
    record_key,
    seat_key,
    trail_key,
)


class RecordDesk:
    """What the participants of a record may know about it."""

    def __init__(self, facts: Facts, digests: Digests, prover: Prover) -> None:
        self._facts, self._digests, self._prover = facts, digests, prover

    def entries(self, who: Party, after: int) -> EntriesAnswer:
        """Return the entries within the handle's scope, and their manifests.

        A manifest goes only to whoever holds epochs: it tells of every entry of
        its append.
        """
        scope = seats.seat(self._facts.draft(), who.record, who.seat).scope
        appends = (
            a for a in self._digests.of(who.record).appends if a.position > after
        )
        lines, manifests, last = [], [], after
        for act in islice(appends, PAGE):
            last = act.position
            mine = self._lines(who.record, scope, act)
            lines.extend(mine)
            if mine and seats.is_full(scope):
                bodies = tuple(self._facts.body(one) for one in act.bodies)
                manifests.append(ManifestBodies(act.tx_id, mine[0].epoch, bodies))
        return EntriesAnswer(who.record, tuple(lines), tuple(manifests), last)

    def _lines(self, record: bytes, scope: Scope, act: Act) -> list[EntryLine]:
        if not isinstance(act.action, Append):
            return []
        draft = self._facts.draft()
        return [
            EntryLine(
                one.entry,
                found.blob,
                found.key_commitment,
                found.epoch,
                found.author,
                found.supersedes,
                act.time,
                act.tx_id,
            )
            for one in act.action.entries
            if entries.may_have(draft, record, scope, one.entry)
            and (found := entries.entry(draft, record, one.entry))
        ]

    def participants(self, who: Party, after: int) -> ParticipantsAnswer:
        """Return a page of those who take or took part; for the owner."""
        digest, draft = self._digests.of(who.record), self._facts.draft()
        count = records.record(draft, who.record).seats
        numbers = range(after + 1, count)[:PAGE]
        lines = tuple(self._participant(who.record, n, digest) for n in numbers)
        return ParticipantsAnswer(lines, count)

    def _participant(
        self, record: bytes, number: int, digest: Digest
    ) -> ParticipantLine:
        draft, now = self._facts.draft(), self._facts.time()
        seat = seats.seat(draft, record, number)
        active = seats.is_active(draft, record, number, now)
        return ParticipantLine(
            number=number,
            handle=seat.handle,
            role=seat.role,
            capabilities=seat.capabilities,
            scope=seat.scope,
            until=seat.until,
            inviter=seat.inviter,
            since=seat.since,
            ended=seat.ended,
            active=active,
            sleeping=not active and not seats.is_over(draft, record, number, now),
            lapses=lapse_of(seat),
            commitment=b"" if seat.recognition is None else seat.recognition.commitment,
            card=self._facts.body(digest.cards.get(seat.handle)),
        )

    def invitations(self, who: Party, after: int) -> tuple[Waiting, ...]:
        """Return a page of the open invitations; for the owner.

        None of a transaction's invitations is left to another page.
        """
        draft, now = self._facts.draft(), self._facts.time()
        current = records.record(draft, who.record)
        lines: list[Waiting] = []
        for key, (_, position) in self._digests.of(who.record).offered.items():
            if position <= after:
                continue
            if len(lines) >= PAGE and position > lines[-1].position:
                break
            try:
                found = referral.invitation(draft, key, now)
            except Refusal:
                continue
            waits = referral.waits_for_owner(found, current, now)
            lines.append(
                Waiting(position, key, found.inviter, found.offer, waits, found.made)
            )
        return tuple(lines)

    def statements(self, who: Party, after: int) -> tuple[StatementLine, ...]:
        """Return a page of sealed statements; for those who hold all epochs.

        None of a transaction's statements is left to another page.
        """
        scope = seats.seat(self._facts.draft(), who.record, who.seat).scope
        if not isinstance(scope, AllEpochs):
            raise NothingHere
        lines: list[StatementLine] = []
        for epoch, act in self._digests.of(who.record).statements:
            if act.position <= after or not isinstance(act.action, Declare):
                continue
            if len(lines) >= PAGE and act.position > lines[-1].position:
                break
            lines.append(self._statement(epoch, act, act.action))
        return tuple(lines)

    def _statement(self, epoch: int, act: Act, action: Declare) -> StatementLine:
        author = seats.place(self._facts.draft(), act.core.signers[action.handle])
        body = self._facts.body(next(iter(act.bodies), None))
        return StatementLine(act.position, epoch, author.seat, body)

    def prove(self, who: Party, question: Prove) -> Evidence:
        """Return proofs of leaves of the handle's own record.

        Raises:
            NothingHere: an entry beyond its scope, or a seat that it may not see.
        """
        self._check_provable(who, question)
        record = who.record
        keys = {
            "record": [record_key(record)],
            "trail": [trail_key(record)],
            "seats": [seat_key(record, number) for number in question.numbers],
            "entries": [entry_key(record, one) for one in question.entries],
            "epochs": [epochs_usage_key(record, who.seat)],
            "plan": [plan_key(record)],
        }
        return self._prover.prove([key for what in question.what for key in keys[what]])

    def _check_provable(self, who: Party, question: Prove) -> None:
        """Let everybody have the owner's leaf, and holders those of the others."""
        draft = self._facts.draft()
        record, mine = records.record(draft, who.record), None
        if who.kind == "seat":
            mine = seats.seat(draft, who.record, who.seat)
        holds = mine is not None and who.seat in record.wrapped
        owns = mine is not None and who.seat == seats.OWNER
        allowed = {
            "entries": mine is not None
            and all(
                entries.may_have(draft, who.record, mine.scope, one)
                for one in question.entries
            ),
            "epochs": mine is not None,
            "plan": holds or owns,
            "record": holds or owns,
            "seats": holds or owns or self._may_see_seats(draft, who, question),
            "trail": owns,
        }
        if not all(allowed[what] for what in question.what):
            raise NothingHere

    @staticmethod
    def _may_see_seats(draft: Draft, who: Party, question: Prove) -> bool:
        """Let anybody see the owner's seat, and an agent those of an emergency."""
        if question.numbers == (seats.OWNER,):
            return True
        return who.kind == "sharer" and all(
            seats.seat(draft, who.record, number).role == "emergency"
            for number in question.numbers
        )
