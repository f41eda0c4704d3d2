"""A folder whose every change is written into a diary; and the folder after a cut.

    with recorded(folder) as diary:
        …  the vault works, SQLite's files included
    lay_out(after_cut(diary, 17, chance, 0.5), elsewhere)

The rules are those of POSIX, read strictly. What was written to a file is durable
after `fsync` of that file; of what came later any part may be there, the last write
torn. A name (made, moved, removed) is durable after `fsync` of its folder; both ends
of a move are two names. SQLite syncs the folder itself with the first sync of a
journal or log of writes that it may have made (`unixSync`).
"""

import os
import random
import stat
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import apsw

VFS = "power"
JOURNALS = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL


class Act(NamedTuple):
    """One change.

    `write` (data at offset) and `truncate` (to offset) and `sync` of a file by its
    number; `add` (a number, 0: a folder) and `drop` of a name; `sync names` of a
    folder.
    """

    kind: str
    path: str
    number: int = 0
    offset: int = 0
    data: bytes = b""

    @property
    def step(self) -> str:
        """What the change is a part of."""
        name = self.path.rpartition("/")[2]
        if name.startswith("vault.db-"):
            return f"log {self.kind}" if "wal" in name else f"journal {self.kind}"
        if self.path == ".":
            return f"folder {self.kind}"
        return f"index {self.kind}" if name == "vault.db" else f"blob {self.kind}"


class Told(NamedTuple):
    """That somebody was told something: it is true from here on."""

    what: bytes


Diary = list[Act | Told]


class Recorder:
    """Writes the diary of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary: Diary = []
        self.numbers: dict[str, int] = {}
        self.files: dict[int, str] = {}
        self.offsets: dict[int, int] = defaultdict(int)

    def name(self, path: object) -> str | None:
        """Return a path inside the folder, or `None` if it is outside."""
        try:
            return str(Path(os.fspath(path)).relative_to(self.folder))
        except (TypeError, ValueError):
            return None

    def note(self, kind: str, path: str, offset: int = 0, data: bytes = b"") -> None:
        number = self.numbers.get(path, 0)
        self.diary.append(Act(kind, path, number, offset, data))

    def opened(self, path: str, *, may_make: bool) -> None:
        if may_make and path not in self.numbers:
            self.numbers[path] = len(self.diary) + 1
            self.note("add", path)

    def dropped(self, path: str) -> None:
        self.note("drop", path)
        self.numbers.pop(path, None)

    def moved(self, source: str, target: str) -> None:
        self.numbers[target] = self.numbers[source]
        self.note("add", target)
        self.dropped(source)

    def synced_names(self, path: str) -> None:
        self.note("sync names", str(Path(path).parent))


@contextmanager
def recorded(folder: Path):
    """Record what happens in a folder, by SQLite and by `os`."""
    recorder, originals = Recorder(folder), {}
    vfs = _Vfs(recorder)
    for name, wrapped in _wrappers(recorder).items():
        originals[name] = getattr(os, name)
        setattr(os, name, wrapped(originals[name]))
    try:
        yield recorder.diary
    finally:
        for name, original in originals.items():
            setattr(os, name, original)
        vfs.unregister()


class _Vfs(apsw.VFS):
    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.base = apsw.vfs_names()[0]
        super().__init__(VFS, self.base, makedefault=True)

    def xOpen(self, name, flags):
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return _File(self, self.recorder.name(path), name, flags)

    def xDelete(self, name, syncdir):
        super().xDelete(name, syncdir)
        if path := self.recorder.name(name):
            self.recorder.dropped(path)
            if syncdir:
                self.recorder.synced_names(path)


class _File(apsw.VFSFile):
    def __init__(self, vfs, path, name, flags):
        super().__init__(vfs.base, name, flags)
        recorder = vfs.recorder
        makes = bool(flags[0] & apsw.SQLITE_OPEN_CREATE)
        self.recorder, self.path = recorder, path
        self.syncs_names = makes and bool(flags[0] & JOURNALS)
        if path:
            recorder.opened(path, may_make=makes)

    def xWrite(self, data, offset):
        if self.path:
            self.recorder.note("write", self.path, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size):
        if self.path:
            self.recorder.note("truncate", self.path, size)
        super().xTruncate(size)

    def xSync(self, flags):
        super().xSync(flags)
        if self.path:
            self.recorder.note("sync", self.path)
            if self.syncs_names:
                self.recorder.synced_names(self.path)
                self.syncs_names = False


def _wrappers(recorder: Recorder) -> dict[str, Any]:
    def opening(step):
        def opened(path, flags, *rest, **more):
            file = step(path, flags, *rest, **more)
            if name := recorder.name(path):
                recorder.files[file] = name
                recorder.offsets[file] = 0
                recorder.opened(name, may_make=bool(flags & os.O_CREAT))
            return file

        return opened

    def closing(step):
        def closed(file):
            recorder.files.pop(file, None)
            step(file)

        return closed

    def writing(step):
        def written(file, data):
            count = step(file, data)
            if name := recorder.files.get(file):
                recorder.note(
                    "write", name, recorder.offsets[file], bytes(data[:count])
                )
                recorder.offsets[file] += count
            return count

        return written

    def syncing(step):
        def synced(file):
            is_folder = stat.S_ISDIR(os.fstat(file).st_mode)
            step(file)
            if name := recorder.files.get(file):
                recorder.note("sync names" if is_folder else "sync", name)

        return synced

    def moving(step):
        def moved(source, target):
            step(source, target)
            recorder.moved(recorder.name(source), recorder.name(target))

        return moved

    def removing(step):
        def removed(path):
            step(path)
            if name := recorder.name(path):
                recorder.dropped(name)

        return removed

    def making(step):
        def made(path, *rest):
            step(path, *rest)
            if name := recorder.name(path):
                recorder.note("add", name)

        return made

    return {
        "open": opening,
        "close": closing,
        "write": writing,
        "fsync": syncing,
        "replace": moving,
        "unlink": removing,
        "mkdir": making,
    }


def after_cut(diary: Diary, crash: int, chance: random.Random, survive: float):
    """Return name → content (`None`: a folder) after a cut before entry `crash`.

    What was not synced survives with probability `survive` each.
    """
    disk = _Disk()
    for act in diary[:crash]:
        if isinstance(act, Act):
            disk.take(act)
    return disk.cut(chance, survive)


class _Disk:
    """What is durable, and what waits for a sync."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.contents: dict[int, bytearray] = defaultdict(bytearray)
        self.waiting: dict[int, list[Act]] = defaultdict(list)
        self.waiting_names: dict[str, list[Act]] = defaultdict(list)

    def take(self, act: Act) -> None:
        match act.kind:
            case "write" | "truncate":
                self.waiting[act.number].append(act)
            case "add" | "drop":
                self.waiting_names[str(Path(act.path).parent)].append(act)
            case "sync":
                for done in self.waiting.pop(act.number, []):
                    self.carry_out(done)
            case "sync names":
                for done in self.waiting_names.pop(act.path, []):
                    self.carry_out(done)

    def carry_out(self, act: Act) -> None:
        content = self.contents[act.number]
        match act.kind:
            case "add":
                self.names[act.path] = act.number
            case "drop":
                self.names.pop(act.path, None)
            case "truncate":
                del content[act.offset :]
            case "write":
                content.extend(bytes(max(0, act.offset - len(content))))
                content[act.offset : act.offset + len(act.data)] = act.data

    def cut(self, chance: random.Random, survive: float) -> dict[str, bytes | None]:
        left = [*self.waiting.values(), *self.waiting_names.values()]
        for act in [act for acts in left for act in acts]:
            if chance.random() < survive:
                torn = chance.random() < 0.3 and len(act.data)
                size = chance.randrange(len(act.data)) if torn else len(act.data)
                self.carry_out(act._replace(data=act.data[:size]))
        return {
            name: bytes(self.contents[number]) if number else None
            for name, number in sorted(self.names.items())
        }


def lay_out(found: dict[str, bytes | None], folder: Path) -> None:
    """Write files and folders; what lies in a lost folder is lost."""
    for name, content in found.items():
        path = folder / name
        if content is None:
            path.mkdir()
        elif path.parent.is_dir():
            path.write_bytes(content)
