"""Breaking the glass: two people together, two agents' shares, one auditor.

Colleague   what the second person hands to the first
Paper       what both sign
Released    what an agent hands out after it has seen the act on the ledger
"""

from collections.abc import Sequence
from typing import Final

from careledger.client.cards import Identity, card_for
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.papers import Paper, content_of, draw_up
from careledger.client.part import Part, check_ring, refresh
from careledger.client.proving import prove_emergency_seats
from careledger.client.session_problems import BadEvidence, NotForThisOffice
from careledger.ledger.actions.base import Hash, PublicKey, SealingKey
from careledger.ledger.actions.emergency import BreakGlass
from careledger.ledger.actions.referral import Endorsed
from careledger.node.answers import DutyAnswer, EmergencyCall, ReviewLine
from careledger.node.questions import MyDuty
from careledger.primitives.encoding import Message, NotCanonical, UInt, decode, encode
from careledger.primitives.hashing import same, sha256
from careledger.sealing.bodies import open_body_with, seal_body_to
from careledger.sealing.cards import IdentityCard, verify_card
from careledger.sealing.emergency import (
    Reader,
    join_shares,
    open_released,
    open_share,
    release_share,
)
from careledger.sealing.hpke import OpeningKey, bound_info
from careledger.sealing.problems import Tampered, WrongShares
from careledger.sealing.secret import Secret
from careledger.sealing.seeds import KeyPair

_DISCLOSURE: Final = b"careledger/emergency-disclosure/v1"


class Colleague(Secret, frozen=True, tag="colleague/v1"):
    """One of two people who open a record in an emergency."""

    handle: PublicKey
    sealing_key: SealingKey
    endorsed: Endorsed
    card: IdentityCard


class Disclosure(Secret, frozen=True, tag="disclosure/v1"):
    """Who the two people are, for the auditor."""

    cards: tuple[IdentityCard, IdentityCard]
    reason: str


class Released(Message, frozen=True, tag="released/v1"):
    """An agent's share, sealed to one of the two people.

    Attributes:
        record: id.
        epoch: of the keys.
        agent: who releases.
        to: the emergency handle.
        sealed: the share.
    """

    record: Hash
    epoch: UInt
    agent: PublicKey
    to: PublicKey
    sealed: bytes


def stand_by(store: Keystore, me: Identity) -> tuple[int, Colleague]:
    """Take an emergency handle; return its index and what the colleague needs.

    Raises:
        NoHandlesLeft: no emergency handle is endorsed.
    """
    index, endorsed = store.take_endorsed("emergency", "emergency")
    keys = store.keys(index)
    card = card_for(store, me, keys.signing.public, "emergency")
    return index, Colleague(keys.signing.public, keys.opening.public, endorsed, card)


def emergency_paper(
    line: Line,
    record: bytes,
    two: tuple[Colleague, Colleague],
    auditor: bytes,
    reason: str,
) -> Paper:
    """Return the paper that both sign.

    Args:
        line: to the node.
        record: id, from the patient's card or the custodian's index.
        two: the people.
        auditor: X-Wing key of an auditor's mailbox.
        reason: why, for the auditor.

    Raises:
        BadKey: the auditor's key is no key.
    """
    first, second = two
    disclosure = encode(Disclosure((first.card, second.card), reason))
    body = seal_body_to(auditor, _disclosure_info(line, record), disclosure)
    action = BreakGlass(
        0,
        1,
        record,
        first.endorsed,
        second.endorsed,
        sha256(first.sealing_key),
        sha256(second.sealing_key),
    )
    bodies = [first.sealing_key, second.sealing_key, body]
    return draw_up(line, [first.handle, second.handle], [action], bodies)


def standing_for(store: Keystore, paper: Paper) -> tuple[int, bytes]:
    """Return the own handle that a paper is to break the glass with, and the record.

    Raises:
        NotForThisOffice: the paper does something else, or names no handle that
            stands by in this keystore.
    """
    content = content_of(paper)
    match content.actions:
        case (BreakGlass(record=record),):
            free = [
                o for o in store.kept.used if o.role == "emergency" and not o.record
            ]
            for one in free:
                if store.keys(one.index).signing.public in content.signers:
                    return one.index, record
    raise NotForThisOffice


def reader_of(store: Keystore, record: bytes, released: Sequence[Released]) -> int:
    """Return the own emergency handle to which shares of a record were released.

    Raises:
        WrongShares: none was.
    """
    wanted = [one.to for one in released if one.record == record]
    for used in reversed(store.kept.used):
        mine = used.role == "emergency" and used.record in (b"", record)
        if mine and store.keys(used.index).signing.public in wanted:
            return used.index
    raise WrongShares


def release(line: Line, agent: KeyPair) -> list[Released]:
    """Return an agent's share for everybody who has broken the glass.

    Raises:
        NothingHere: the key is in no plan.
        BadEvidence: the node cannot prove that they did.
        NotARecipient: the share was not sealed to this agent.
    """
    duty = line.ask(agent.signing, MyDuty(), DutyAnswer)
    binding = line.binding(duty.record, duty.epoch)
    share = open_share(
        agent.opening, agent.signing.public, duty.share, binding, duty.sender
    )
    return [
        Released(
            duty.record,
            duty.epoch,
            agent.signing.public,
            to.handle,
            release_share(share, binding, agent.signing.public, to),
        )
        for call in duty.calls
        for to in _proven_readers(line, agent, duty.record, call)
    ]


def open_emergency(part: Part, released: Sequence[Released]) -> None:
    """Get the record's keys from two agents' shares.

    Raises:
        WrongShares: fewer than two for this handle, or false ones.
        NotARecipient: a share is not for this handle.
        Tampered: the shares give keys that are not the record's.
    """
    shares = [
        open_released(
            part.keys.opening,
            part.handle,
            one.sealed,
            part.line.binding(part.record, one.epoch),
            one.agent,
        )
        for one in released
        if one.to == part.handle and one.record == part.record
    ]
    ring = join_shares(shares)
    check_ring(part, ring)
    part.ring, part.epochs = ring, {ring.epoch: ring.epoch_key}
    refresh(part)


def open_disclosure(line: Line, mailbox: OpeningKey, found: ReviewLine) -> Disclosure:
    """Return who broke the glass, checked against both endorsements.

    Raises:
        NotARecipient: sealed to another auditor.
        Tampered: it opens, and is no disclosure.
        Unverified: the registrar did not vouch for one of the cards.
    """
    info = _disclosure_info(line, found.record)
    try:
        disclosure = decode(open_body_with(mailbox, info, found.disclosure), Disclosure)
    except NotCanonical:
        raise Tampered from None
    for card, handle, commitment in zip(
        disclosure.cards, found.handles, found.commitments, strict=True
    ):
        verify_card(card, handle, commitment)
    return disclosure


def _proven_readers(
    line: Line, agent: KeyPair, record: bytes, call: EmergencyCall
) -> list[Reader]:
    """Return the two people of a call, proven to sit on emergency seats now.

    Raises:
        BadEvidence: they do not.
    """
    seats = prove_emergency_seats(line, agent.signing, record, call.seats)
    readers = []
    for number, handle, key in zip(
        call.seats, call.handles, call.sealing_keys, strict=True
    ):
        seat = seats[number]
        live = not seat.ended and line.transport.time() < seat.until
        genuine = seat.handle == handle and same(sha256(key), seat.sealing_key)
        if seat.role != "emergency" or not live or not genuine:
            raise BadEvidence
        readers.append(Reader(handle, key))
    return readers


def _disclosure_info(line: Line, record: bytes) -> bytes:
    return bound_info(_DISCLOSURE, line.chain_id, record)
