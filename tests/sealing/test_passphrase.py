"""Locks: the right passphrase, the wrong one, and a file that was exchanged."""

import pytest

from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing.passphrase import (
    CEILING,
    FLOOR,
    MARKER,
    Cost,
    Lock,
    lock,
    unlock,
)
from careledger.sealing.problems import DamagedLock, WeakLock, WrongPassphrase
from tests.sealing.known import counting, flipped

SECRET = bytes(range(32))
LOCKED = lock("correct horse", SECRET, cost=FLOOR, draw=counting())


def resealed(**changes):
    """Return the lock with some fields changed and a checksum that fits."""
    stored = decode(LOCKED[len(MARKER) : -32], Lock)
    fields = {name: getattr(stored, name) for name in stored.__struct_fields__}
    body = MARKER + encode(Lock(**fields | changes))
    return body + sha256(body)


def test_round_trip():
    assert unlock("correct horse", LOCKED) == SECRET
    assert unlock("pässe", lock("pa\u0308sse", SECRET)) == SECRET


def test_a_wrong_passphrase_says_so():
    with pytest.raises(WrongPassphrase):
        unlock("wrong horse", LOCKED)


def test_every_changed_bit_is_damage():
    for bit in range(8 * len(LOCKED)):
        with pytest.raises(DamagedLock):
            unlock("correct horse", flipped(LOCKED, bit))


@pytest.mark.parametrize("size", [0, 10, 32, len(LOCKED) - 1])
def test_a_cut_file_is_damage(size):
    with pytest.raises(DamagedLock):
        unlock("correct horse", LOCKED[:size])


@pytest.mark.parametrize("body", [b"another/marker/v1\n", MARKER, MARKER + b"\x91\x00"])
def test_other_files_are_damage(body):
    with pytest.raises(DamagedLock):
        unlock("correct horse", body + sha256(body))


@pytest.mark.parametrize(
    "cost",
    [
        Cost(FLOOR.memory - 1, FLOOR.passes, FLOOR.lanes),
        Cost(FLOOR.memory, FLOOR.passes - 1, FLOOR.lanes),
        Cost(FLOOR.memory, FLOOR.passes, 0),
        Cost(CEILING.memory + 1, FLOOR.passes, FLOOR.lanes),
        Cost(FLOOR.memory, CEILING.passes + 1, FLOOR.lanes),
        Cost(FLOOR.memory, FLOOR.passes, CEILING.lanes + 1),
    ],
)
def test_parameters_out_of_bounds_are_refused_both_ways(cost):
    with pytest.raises(WeakLock):
        lock("correct horse", SECRET, cost=cost)
    with pytest.raises(WeakLock):
        unlock("correct horse", resealed(cost=cost))


@pytest.mark.parametrize(
    "changes",
    [
        {"sealed": flipped(bytes(48), 3)},
        {"nonce": bytes(12)},
        {"salt": bytes(16)},
        {"cost": Cost(FLOOR.memory, FLOOR.passes + 1, FLOOR.lanes)},
    ],
)
def test_exchanged_fields_do_not_open(changes):
    with pytest.raises(WrongPassphrase):
        unlock("correct horse", resealed(**changes))


def test_an_empty_passphrase_is_none():
    with pytest.raises(WrongPassphrase):
        lock("", SECRET)
