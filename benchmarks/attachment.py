"""The `attachment` benchmark: 1 GiB sealed and stored, fetched and opened.

The content is made in memory, sealed by `sealing.stream` and streamed into a
vault on disk; the clock stops when the receipt is there, so when the blob would
survive power loss. Then it is fetched against a live `Read`, once as the store left
it, once after the system was asked to forget the file; opened, and compared with
the content. Memory is the peak of the process that does it all, above what it has
before the first byte.
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ledger import in_new_process
from benchmarks.machine import machine
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.stream import Read, open_stream, seal_stream, sealed_size
from careledger.vault.store import Serving, Setup, Vault
from careledger.vault.view import EntryFact, ReadFact

BLOCK = 1 << 20
GIB = 1 << 30
KEY = sha256(b"careledger/benchmark/attachment key")
CHAIN = sha256(b"careledger/benchmark/chain")
KEEPER = SigningKey(sha256(b"careledger/benchmark/custodian"))
READER, READ, ENTRY = bytes(32), sha256(b"read"), bytes(16)


def options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--size", type=int, default=GIB, help="bytes of content")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark; return its figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "size").write_text(str(args.size))
        figures = in_new_process("attachment", folder)
        disk = disk_rates(folder, args.size)
    return {
        "benchmark": "attachment",
        "content_bytes": args.size,
        **figures,
        **disk,
        "machine": machine(),
    }


@dataclass
class OneEntry:
    """A ledger with one entry and a live `Read` of it."""

    blob: bytes = b""

    def time(self) -> int:
        """Return a moment."""
        return 1

    def read(self, tx_id: bytes) -> ReadFact | None:
        """Return the one statement."""
        return ReadFact("ok", 1, ((READER, ENTRY),)) if tx_id == READ else None

    def is_active(self, handle: bytes) -> bool:
        """Tell whether it is the one reader."""
        return handle == READER

    def entry_for(self, key: bytes, entry_id: bytes) -> EntryFact | None:  # noqa: ARG002
        """Return the one entry, once it is there."""
        return EntryFact(self.blob, erased=False) if self.blob else None


class Content:
    """Content of any size: one random block, again and again."""

    def __init__(self, size: int) -> None:
        self.left = size
        self._block = random.Random(1).randbytes(BLOCK) * 2
        self._at = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, as a file would."""
        size = min(size, self.left, BLOCK)
        start = self._at % BLOCK
        self._at, self.left = self._at + size, self.left - size
        return self._block[start : start + size]


def reader(pieces: Iterable[bytes]) -> Read:
    """Return what reads pieces as a file is read."""
    waiting, source = memoryview(b""), iter(pieces)

    def read(size: int) -> bytes:
        nonlocal waiting
        if not waiting:
            waiting = memoryview(next(source, b""))
        part, waiting = waiting[:size], waiting[size:]
        return bytes(part)

    return read


def store_and_fetch(folder: Path) -> dict[str, Any]:
    """Store the attachment and fetch it twice; return rates and memory."""
    size = int((folder / "size").read_text())
    ledger = OneEntry()
    setup = Setup(may_store=lambda _writer, _custodian: True)
    sign = {KEEPER.public: KEEPER}
    with Vault(
        folder / "vault", CHAIN, ledger, lambda key, text: sign[key].sign(text), setup
    ) as vault:
        idle, started = memory_mb("VmRSS"), time.perf_counter()
        sealed = seal_stream(KEY, size, Content(size).read)
        ledger.blob = vault.upload(READER, KEEPER.public, ENTRY, sealed).blob
        stored = time.perf_counter()
        check_opens(vault.serve(READER, READ, ENTRY), size)
        fetched = time.perf_counter()
        forget_cache(folder)
        cold = time.perf_counter()
        check_opens(vault.serve(READER, READ, ENTRY), size)
        ended = time.perf_counter()
    return {
        "sealed_bytes": sealed_size(size),
        "store_mb_s": mb_s(size, stored - started),
        "fetch_mb_s": mb_s(size, fetched - stored),
        "fetch_from_disk_mb_s": mb_s(size, ended - cold),
        "memory_mb": round(memory_mb("VmHWM") - idle, 1),
        "idle_mb": round(idle, 1),
    }


def check_opens(serving: Serving, size: int) -> None:
    """Open a blob; check that it is the content, byte for byte."""
    content = Content(size)
    for chunk in open_stream(KEY, reader(serving.pieces)):
        if chunk != content.read(len(chunk)):
            sys.exit("the attachment that came back is another one")
    if content.left:
        sys.exit("the attachment that came back is shorter")


def mb_s(size: int, seconds: float) -> int:
    """Return a rate in MB/s (10⁶ bytes)."""
    return round(size / 1e6 / seconds)


def memory_mb(field: str) -> float:
    """Return a line of this process's status in MB; its peak where there is none."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    found = next(line for line in lines if line.startswith(field + ":"))
    return int(found.split()[1]) * 1024 / 1e6


def forget_cache(folder: Path) -> None:
    """Ask the system to drop what it remembers of the files."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in folder.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def disk_rates(folder: Path, size: int) -> dict[str, int]:
    """Return what the disk does with a file of that size, and nothing else."""
    block, path = random.Random(2).randbytes(BLOCK), folder / "plain-file"
    started = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for _ in range(0, size, BLOCK):
            file.write(block)
        os.fsync(file.fileno())
    written = time.perf_counter()
    forget_cache(folder)
    forgotten = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(BLOCK):
            pass
    read = time.perf_counter()
    return {
        "disk_write_mb_s": mb_s(size, written - started),
        "disk_read_mb_s": mb_s(size, read - forgotten),
    }


if __name__ == "__main__":
    print(json.dumps(store_and_fetch(Path(sys.argv[1]))))
