"""Answers about a record: its entries, its people, its history, its proofs."""

from itertools import islice
from typing import Final

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
    Receipt,
    Recorded,
    StatementLine,
    Waiting,
)
from careledger.node.digest import Act, Digest, Digests
from careledger.node.evidence import Prover
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party
from careledger.node.problems import NothingHere
from careledger.node.questions import Prove
from careledger.node.seat_answers import waits_for_owner
from careledger.node.state_keys import (
    entry_key,
    plan_key,
    record_key,
    seat_key,
    trail_key,
)
from careledger.primitives.hashing import sha256

PAGE: Final = 64
"""Transactions in one answer."""

_BATCH: Final = 256


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
                bodies = tuple(self._body(one) for one in act.bodies)
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

    def participants(self, who: Party) -> ParticipantsAnswer:
        """Return everybody who takes or took part; for the owner."""
        digest, draft = self._digests.of(who.record), self._facts.draft()
        count = records.record(draft, who.record).seats
        lines = tuple(self._participant(who.record, n, digest) for n in range(count))
        return ParticipantsAnswer(lines, self._waiting(digest))

    def _participant(
        self, record: bytes, number: int, digest: Digest
    ) -> ParticipantLine:
        draft = self._facts.draft()
        seat = seats.seat(draft, record, number)
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
            active=seats.is_active(draft, record, number, self._facts.time()),
            commitment=b"" if seat.recognition is None else seat.recognition.commitment,
            card=self._body(digest.cards.get(seat.handle, b"")),
        )

    def _waiting(self, digest: Digest) -> tuple[Waiting, ...]:
        draft, now = self._facts.draft(), self._facts.time()
        lines = []
        for key in digest.offered:
            try:
                found = referral.invitation(draft, key, now)
            except Refusal:
                continue
            waits = waits_for_owner(draft, found, now)
            lines.append(Waiting(key, found.inviter, found.offer, waits))
        return tuple(lines)

    def history(self, who: Party, after: int) -> tuple[Recorded, ...]:
        """Return the record's transactions, refused ones too; for the owner.

        A refused one is indexed under its signers only, so all keys of the
        record are looked up.
        """
        digest, reader = self._digests.of(who.record), self._facts.reader
        found = dict.fromkeys(reader.transactions_of(who.record, after, _BATCH))
        for key in digest.signers:
            found.update(dict.fromkeys(reader.transactions_of(key, after, _BATCH)))
        positions = [one for one in sorted(found) if self._is_of(who.record, one)]
        return tuple(self.recorded(one) for one in positions[:PAGE])

    def _is_of(self, record: bytes, position: int) -> bool:
        """Tell whether a transaction is the record's.

        A key may have signed before it belonged to it: a refused attempt to
        open the record, or to accept.
        """
        if position in self._facts.reader.transactions_of(record, position - 1, 1):
            return True
        one = self.recorded(position)
        content, _ = self._facts.transaction(position)
        draft = self._facts.draft()
        return any(_counted(draft, k, record, one.time) for k in content.signers)

    def recorded(self, position: int) -> Recorded:
        """Return one transaction with the bodies that are still there."""
        content, leaf = self._facts.transaction(position)
        receipt = self._facts.reader.receipt(sha256(leaf.core))
        return Recorded(
            position,
            0 if receipt is None else receipt.time,
            self._facts.reader.leaf(position),
            tuple(self._body(one) for one in content.body_hashes),
        )

    def receipts(self, key: bytes, after: int) -> tuple[Receipt, ...]:
        """Return the verdicts on what `key` itself signed; nobody's is no answer."""
        reader, lines = self._facts.reader, []
        for position in reader.transactions_of(key, after, _BATCH):
            content, leaf = self._facts.transaction(position)
            found = reader.receipt(sha256(leaf.core))
            if key in content.signers and found is not None:
                lines.append(Receipt(found.tx_id, position, found.code, found.time))
        return tuple(lines)

    def transactions(self, who: Party, after: int) -> tuple[Recorded, ...]:
        """Return the transactions that this active handle is party to."""
        found = self._facts.reader.transactions_of(who.key, after, PAGE)
        return tuple(self.recorded(position) for position in found)

    def statements(self, who: Party) -> tuple[StatementLine, ...]:
        """Return the sealed statements; for those who hold all epochs."""
        scope = seats.seat(self._facts.draft(), who.record, who.seat).scope
        if not isinstance(scope, AllEpochs):
            raise NothingHere
        draft = self._facts.draft()
        return tuple(
            StatementLine(
                act.position,
                epoch,
                seats.place(draft, act.core.signers[act.action.handle]).seat,
                self._body(next(iter(act.bodies), b"")),
            )
            for epoch, act in self._digests.of(who.record).statements
            if isinstance(act.action, Declare)
        )

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

    def _body(self, body_hash: bytes) -> bytes:
        return self._facts.reader.body(body_hash) or b""


def _counted(draft: Draft, key: bytes, record: bytes, time: int) -> bool:
    """Tell whether a key counted as the record's own at a time.

    What somebody who has left signs, together with another key, is not the
    record's: it must not make an honest history look incomplete.
    """
    try:
        place = seats.place(draft, key)
    except Refusal:
        return False
    if place.record != record or place.kind == "sharer":
        return False
    return place.kind != "seat" or _stood(draft, record, place.seat, time)


def _stood(draft: Draft, record: bytes, number: int, time: int) -> bool:
    """Tell whether a seat was there then, and it and its inviters had not ended."""
    seat = seats.seat(draft, record, number)
    if seat.since > time or (seat.until and seat.until <= time):
        return False
    while number != seats.OWNER:
        seat = seats.seat(draft, record, number)
        if seat.ended and seat.ended <= time:
            return False
        number = seat.inviter
    return True
