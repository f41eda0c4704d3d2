"""What a client remembers of its node's log: it may grow, and never be another one.

Who checks answers only against a signed checkpoint believes whichever is shown. Who
remembers the last one finds out a node that shows less than before, or that keeps a
second history: it has signed both. C2SP `tlog-witness` holds logs to the same rule; the
proof is that of RFC 9162 §2.1.4.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from careledger.client.evidence import check_checkpoint
from careledger.client.files import locked, read_file, unwritable, write_file
from careledger.client.problems import CannotWrite, HalfWritten
from careledger.client.session_problems import (
    BadEvidence,
    NotContinued,
    NothingSeen,
    OlderThanSeen,
    TwoHistories,
)
from careledger.ledger.log import EMPTY_ROOT, NotConsistent, verify_consistency
from careledger.node.problems import NothingHere
from careledger.primitives.checkpoints import Checkpoint
from careledger.primitives.notes import Note, VerifierKey, format_note, parse_note

SEEN: Final = "seen"
"""The file's name in a home: a checkpoint as the log signed it (C2SP)."""

_DAMAGED: Final = (
    "Nothing of yours is lost, but a node that shows an older log is not found out now."
    " Begin anew: careledger ledger forget-seen."
)

Growth = Callable[[int, int], Sequence[bytes]]
"""Asks a node how its log grew: the consistency proof between two sizes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a node shows, its signature checked.

    Attributes:
        note: the signed checkpoint.
        checkpoint: what it says.
        index: of the block leaf whose state it proves; `None`: it proves none.
    """

    note: bytes
    checkpoint: Checkpoint
    index: int | None = None


_NOTHING: Final = Shown(b"", Checkpoint("", 0, EMPTY_ROOT))


class Memory:
    """The last checkpoint of one log: of a session, or of a home with its file."""

    def __init__(self, log_key: VerifierKey, path: Path | None = None) -> None:
        """Remember in `path` what the log with this key shows, else in memory alone."""
        self._key, self._path = log_key, path
        self._last: Shown | None = None
        self._one_by_one = Lock()

    @property
    def lasts(self) -> bool:
        """Whether it is there for the next session too."""
        return self._path is not None

    @property
    def size(self) -> int:
        """How long the log was when it was seen last.

        Raises:
            HalfWritten: what was seen cannot be read.
        """
        return (self._last or self._read()).checkpoint.size

    def meet(self, shown: Shown, since: int, growth: Growth) -> None:
        """Check that a node's log is the one that was seen, and remember it.

        Args:
            shown: by the node.
            since: how long the log was known to be when the node was asked.
            growth: asks it how the log grew.

        Raises:
            OlderThanSeen: it shows less.
            TwoHistories: it shows another.
            NotContinued: it does not prove that it is the same.
            HalfWritten: what was seen cannot be read.
        """
        size = shown.checkpoint.size
        # A checkpoint ends with a block leaf: no later state is of an older one.
        index = size - 1 if shown.index is None else shown.index
        if min(size, index + 1) < since:
            raise OlderThanSeen
        with self._kept() as kept:
            # Another command or thread may have seen more since this one asked.
            older, newer = sorted((kept, shown), key=lambda one: one.checkpoint.size)
            self._check_growth(older, newer, growth)
            self._last = newer
            if newer is shown and shown.checkpoint != kept.checkpoint:
                self._keep(shown.note)

    @contextmanager
    def _kept(self) -> Iterator[Shown]:
        """Give what is remembered; nobody else changes it meanwhile."""
        with ExitStack() as stack:
            stack.enter_context(self._one_by_one)
            if self._path is not None:
                stack.enter_context(locked(self._path.parent))
            yield self._read()

    def _read(self) -> Shown:
        path = self._path
        if path is None or not (path.exists() or path.is_symlink()):
            return self._last or _NOTHING
        note = read_file(path)
        try:
            return Shown(note, check_checkpoint(note, self._key))
        except BadEvidence:
            raise HalfWritten(str(path), _DAMAGED) from None

    def _check_growth(self, old: Shown, new: Shown, growth: Growth) -> None:
        before, after = old.checkpoint, new.checkpoint
        try:
            grew = 0 < before.size < after.size
            proof = growth(before.size, after.size) if grew else ()
            verify_consistency(before.size, before.root, after.size, after.root, proof)
        except (NotConsistent, NothingHere):
            where = self._keep_both(old.note, new.note)
            same = before.size == after.size
            raise (TwoHistories if same else NotContinued)(where) from None

    def _keep(self, note: bytes) -> None:
        if self._path is not None:
            # Not even on a full disk may this keep anybody from reading a record: an
            # older memory finds out a little less.
            with suppress(CannotWrite):
                write_file(self._path, self._bare(note))

    def _keep_both(self, *notes: bytes) -> str:
        """Put two signed checkpoints beside the file; return where."""
        if self._path is None:
            return ""
        place = self._path.with_name(f"{self._path.name}.conflict")
        with suppress(CannotWrite):
            write_file(place, b"\n".join(map(self._bare, notes)))
        return str(place)

    def _bare(self, note: bytes) -> bytes:
        """Return the note with the log's own signature: a node can add a thousand."""
        read, mine = parse_note(note), (self._key.name, self._key.key_id)
        lines = [one for one in read.signatures if (one.name, one.key_id) == mine]
        return format_note(Note(read.text, tuple(lines)))


def forget(path: Path) -> None:
    """Begin anew: the next log that is shown is believed to be the one.

    What was seen stays beside, as `….forgotten`: it is signed, and may be proof.

    Raises:
        NothingSeen: nothing is remembered.
        CannotWrite: the directory says no.
    """
    try:
        path.replace(path.with_name(f"{path.name}.forgotten"))
    except FileNotFoundError:
        raise NothingSeen(str(path)) from None
    except OSError as error:
        raise unwritable(path, error) from error
