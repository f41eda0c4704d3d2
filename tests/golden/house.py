"""Homes of an earlier version: unpacking them, and life in them at their own time."""

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import zstandard

from careledger.cli.house.rooms import open_rooms
from careledger.cli.house.serving import listening, serve
from careledger.cli.output import Output
from careledger.cli.session import Session
from careledger.engines import clock
from tools.canaries.actors import Actor, descriptor

ROOT = "/golden"
"""Stands in the settings for the folder in which the homes lie."""

FOLDER = Path(__file__).parent
HOUR = 3_600_000


@dataclass(frozen=True)
class Golden:
    """A set of homes.

    Attributes:
        facts: what is recorded of them: checksums, roots, contents, passphrases.
        folder: where they lie.
    """

    facts: dict[str, Any]
    folder: Path

    def actor(self, name: str) -> Actor:
        """Return whose home it is."""
        return Actor(self.folder / name, self.facts["passphrases"][name])


def golden_versions() -> list[str]:
    """Return the versions of which there are homes."""
    return sorted(path.name[5:-5] for path in FOLDER.glob("home-*.json"))


def unpack(version: str, folder: Path) -> Golden:
    """Unpack the homes of a version; check every file against its recorded hash."""
    raw = (FOLDER / f"home-{version}.tar.zst").read_bytes()
    facts = json.loads((FOLDER / f"home-{version}.json").read_text())
    with tarfile.open(fileobj=io.BytesIO(zstandard.decompress(raw))) as archive:
        archive.extractall(folder, filter="data")
    assert checksums(folder) == facts["files"]
    for home in folder.iterdir():
        home.chmod(0o700)  # the archive has the modes of files, and no directories
    settle(folder, ROOT, str(folder))
    return Golden(facts, folder)


def pack(version: str, golden: Golden) -> None:
    """Write the archive and the facts of a version; never over what is there."""
    for name in ("ledger.db.lock", "vault.db.arriving/users"):
        (golden.folder / "hospital" / name).unlink()
    settle(golden.folder, str(golden.folder), ROOT)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in _all_of(golden.folder):
            archive.add(path, path.relative_to(golden.folder), filter=_nameless)
    facts = golden.facts | {"files": checksums(golden.folder)}
    with (FOLDER / f"home-{version}.json").open("x") as file:
        json.dump(facts, file, indent=1, sort_keys=True)
        file.write("\n")
    raw = zstandard.ZstdCompressor(19).compress(packed.getvalue())
    with (FOLDER / f"home-{version}.tar.zst").open("xb") as file:
        file.write(raw)


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Say nothing of who packed it, and when."""
    return member.replace(
        mtime=0, uid=0, gid=0, uname="", gname="", mode=0o600, deep=False
    )


def _all_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def checksums(folder: Path) -> dict[str, str]:
    """Return SHA-256 by name, of every file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _all_of(folder)
    }


def settle(folder: Path, before: str, after: str) -> None:
    """Have the settings of all homes name another folder."""
    for path in folder.glob("*/careledger.toml"):
        path.write_text(path.read_text().replace(f'"{before}/', f'"{after}/'))


@contextmanager
def at(moment: int, draw: Callable[[int], bytes] | None = None) -> Iterator[None]:
    """Have it be `moment` (milliseconds) for the product; `draw` instead of chance."""
    now = SimpleNamespace(
        time_ns=lambda: moment * 1_000_000,
        clock_gettime_ns=lambda _: moment * 1_000_000,
        CLOCK_MONOTONIC=0,
    )
    proofs = SimpleNamespace(time=lambda: moment / 1000)
    with ExitStack() as stack:
        stack.enter_context(patch.object(clock, "time", now))
        stack.enter_context(patch("careledger.cli.proof.time", proofs))
        if draw:
            chance = SimpleNamespace(token_bytes=draw)
            stack.enter_context(patch("careledger.sealing.chance.secrets", chance))
        yield


@contextmanager
def serving_here(actor: Actor) -> Iterator[None]:
    """Have a hospital's node serve in a thread of this process, with its clock."""
    with ExitStack() as stack:
        passphrase = stack.enter_context(descriptor(actor.passphrase))
        session = Session(actor.path, Output(as_json=True, debug=False), passphrase)
        home = session.home()
        offices = session.unlock(home)
        rooms = stack.enter_context(open_rooms(session, home, offices))
        door = stack.enter_context(listening(home.path))

        def answer() -> None:
            with suppress(OSError):  # the door is closed
                serve(door, rooms)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield
        finally:
            door.close()
            thread.join()
