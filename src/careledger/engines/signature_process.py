"""A process that verifies signatures for an engine, and does nothing else.

It reads batches from standard input and answers each with one byte per signature
on standard output. It ends with its input, so it never outlives the engine.
"""

import sys
from typing import BinaryIO, Final

from careledger.primitives.encoding import decode_any, encode
from careledger.primitives.signing import BadSignature, verify

Claim = tuple[bytes, bytes, bytes]
"""Key, message, signature."""

READY: Final = b"\x02"
"""The first byte of the process: it has loaded its libraries."""

_LENGTH: Final = 4


def check_claims(claims: list[Claim]) -> bytes:
    """Return 1 for each good signature and 0 for each other, as bytes."""
    return bytes(map(_is_good, claims))


def _is_good(claim: Claim) -> bool:
    try:
        verify(*claim)
    except BadSignature:
        return False
    return True


def write_batch(claims: list[Claim]) -> bytes:
    """Return the frame of a batch: its length in 4 bytes, then MessagePack."""
    batch = encode(claims)
    return len(batch).to_bytes(_LENGTH, "big") + batch


def read_batch(source: BinaryIO) -> list[Claim] | None:
    """Return the next batch, or `None` at the end of the input."""
    length = source.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    batch = source.read(int.from_bytes(length, "big"))
    return decode_any(batch, list[Claim])  # type: ignore[no-any-return]


def main() -> None:
    """Answer batches until the input ends."""
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    while (claims := read_batch(source)) is not None:
        answers.write(check_claims(claims))
        answers.flush()


if __name__ == "__main__":
    main()
