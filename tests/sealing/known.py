"""Fixed keys and sources of chance for these tests."""

import hashlib

from careledger.sealing.hpke import OpeningKey

ALICE = OpeningKey(bytes(range(32)))
BOB = OpeningKey(bytes(range(32, 64)))


def flipped(raw: bytes, bit: int) -> bytes:
    """Return `raw` with one bit changed."""
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def counting():
    """Return a source of chance that repeats itself in every run."""
    calls = iter(range(1_000_000))
    return lambda size: hashlib.shake_256(b"%d" % next(calls)).digest(size)
