"""The current epoch, as proven: what is new is sealed under its key alone.

A node that could name an epoch would have a writer seal under the key of somebody who
was revoked, or under one of its own. The ledger refuses that, too late: the blob is
with the custodian by then.
"""

from careledger.client.part import (
    Part,
    all_epochs,
    current_key,
    current_ring,
    refresh,
)
from careledger.client.past import check_keys
from careledger.client.proving import prove_record
from careledger.client.session_problems import OlderThanSeen
from careledger.ledger.refusals.records import StaleEpoch
from careledger.node.problems import NothingHere
from careledger.node.state_keys import Record
from careledger.sealing.keyring import AllEpochs
from careledger.sealing.problems import NotHeld


def sealing_key(part: Part) -> tuple[int, bytes]:
    """Return the epoch under which something new may be sealed, and its key.

    Raises:
        NothingHere: the handle takes no part (any more).
        NotHeld, WrapDoesNotOpen: the current key is not there.
        StaleEpoch: somebody left who has that key: rotate first.
        Tampered: what the node gave as that key is another.
        BadEvidence, OlderThanSeen: the node's proof does not hold, or is an old one.
    """
    record = _proven(part)
    key = _checked_key(part, record)
    if record.stale or not set(record.wrapped) <= set(record.present):
        raise StaleEpoch
    return record.epoch, key


def proven_key(part: Part) -> tuple[int, bytes]:
    """Return the current epoch and its key, to be given to others.

    That nothing be sealed under it after somebody left is no reason to give it to
    nobody: whoever gets it takes part in the rotation that is due.

    Raises:
        NothingHere, NotHeld, WrapDoesNotOpen, Tampered: as for `sealing_key`.
        BadEvidence, OlderThanSeen: as for `sealing_key`.
    """
    record = _proven(part)
    return record.epoch, _checked_key(part, record)


def proven_ring(part: Part) -> AllEpochs:
    """Return the current keyring of all epochs, to be given to others.

    Raises:
        NotHeld: this part holds less.
        NothingHere, WrapDoesNotOpen, Tampered: as for `sealing_key`.
        BadEvidence, OlderThanSeen: as for `sealing_key`.
    """
    record = _proven(part)
    ring = all_epochs(part, record.epoch)
    check_keys({ring.epoch: ring.epoch_key}, {record.epoch: record.key_commitment})
    return ring


def _proven(part: Part) -> Record:
    """Return the record's leaf.

    Raises:
        NothingHere: the handle takes no part (any more).
        NotHeld, WrapDoesNotOpen: it does, without the current key.
        OlderThanSeen: the leaf is from before the newest epoch that this part holds.
    """
    if part.ring is None:
        refresh(part)  # first: a rotation in between is then no reason to fail
    newest = max(part.epochs, default=0)
    try:
        record = prove_record(part.line, part.keys.signing, part.record)
    except NothingHere:
        current_ring(part, part.seat().epoch)
        raise NotHeld from None
    if record.epoch < newest:
        raise OlderThanSeen
    return record


def _checked_key(part: Part, record: Record) -> bytes:
    key = current_key(part, record.epoch)
    check_keys({record.epoch: key}, {record.epoch: record.key_commitment})
    return key
