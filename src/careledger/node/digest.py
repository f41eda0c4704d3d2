"""One record's recorded acts, folded into what its participants ask for.

A digest is extended by the transactions that came since; a record is read from
its beginning once.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, NamedTuple

from careledger.ledger.actions import Action, emergency, records, referral
from careledger.ledger.bodies import share_out
from careledger.ledger.envelopes import Core
from careledger.node.ledger_facts import Facts
from careledger.primitives.hashing import marked_hash, sha256

KEPT: Final = 1024
"""Digests held in memory."""

_BATCH: Final = 256


class Act(NamedTuple):
    """One action that was carried out.

    Attributes:
        position: of its transaction in the log.
        time: milliseconds.
        tx_id: the transaction.
        number: of the action in it.
        core: the transaction's content.
        action: what was done.
        bodies: hashes of its bodies.
    """

    position: int
    time: int
    tx_id: bytes
    number: int
    core: Core
    action: Action
    bodies: tuple[bytes, ...]


class Wrapping(NamedTuple):
    """A page of wraps and who made it.

    Attributes:
        sender: the handle that signed it.
        seat: its seat, as `Digest.seats` counts.
        page: hash of the page.
        own: it came with an arrival: only a wrap for `sender` itself counts.
    """

    sender: bytes
    seat: int
    page: bytes
    own: bool


@dataclass(slots=True)
class Digest:
    """What a record's acts amount to.

    Attributes:
        last: log position of the newest transaction that is folded in.
        epoch: the current one.
        opened: the act that opened the record.
        commitments: epoch → commitment to its key.
        histories: epoch → hash of its sealed history.
        wrappings: epoch → pages of wraps made in it, oldest first.
        seats: handle → its seat, in the order of arrivals from 1; the owner's, which
            are not listed, have 0. A handle that replaces another has its number.
        wrote: (epoch, handle) → how many of the epoch's pages there were when the
            handle first appended in it: it held the epoch's key by then.
        offered: invitation key → (epoch, log position), oldest first.
        cards: handle → hash of its identity card; empty: it brought none.
        appends: acts that added entries.
        statements: (epoch, act) of each statement.
        plan: (epoch, sender, hashes of three keys, hashes of three shares).
        accesses: emergency access id → its act.
    """

    last: int = -1
    epoch: int = 0
    opened: Act | None = None
    commitments: dict[int, bytes] = field(default_factory=dict)
    histories: dict[int, bytes] = field(default_factory=dict)
    wrappings: dict[int, list[Wrapping]] = field(default_factory=dict)
    seats: dict[bytes, int] = field(default_factory=dict)
    wrote: dict[tuple[int, bytes], int] = field(default_factory=dict)
    offered: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    cards: dict[bytes, bytes] = field(default_factory=dict)
    appends: list[Act] = field(default_factory=list)
    statements: list[tuple[int, Act]] = field(default_factory=list)
    plan: tuple[int, bytes, tuple[bytes, ...], tuple[bytes, ...]] | None = None
    accesses: dict[bytes, Act] = field(default_factory=dict)


class Digests:
    """The digests of the records that were asked about last."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._kept: OrderedDict[bytes, Digest] = OrderedDict()
        self._lock = Lock()

    def of(self, record: bytes) -> Digest:
        """Return a record's digest as of now."""
        with self._lock:
            digest = self._kept.pop(record, None) or Digest()
            self._extend(record, digest)
            self._kept[record] = digest
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return digest

    def _extend(self, record: bytes, digest: Digest) -> None:
        reader = self._facts.reader
        while found := reader.transactions_of(record, digest.last, _BATCH):
            for position in found:
                for act in acts_at(self._facts, position):
                    _fold(digest, act)
                digest.last = position


def acts_at(facts: Facts, position: int) -> list[Act]:
    """Return what the transaction at a log position did; nothing if refused."""
    content, leaf = facts.transaction(position)
    tx_id = sha256(leaf.core)
    receipt = facts.reader.receipt(tx_id)
    if leaf.code != "ok" or receipt is None:
        return []
    return [
        Act(position, receipt.time, tx_id, number, content, action, bodies)
        for number, (action, bodies) in enumerate(
            zip(content.actions, share_out(content), strict=True)
        )
    ]


def new_id(act: Act) -> bytes:
    """Return the identifier of what an action created (`Context.new_id`)."""
    return marked_hash(b"careledger/id/v1", act.tx_id, act.number.to_bytes(1, "big"))


def _fold(digest: Digest, act: Act) -> None:
    match act.action:
        case records.OpenRecord():
            digest.opened = act
            digest.commitments[0] = act.action.key_commitment
        case records.Append():
            digest.appends.append(act)
            author = act.core.signers[act.action.author]
            pages = len(digest.wrappings.get(digest.epoch, ()))
            digest.wrote.setdefault((digest.epoch, author), pages)
        case records.Declare():
            digest.statements.append((digest.epoch, act))
        case records.Rotate() | records.Rewrap():
            _fold_keys(digest, act)
        case emergency.SetPlan() | emergency.BreakGlass():
            _fold_emergency(digest, act)
        case _:
            _fold_referral(digest, act)


def _fold_keys(digest: Digest, act: Act) -> None:
    action = act.action
    if isinstance(action, records.Rewrap):
        sender = act.core.signers[action.holder]
        _add_pages(digest, digest.epoch, sender, act.bodies)
    elif isinstance(action, records.Rotate):
        sender = act.core.signers[action.holder]
        digest.epoch = action.epoch
        digest.commitments[action.epoch] = action.key_commitment
        digest.histories[action.epoch] = next(iter(act.bodies), b"")
        pages = act.bodies[1 : len(act.bodies) - len(action.shares)]
        _add_pages(digest, action.epoch, sender, pages)
        if digest.plan is not None and action.shares:
            digest.plan = (action.epoch, sender, digest.plan[2], action.shares)


def _add_pages(
    digest: Digest,
    epoch: int,
    sender: bytes,
    pages: Iterable[bytes],
    *,
    own: bool = False,
) -> None:
    made, seat = digest.wrappings.setdefault(epoch, []), digest.seats.get(sender, 0)
    made.extend(Wrapping(sender, seat, page, own) for page in pages)


def _fold_emergency(digest: Digest, act: Act) -> None:
    action = act.action
    if isinstance(action, emergency.SetPlan):
        sender = act.core.signers[action.owner]
        keys = act.bodies[: len(action.agents)]
        known = (digest.epoch, sender, keys, action.shares)
        digest.plan = known if action.agents else None
    else:
        digest.accesses[new_id(act)] = act


def _fold_referral(digest: Digest, act: Act) -> None:
    action, signers = act.action, act.core.signers
    match action:
        case referral.Invite() | referral.InviteForMinor():
            digest.offered[action.invitation] = (digest.epoch, act.position)
        case referral.Accept():
            epoch, _ = digest.offered[signers[action.invitation]]
            digest.seats[signers[action.handle]] = len(digest.cards) + 1
            _fold_arrival(digest, act, epoch, signers[action.handle])
        case referral.ReplaceHandle():
            old = digest.seats.get(signers[action.handle], 0)
            digest.seats[signers[action.fresh]] = old
            _fold_arrival(digest, act, digest.epoch, signers[action.fresh])
        case _:
            pass


def _fold_arrival(digest: Digest, act: Act, epoch: int, handle: bytes) -> None:
    """Note what a handle brought along; what it left out is its own loss alone."""
    page, card, *_ = *act.bodies[1:], b"", b""
    _add_pages(digest, epoch, handle, (page,), own=True)
    digest.cards[handle] = card
