"""Recovery: the map of handles from 24 words; records from guardians' shares.

Words give the seed back, and with it every handle: the node is asked, handle by
handle, whether it sits in a record. Guardians give the recovery secret back: its
keys move ownership to handles of a new seed, after the ledger's delay.
"""

from collections.abc import Iterator

from careledger.client.keystore import GAP, Keystore, Used
from careledger.client.line import Line
from careledger.client.part import Part, refresh
from careledger.client.rotating import rotate
from careledger.ledger.actions.records import Recover, VetoRecovery
from careledger.ledger.workflows.recovery import BY_KEY
from careledger.node.answers import KeysAnswer, SeatAnswer
from careledger.node.problems import NothingHere
from careledger.node.questions import MyKeys, MySeat
from careledger.primitives.hashing import sha256
from careledger.sealing.seeds import recovery_keys

DELAY = BY_KEY
"""Between asking for a record back and getting it, in milliseconds: 72 hours."""


def recover_map(line: Line, store: Keystore) -> list[bytes]:
    """Find the records in which handles of this seed take part; return their ids.

    Stops after `GAP` handles in a row that sit nowhere. Handles that took part
    once and do no more look like that too, so none before the last find is ever
    used again.
    """
    found = list(_used(line, store))
    last = max((one.index for one in found), default=-1)
    store.change(used=tuple(found), next=max(store.kept.next, last + 1 + GAP), pool=())
    return [one.record for one in found]


def _used(line: Line, store: Keystore) -> Iterator[Used]:
    index = misses = 0
    while misses < GAP:
        try:
            seat = line.ask(store.keys(index).signing, MySeat(), SeatAnswer)
        except NothingHere:
            misses += 1
        else:
            misses = 0
            yield Used(index, seat.record, "")
        index += 1


def ask_back(line: Line, store: Keystore, recovery_secret: bytes) -> list[Part]:
    """Ask for every record of a recovery secret; return the parts to come.

    They hold the records' keys already and act once the delay has passed, unless
    the owner of the old handle vetoes.

    Raises:
        AlreadyPending: a recovery of one of them is under way.
    """
    parts = []
    misses = number = 0
    while misses < GAP:
        keys = recovery_keys(recovery_secret, number)
        try:
            answer = line.ask(keys.signing, MyKeys(), KeysAnswer)
        except NothingHere:
            misses += 1
        else:
            misses = 0
            by_key = Part(line, keys, answer.record)
            refresh(by_key)
            parts.append(_ask(store, by_key, number))
        number += 1
    store.change(recovery_secret=recovery_secret, next_recovery=number)
    return parts


def take_over(part: Part) -> None:
    """Start a new epoch in a record that has come back: the old handle is out.

    Raises:
        NothingHere: the delay has not passed, or the old owner vetoed.
    """
    refresh(part)
    rotate(part)


def veto(part: Part) -> None:
    """Stop a recovery of one's own record that one did not ask for.

    Raises:
        NothingPending: none is under way.
        CannotVeto: the witness has confirmed it in person.
    """
    part.line.act([part.keys.signing], [VetoRecovery(0)])


def _ask(store: Keystore, by_key: Part, number: int) -> Part:
    index = store.take("recovered", number)
    keys = store.keys(index)
    store.settle(index, by_key.record, by_key.ring)
    action = Recover(0, 1, sha256(keys.opening.public))
    by_key.line.act(
        [by_key.keys.signing, keys.signing], [action], [keys.opening.public]
    )
    return Part(by_key.line, keys, by_key.record, by_key.ring, dict(by_key.epochs))
