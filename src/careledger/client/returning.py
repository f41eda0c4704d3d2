"""Finishing a recovery: what was asked for is taken over, the rest is asked for.

It can be run at any time and any number of times: it does what can be done now,
and says how each record stands. So a crash costs nothing.
"""

from dataclasses import dataclass
from typing import Literal

from careledger.client.declaring import keep_label, own_label
from careledger.client.keystore import WITNESSED, Keystore, Used
from careledger.client.line import Line
from careledger.client.part import Part
from careledger.client.recovering import (
    NO_LABEL,
    Guarded,
    Standing,
    ask_for,
    asked_for,
    guarded,
    standing,
    take_over,
)
from careledger.client.session_problems import NothingToRecover
from careledger.ledger.refusals.records import AlreadyPending
from careledger.sealing.problems import NotHeld


@dataclass(frozen=True, slots=True)
class Returning:
    """How one record of a recovery stands.

    Attributes:
        record: id.
        state: `waiting` until `due`; `stopped` by the owner of the old keys;
            `yours`; `keys-missing`: yours, and a participant must give you the
            keys (`rewrap`); `asked-by-another`: a recovery that is not yours is
            under way.
        due: milliseconds; 0 but for `waiting`.
        label: what it was called, of those that are `yours`; empty: that did not
            come back.
    """

    record: bytes
    state: Standing | Literal["keys-missing", "asked-by-another"]
    due: int = 0
    label: str = ""


def finish(line: Line, store: Keystore, *, again: bool = False) -> list[Returning]:
    """Take over what has come, and ask for what was not asked for yet.

    Args:
        line: to the node.
        store: of the home that asked.
        again: ask once more for what was stopped.
    """
    refused = [record for one in _of_secret(line, store) for record in _ask(store, one)]
    owned = {one.record: one for one in store.kept.used if _asked(one)}
    lines = [_finish(line, store, one) for one in owned.values()]
    if again:
        stopped = [one.record for one in lines if one.state == "stopped"]
        refused += _ask_again(line, store, stopped)
        lines = [_finish(line, store, store.find(one.record)) for one in lines]
    return [*lines, *(Returning(one, "asked-by-another") for one in refused)]


def _asked(one: Used) -> bool:
    """Tell whether a handle was named in a request for a record."""
    by_key = one.kept is not None and one.recovery < WITNESSED
    return bool(one.record) and (by_key or one.recovery == WITNESSED)


def _of_secret(line: Line, store: Keystore) -> list[Guarded]:
    try:
        return guarded(line, store.kept.recovery_secret)
    except NothingToRecover:
        return []


def _ask(store: Keystore, one: Guarded) -> list[bytes]:
    """Ask, unless that was done; return the record if somebody else did."""
    if asked_for(store, one):
        return []
    try:
        ask_for(store, one)
    except AlreadyPending:
        return [one.part.record]
    return []


def _ask_again(line: Line, store: Keystore, stopped: list[bytes]) -> list[bytes]:
    refused = []
    for one in _of_secret(line, store):
        if one.part.record in stopped:
            try:
                ask_for(store, one)
            except AlreadyPending:
                refused.append(one.part.record)
    return refused


def _finish(line: Line, store: Keystore, used: Used) -> Returning:
    part = Part(line, store.keys(used.index), used.record, used.kept)
    state, due = standing(part)
    if state == "yours":
        return _labelled(part, store, used)
    if state != "to-take-over":
        return Returning(used.record, state, due)
    try:
        take_over(part, store)
    except NotHeld:
        return Returning(used.record, "keys-missing")
    return _labelled(part, store, used)


def _labelled(part: Part, store: Keystore, used: Used) -> Returning:
    """Return a record that is here, called as before; its label is sealed anew.

    Sealed first and noted last: after a crash it is done again.
    """
    label = used.label
    if label == NO_LABEL:
        label = own_label(part, store) or ""
        if label:
            keep_label(part, store, label)
            store.rename(used.record, label)
    return Returning(used.record, "yours", label=label)
