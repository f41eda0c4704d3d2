"""Recovery: the map of handles from 24 words; records from guardians' shares.

Words give the seed back, and with it every handle: the node is asked, handle by
handle, whether it sits in a record. Guardians give the recovery secret back: its
keys move ownership to handles of a new seed, after the ledger's delay. The two
are apart: words do not give the recovery secret back, nor shares the seed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, get_args

import msgspec

from careledger.client.declaring import own_label
from careledger.client.keystore import GAP, UNGUARDED, WITNESSED, Keystore, Used
from careledger.client.line import Line
from careledger.client.part import Part, refresh
from careledger.client.rotating import rotate_past
from careledger.client.session_problems import (
    GuardedAlready,
    NothingToRecover,
    NotYetYours,
    RecoveryStopped,
)
from careledger.ledger.actions.records import Recover, VetoRecovery
from careledger.ledger.actions.registry import HandleRole
from careledger.ledger.workflows.recovery import BY_KEY
from careledger.node.answers import (
    KeysAnswer,
    Receipt,
    RecognitionAnswer,
    RecoveryAnswer,
)
from careledger.node.problems import NothingHere
from careledger.node.questions import MyKeys, MyReceipts, MyRecognition, MyRecovery
from careledger.primitives.hashing import same, sha256
from careledger.sealing.seeds import recovery_keys

DELAY = BY_KEY
"""Between asking for a record back and getting it, in milliseconds: 72 hours."""

NO_LABEL: Final = "recovered"
"""What a record that was asked back is called until its label has come back."""

_ROLES: Final = get_args(HandleRole)


def recover_map(line: Line, store: Keystore) -> list[bytes]:
    """Find the records in which handles of this seed take part; return their ids.

    Stops after `GAP` handles in a row that never acted, and starts with fresh ones
    that far behind the last that did: those between may wait in a pool or for a
    token, and the next search must still reach what comes. What the keystore knew
    already stays: labels, recovery numbers. One that has not missed anything stays
    as it is.
    """
    acted = dict(_acted(line, store))
    found = {index: one for index, one in acted.items() if one is not None}
    known = {one.index: one for one in store.kept.used}
    merged = known | {
        index: _merged(known.get(index, one), one) for index, one in found.items()
    }
    pool = tuple(one for one in store.kept.pool if one.index not in acted)
    tokens = tuple(one for one in store.kept.tokens if one.index not in acted)
    last = max(acted, default=-1)
    following = store.kept.next if last < store.kept.next else last + GAP
    used = tuple(merged[index] for index in sorted(merged))
    store.change(used=used, next=following, pool=pool, tokens=tokens)
    return [one.record for one in found.values()]


@dataclass(frozen=True, slots=True)
class Extended:
    """What a keystore that may be older than the ledger knows now.

    Attributes:
        records: in which its handles take part.
        missing: of these, the ones that it did not know before.
    """

    records: list[bytes]
    missing: list[bytes]


def extend_map(line: Line, store: Keystore) -> Extended:
    """Add to a sound keystore what came after it was saved: an older copy lacks that.

    Records that its own recovery secret guards are noted so: the guardians' shares
    stay good for them, and no later record gets a recovery key of theirs.
    """
    known = {one.record for one in store.kept.used}
    records = recover_map(line, store)
    following = store.kept.next_recovery
    with suppress(NothingToRecover):
        restore_shares(line, store, store.kept.recovery_secret)
    store.change(next_recovery=max(following, store.kept.next_recovery))
    return Extended(records, [one for one in records if one not in known])


def _merged(known: Used, found: Used) -> Used:
    """Return a handle as it was found; one that waited for a record has no label."""
    label = known.label or found.label
    return msgspec.structs.replace(known, record=found.record, label=label)


def _acted(line: Line, store: Keystore) -> Iterator[tuple[int, Used | None]]:
    """Yield each handle that ever acted, with the record where it sits, or sleeps."""
    index = misses = 0
    while misses < GAP:
        key, misses = store.keys(index).signing, misses + 1
        try:
            seat = line.ask(key, MyRecognition(), RecognitionAnswer)
        except NothingHere:
            if line.ask(key, MyReceipts(), tuple[Receipt, ...]):
                misses = 0
                yield index, None
        else:
            misses = 0
            role = seat.role if seat.role in _ROLES else "practitioner"
            label = _label_of(line, store, index, seat)
            yield index, Used(index, seat.record, label, UNGUARDED, role)  # type: ignore[arg-type]
        index += 1


def _label_of(line: Line, store: Keystore, index: int, seat: RecognitionAnswer) -> str:
    if seat.role != "owner":
        return ""
    return own_label(Part(line, store.keys(index), seat.record), store) or ""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A record that a recovery secret can ask for.

    Attributes:
        number: of its recovery key.
        part: of that key: it opens the record's keys, and acts in nothing else.
    """

    number: int
    part: Part


def guarded(line: Line, recovery_secret: bytes) -> list[Guarded]:
    """Return the records of a recovery secret.

    Raises:
        NothingToRecover: there is none.
    """
    found: list[Guarded] = []
    misses = number = 0
    while misses < GAP:
        keys = recovery_keys(recovery_secret, number)
        try:
            answer = line.ask(keys.signing, MyKeys(), KeysAnswer)
        except NothingHere:
            misses += 1
        else:
            misses = 0
            found.append(Guarded(number, Part(line, keys, answer.record)))
        number += 1
    if not found:
        raise NothingToRecover
    return found


def ask_back(line: Line, store: Keystore, recovery_secret: bytes) -> list[Part]:
    """Ask for every record of a recovery secret; return the parts to come.

    They act once the delay has passed, unless the owner of the old handle vetoes.
    Ask again after a crash: what was asked for already is not asked for twice.

    Raises:
        NothingToRecover: the secret is no record's.
        AlreadyPending: a recovery of one of them is under way.
    """
    found = guarded(line, recovery_secret)
    store.guard_with(recovery_secret, found[-1].number + 1)
    return [ask_for(store, one) for one in found if not asked_for(store, one)]


def asked_for(store: Keystore, one: Guarded) -> bool:
    """Tell whether a handle of this keystore was named for a guarded record."""
    return any(
        used.record == one.part.record and used.recovery == one.number
        for used in store.kept.used
    )


def ask_for(store: Keystore, one: Guarded) -> Part:
    """Ask for one record back, for a fresh handle; return the part to come.

    Raises:
        AlreadyPending: a recovery of it is under way.
    """
    by_key = one.part
    refresh(by_key)
    index = store.take(NO_LABEL, one.number)
    keys = store.keys(index)
    store.settle(index, by_key.record, by_key.ring)
    public = keys.opening.public
    action = Recover(0, 1, sha256(public))
    with store.settled(index, by_key.record):
        by_key.line.act([by_key.keys.signing, keys.signing], [action], [public])
    return Part(by_key.line, keys, by_key.record, by_key.ring, dict(by_key.epochs))


def take_over(part: Part, store: Keystore) -> None:
    """Start a new epoch in a record that has come back: the old handle is out.

    Raises:
        NotYetYours: the delay has not passed; `detail` has the time, milliseconds.
        RecoveryStopped: the old owner vetoed, or another request took its place.
        NotHeld: the record is this owner's again, its keys are not: nobody wrapped
            them yet (after a recovery by witness).
    """
    used = store.find(part.record)
    try:
        seat = part.seat()
    except NothingHere:
        _say_why(part, used)
    refresh(part)
    if seat.epoch not in part.epochs and used.recovery < WITNESSED:
        _fetch_keys(part, store.kept.recovery_secret, used.recovery)
    rotate_past(part)


def restore_shares(line: Line, store: Keystore, recovery_secret: bytes) -> list[bytes]:
    """Take the guardians' secret back into a keystore that words rebuilt.

    Returns the records that it guards; from here on the kit's shares are theirs.

    Raises:
        NothingToRecover: the secret guards none of this keystore's records.
        GuardedAlready: records opened since are guarded by another secret.
    """
    own = {one.record for one in store.kept.used if one.record}
    found = [one for one in guarded(line, recovery_secret) if one.part.record in own]
    if not found:
        raise NothingToRecover
    numbers = {one.part.record: one.number for one in found}
    other = not same(recovery_secret, store.kept.recovery_secret)
    if other and any(_is_guarded(one) for one in store.kept.used):
        raise GuardedAlready
    store.guard_with(recovery_secret, found[-1].number + 1)
    used = tuple(
        msgspec.structs.replace(one, recovery=numbers.get(one.record, one.recovery))
        for one in store.kept.used
    )
    store.change(used=used)
    return list(numbers)


def veto(part: Part) -> None:
    """Stop a recovery of one's own record that one did not ask for.

    Raises:
        NothingPending: none is under way.
        CannotVeto: the witness has confirmed it in person.
    """
    part.line.act([part.keys.signing], [VetoRecovery(0)])


Standing = Literal["waiting", "stopped", "to-take-over", "yours"]
"""How a record stands for who asked for it."""


def standing(part: Part) -> tuple[Standing, int]:
    """Return how a record stands, and when it comes (milliseconds; 0: it is here)."""
    for _ in range(2):  # it may come between the two questions
        try:
            seat = part.seat()
        except NothingHere:
            if due := _due(part):
                return "waiting", due
            continue
        return ("to-take-over" if seat.number == 0 and seat.stale else "yours"), 0
    return "stopped", 0


def _is_guarded(one: Used) -> bool:
    """Tell whether this keystore's recovery secret is the one of an own record."""
    return bool(one.record) and one.recovery < WITNESSED


def _due(part: Part) -> int:
    """Return when a record comes, milliseconds; 0: no request for it is under way."""
    try:
        return part.line.ask(part.keys.signing, MyRecovery(), RecoveryAnswer).due
    except NothingHere:
        return 0


def _was_asked(part: Part, used: Used) -> bool:
    """Tell whether this handle was ever named in a request for its record."""
    by_key = used.kept is not None and used.recovery < WITNESSED
    if not by_key and used.recovery != WITNESSED:
        return False
    receipts = part.line.ask(part.keys.signing, MyReceipts(), tuple[Receipt, ...])
    return any(one.code == "ok" for one in receipts)


def _say_why(part: Part, used: Used) -> NoReturn:
    """Say why a record is not there.

    Raises:
        NotYetYours, RecoveryStopped: as `take_over` says.
        NothingHere: nobody asked for it.
    """
    if at := _due(part):
        raise NotYetYours(str(at))
    if _was_asked(part, used):
        raise RecoveryStopped
    raise NothingHere


def _fetch_keys(part: Part, recovery_secret: bytes, number: int) -> None:
    """Get the newest keys: others wrapped them to the recovery key meanwhile."""
    by_key = Part(part.line, recovery_keys(recovery_secret, number), part.record)
    refresh(by_key)
    part.ring, part.epochs = by_key.ring, part.epochs | by_key.epochs
    part.rings |= by_key.rings
