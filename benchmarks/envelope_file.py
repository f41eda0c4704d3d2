"""Envelopes in a file, so that the process that is measured need not hold them all."""

from collections.abc import Iterable, Iterator
from pathlib import Path

CHUNK = 20_000
"""Envelopes that are read at a time."""


def write_envelopes(path: Path, envelopes: Iterable[bytes]) -> None:
    """Write a file of envelopes, each behind its length in 4 bytes."""
    with path.open("wb") as file:
        for raw in envelopes:
            file.write(len(raw).to_bytes(4, "big"))
            file.write(raw)


def read_envelopes(path: Path) -> Iterator[list[bytes]]:
    """Yield the envelopes of a file in chunks."""
    with path.open("rb") as file:
        while chunk := [
            file.read(int.from_bytes(size, "big")) for size in _sizes(file)
        ]:
            yield chunk


def _sizes(file: object) -> Iterator[bytes]:
    for _ in range(CHUNK):
        size: bytes = file.read(4)  # type: ignore[attr-defined]
        if not size:
            return
        yield size
