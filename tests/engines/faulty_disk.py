"""A file layer that writes a diary, and fails on demand.

From the diary of one run every crash can be staged: the bytes that were synced
are there; of those written since, any part may be.
"""

import random
from pathlib import Path
from typing import NamedTuple

import apsw

NAME = "faulty"


class Act(NamedTuple):
    """One call: `write` (data at offset), `truncate` (offset), `sync` or
    `delete` (taken to be durable at once)."""

    kind: str
    file: str
    offset: int = 0
    data: bytes = b""

    @property
    def step(self) -> str:
        """What the call is a part of."""
        if self.file.endswith("-wal"):
            return "wal " + self.kind
        return ("rows " if "-rows-" in self.file else "ledger ") + self.kind


class FaultyDisk(apsw.VFS):
    """Passes everything on; `fault` may be a function that raises."""

    def __init__(self) -> None:
        self.diary: list[Act | int] = []
        self.fault = None
        super().__init__(NAME, "")

    def xOpen(self, name, flags):
        return FaultyFile(self, name, flags)

    def xDelete(self, name, syncdir):
        self.note(Act("delete", Path(name).name))
        super().xDelete(name, syncdir)

    def note(self, act: Act) -> None:
        if self.fault is not None:
            self.fault(act)
        self.diary.append(act)

    def acknowledged(self, height: int) -> None:
        """Note in the diary that somebody was told."""
        self.diary.append(height)


class FaultyFile(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        self.disk = disk
        self.name = Path(
            name.filename() if isinstance(name, apsw.URIFilename) else name or "temp"
        ).name
        super().__init__("", name, flags)

    def xWrite(self, data, offset):
        self.disk.note(Act("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size):
        self.disk.note(Act("truncate", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags):
        self.disk.note(Act("sync", self.name))
        super().xSync(flags)


def staged(
    diary: list[Act | int], crash: int, chance: random.Random, survive: float
) -> dict[str, bytes]:
    """Return the files after a power cut at diary entry `crash`.

    Unsynced calls survive with probability `survive` each; one may be torn.
    """
    files: dict[str, bytearray] = {}
    waiting: dict[str, list[Act]] = {}
    for act in diary[:crash]:
        if isinstance(act, int):
            continue
        if act.kind == "delete":
            files.pop(act.file, None)
            waiting.pop(act.file, None)
        elif act.kind == "sync":
            for done in waiting.pop(act.file, []):
                _carry_out(files, done)
        else:
            waiting.setdefault(act.file, []).append(act)
    for acts in waiting.values():
        for act in acts:
            if chance.random() < survive:
                torn = (
                    chance.randrange(len(act.data) + 1)
                    if chance.random() < 0.3
                    else None
                )
                _carry_out(files, act._replace(data=act.data[:torn]))
    return {name: bytes(content) for name, content in files.items()}


def _carry_out(files: dict[str, bytearray], act: Act) -> None:
    content = files.setdefault(act.file, bytearray())
    if act.kind == "truncate":
        del content[act.offset :]
        return
    if len(content) < act.offset:
        content.extend(bytes(act.offset - len(content)))
    content[act.offset : act.offset + len(act.data)] = act.data
