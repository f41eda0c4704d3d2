"""What a client remembers of its node's log: it may grow, and never be another one.

Who checks answers only against a signed checkpoint believes whichever is shown. Who
remembers the last one finds out a node that shows less than before, or that keeps a
second history: it has signed both. C2SP `tlog-witness` holds logs to the same rule; the
proof is that of RFC 9162 §2.1.4.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from careledger.client.files import (
    read_message,
    unwritable,
    write_file,
    write_message,
)
from careledger.client.problems import CannotWrite, HalfWritten
from careledger.client.session_problems import (
    BadEvidence,
    NothingSeen,
    OlderThanSeen,
    TwoHistories,
)
from careledger.ledger.log import EMPTY_ROOT, NotConsistent, verify_consistency
from careledger.node.problems import NothingHere
from careledger.primitives.checkpoints import Checkpoint, parse_checkpoint
from careledger.primitives.encoding import Message, UInt
from careledger.primitives.notes import MalformedText, parse_note

SEEN: Final = "seen"
"""The file's name in a home."""

_MARKER: Final = b"careledger/seen/v1\n"
_NOTHING: Final = Checkpoint("", 0, EMPTY_ROOT)

_DAMAGED: Final = (
    "Nothing of yours is lost, but a node that shows an older log is not found out now."
    " Begin anew: careledger ledger forget-seen."
)

Growth = Callable[[int, int], Sequence[bytes]]
"""Asks a node how its log grew: the consistency proof between two sizes."""


class Seen(Message, frozen=True, tag="seen"):
    """What was checked last.

    Attributes:
        checkpoint: the signed note; empty: none.
        index: of the newest block leaf whose state was believed.
    """

    checkpoint: bytes
    index: UInt


@dataclass(frozen=True, slots=True)
class Shown:
    """What a node shows now, its signature checked.

    Attributes:
        note: the signed checkpoint.
        checkpoint: what it says.
        index: of the block leaf whose state it proves; `None`: it proves none.
    """

    note: bytes
    checkpoint: Checkpoint
    index: int | None = None


class Memory:
    """The last checkpoint of one log: of a session, or of a home with its file."""

    def __init__(self, path: Path | None = None) -> None:
        """Remember from now on, or what the file at `path` remembers.

        Raises:
            HalfWritten: the file is cut or changed.
        """
        self._path = path
        self._seen, self._last = Seen(b"", 0), _NOTHING
        if path is not None and path.exists():
            self._seen, self._last = _read(path)

    def meet(self, shown: Shown, growth: Growth) -> None:
        """Check that a node's log is the one that was seen, and remember it.

        Raises:
            OlderThanSeen: it shows less.
            TwoHistories: it shows another.
            BadEvidence: it does not say how it grew.
        """
        index = self._seen.index if shown.index is None else shown.index
        if shown.checkpoint.size < self._last.size or index < self._seen.index:
            raise OlderThanSeen
        self._check_growth(shown, growth)
        if (shown.checkpoint.size, index) != (self._last.size, self._seen.index):
            self._remember(Seen(shown.note, index), shown.checkpoint)

    def _check_growth(self, shown: Shown, growth: Growth) -> None:
        old, new = self._last, shown.checkpoint
        try:
            proof = growth(old.size, new.size) if 0 < old.size < new.size else ()
            verify_consistency(old.size, old.root, new.size, new.root, proof)
        except NothingHere:
            raise BadEvidence from None  # it has signed this size itself
        except NotConsistent:
            where = self._keep_proof(shown.note)
            raise TwoHistories(where) from None

    def _remember(self, seen: Seen, checkpoint: Checkpoint) -> None:
        self._seen, self._last = seen, checkpoint
        if self._path is not None:
            # Not even on a full disk may this keep anybody from reading a record: an
            # older memory finds out a little less.
            with suppress(CannotWrite):
                write_message(self._path, _MARKER, seen)

    def _keep_proof(self, note: bytes) -> str:
        """Put both signed checkpoints beside the file; return where."""
        if self._path is None:
            return ""
        place = self._path.with_name(f"{self._path.name}.conflict")
        with suppress(CannotWrite):
            write_file(place, self._seen.checkpoint + b"\n" + note)
        return str(place)


def forget(path: Path) -> None:
    """Begin anew: the next log that is shown is believed to be the one.

    Raises:
        NothingSeen: nothing is remembered.
        CannotWrite: the directory says no.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        raise NothingSeen(str(path)) from None
    except OSError as error:
        raise unwritable(path, error) from error


def _read(path: Path) -> tuple[Seen, Checkpoint]:
    try:
        seen = read_message(path, _MARKER, Seen)
        return seen, parse_checkpoint(parse_note(seen.checkpoint).text)
    except (HalfWritten, MalformedText):
        raise HalfWritten(str(path), _DAMAGED) from None
