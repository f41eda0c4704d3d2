"""Kills a vault at each of its steps; prints what was lost and what was left.

    python tests/vault/killed.py FOLDER

A child process brings blobs, small and large, reads, sweeps; before its n-th step
(a sync, a rename, a removal, a write, a statement of SQLite) it kills itself with
SIGKILL. What it had been given a receipt for must be there in a new process, whole;
and after a sweep a day later nothing else may be. For n = 1, 2, … until it survives.
"""

import itertools
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import apsw

from careledger.vault.blobs import SMALL
from careledger.vault.scrub import Pace
from careledger.vault.store import WAITING
from tests.vault.world import (
    KEEPER,
    LARGE,
    READ,
    READER,
    WRITER,
    World,
    arriving,
    blob_file,
    open_vault,
    put,
)

BLOBS = {
    b"1" * 16: b"one",
    b"2" * 16: LARGE[:SMALL],
    b"3" * 16: LARGE[: SMALL + 1],
    b"4" * 16: LARGE,
    b"5" * 16: b"erased soon",
    b"6" * 16: LARGE[: SMALL + 9],
}
ERASED = (b"5" * 16, b"6" * 16)


class Countdown:
    """Dies before step number `n`."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, step):
        def counted(*args, **kwargs):
            self.tick()
            return step(*args, **kwargs)

        return counted

    def tick(self, *_) -> bool:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return True


def child(folder: Path, n: int, say) -> None:
    """Do everything a vault does, and say what was acknowledged."""
    die = Countdown(n)
    for name in ("fsync", "replace", "write", "open"):
        setattr(os, name, die(getattr(os, name)))
    Path.unlink = die(Path.unlink)
    apsw.connection_hooks.append(lambda one: setattr(one, "exec_trace", die.tick))
    world = World()
    with open_vault(folder, world) as vault:
        for entry, blob in BLOBS.items():
            if len(blob) > SMALL:
                vault.upload(WRITER, KEEPER.public, entry, [blob])
            else:
                put(vault, entry, blob)
            say(entry)
        for entry, blob in BLOBS.items():
            world.append(entry, blob, erased=entry in ERASED)
        vault.sweep()
        say(b"swept")


def run_child(folder: Path, n: int) -> tuple[bool, bytes]:
    """Return whether the child survived, and what it said."""
    ear, mouth = os.pipe()
    write = os.write
    pid = os.fork()
    if pid == 0:
        try:
            child(folder, n, lambda word: write(mouth, word))
        except BaseException as error:
            write(mouth, repr(error).encode())
        finally:
            os._exit(0)
    os.close(mouth)
    with os.fdopen(ear, "rb") as heard:
        said = heard.read()
    return os.waitpid(pid, 0)[1] == 0, said


def judge(folder: Path, said: bytes) -> list[str]:
    """Return what is wrong in the vault that was killed."""
    world = World(now=World().now + WAITING)
    acknowledged = [entry for entry in BLOBS if entry in said]
    for entry in acknowledged:
        world.append(entry, BLOBS[entry], erased=entry in ERASED)
    world.state(*BLOBS)
    wrong = []
    with open_vault(folder, world) as vault:
        vault.sweep()
        kept = [entry for entry in acknowledged if entry not in ERASED]
        wrong += [
            f"another blob: {entry!r}"
            for entry in kept
            if vault.fetch(READER, READ, entry) != BLOBS[entry]
        ]
        large = [blob_file(folder, BLOBS[entry]) for entry in kept]
        files = list((folder / "vault.db.blobs").iterdir())
        wrong += [f"left: {path.name}" for path in files if path not in large]
        wrong += [f"arriving: {name}" for name in arriving(folder)]
        if vault.count() != len(kept) or vault.scrub(Pace(10**12)).rotten:
            wrong.append("counts or hashes differ")
        if vault._index.loose(world.now):
            wrong.append("something is loose")
    return wrong


def main() -> None:
    """Kill at every step; print one JSON line."""
    wrong: list[str] = []
    for n in itertools.count(1):
        folder = Path(sys.argv[1]) / str(n)
        folder.mkdir()
        survived, said = run_child(folder, n)
        wrong += [f"step {n}: {one}" for one in judge(folder, said)]
        shutil.rmtree(folder)
        if survived:
            break
    complete = said == b"".join(BLOBS) + b"swept"
    print(json.dumps({"steps": n - 1, "wrong": wrong, "complete": complete}))


if __name__ == "__main__":
    main()
