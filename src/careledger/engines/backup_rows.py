"""The rows files in a copy of the ledger: a table of pieces.

    pin() → add_rows()           a snapshot's files → pieces in the copy
    write_rows() → place_rows()  pieces → files beside the draft → beside the ledger

What a snapshot names never changes: a rows file grows behind the end that the
snapshot knows, and when it is let go, who has opened it can read on. So nobody
has to wait for a copy.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from filecmp import cmp
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import apsw

from careledger.durable import sync_path
from careledger.engines.errors import LedgerDamaged, RowsLeft
from careledger.engines.head import Head, RowsHead, read_head
from careledger.engines.row_files import rows_beside, rows_path

PIECE: Final = 2**20
"""Bytes to a piece: what is in memory at once."""

_TRIES: Final = 10

_TABLE: Final = """
CREATE TABLE rows_piece(
  id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, data BLOB NOT NULL
) STRICT
"""
_ADD: Final = "INSERT INTO rows_piece(generation, data) VALUES(?,?)"
_PIECES: Final = (
    "SELECT CAST(data AS BLOB) FROM copy.rows_piece WHERE generation=? ORDER BY id"
)


class OpenRows(NamedTuple):
    """A rows file, and up to where it counts."""

    generation: int
    end: int
    file: BinaryIO


def pin(
    source: apsw.Connection, ledger: Path, opened: ExitStack
) -> tuple[Head, list[OpenRows]]:
    """Begin a read transaction and open the rows files that belong to it.

    Args:
        source: reads the ledger.
        ledger: its file.
        opened: closes the files.

    Raises:
        LedgerDamaged: a rows file is not there, or too short.
    """
    lost = ""
    for _ in range(_TRIES):
        source.execute("BEGIN")
        head = read_head(source.cursor())
        try:
            return head, _open_rows(ledger, head.rows, opened)
        except FileNotFoundError as error:
            # All rows had moved out of it after we had read the head, and it went.
            lost = Path(error.filename).name
            source.execute("ROLLBACK")
    raise LedgerDamaged(lost)


def add_rows(copy: apsw.Connection, rows: Iterable[OpenRows]) -> None:
    """Put the rows files into a copy, up to where they count."""
    copy.execute("BEGIN;" + _TABLE)
    copy.executemany(_ADD, _pieces(rows))
    copy.execute("COMMIT")


def write_rows(draft: apsw.Connection, ledger: Path, rows: RowsHead) -> None:
    """Write the files out of the attached `copy`, onto the disk, beside a draft.

    Args:
        draft: has the copy attached.
        ledger: the draft's file.
        rows: what its head says.

    Raises:
        LedgerDamaged: the copy has fewer bytes of a file, or more.
    """
    for generation, end in rows.ends.items():
        path = rows_path(ledger, generation)
        with path.open("wb") as file:
            for (data,) in draft.execute(_PIECES, (generation,)):
                file.write(data or b"")
            if file.tell() != end:
                raise LedgerDamaged(path.name)
            file.flush()
            os.fsync(file.fileno())


def check_no_rows(draft: Path, ledger: Path) -> None:
    """Check that no other rows than the draft's lie beside the place of a ledger.

    The same may: of a restore that was cut off after it had moved them.

    Raises:
        RowsLeft: others do, and would be lost to the ledger that they belong to.
    """
    for left in rows_beside(ledger):
        mine = draft.with_name(draft.name + left.name.removeprefix(ledger.name))
        if not mine.exists() or not cmp(mine, left, shallow=False):
            raise RowsLeft(str(left))


def place_rows(draft: Path, ledger: Path, rows: RowsHead) -> None:
    """Move the files from beside the draft to beside the ledger, before itself.

    If we crash here there is no ledger yet, and who restores again finds the same.
    """
    for generation in rows.ends:
        rows_path(draft, generation).replace(rows_path(ledger, generation))
    sync_path(ledger.parent)


def _open_rows(ledger: Path, rows: RowsHead, opened: ExitStack) -> list[OpenRows]:
    found = []
    for generation, end in rows.ends.items():
        path = rows_path(ledger, generation)
        file = opened.enter_context(path.open("rb"))
        if os.fstat(file.fileno()).st_size < end:
            raise LedgerDamaged(path.name)
        found.append(OpenRows(generation, end, file))
    return found


def _pieces(rows: Iterable[OpenRows]) -> Iterator[tuple[int, bytes]]:
    for generation, end, file in rows:
        for start in range(0, end, PIECE):
            yield generation, file.read(min(PIECE, end - start))
