"""Rows move out of a file that is mostly dead, a few with each block.

file_for()   → the file that grows: the next one, if this one is full
move_rows()  → living records of the file before, written at the end of it
check_left() → nothing alive is left in the file before: it may go
"""

from array import array
from typing import NamedTuple

from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import RowsHead
from careledger.engines.row_files import HEAD, MARKER, RowFiles, RowWriter
from careledger.ledger.tree import BUCKETS


class RowLimits(NamedTuple):
    """When rows move, and how often index pages are written.

    Attributes:
        times: a file of that many times its living bytes is full; the next begins.
        dead: bytes of dead records that are borne with in any case.
        lap: records in whose course every index page is written once.
    """

    times: int = 3
    dead: int = 64 * 2**20
    lap: int = 2**19


def file_for(head: RowsHead, files: RowFiles, limits: RowLimits) -> RowsHead:
    """Begin the next file if this one is full; return where the rows stand then."""
    if head.is_moving or head.end <= limits.times * head.live + limits.dead:
        return head
    # What a crash left of others goes only here: a ledger that writes is sound.
    files.keep_only((head.generation,))
    files.create(head.generation + 1)
    files.sync_name()
    return head._replace(
        generation=head.generation + 1,
        end=len(MARKER),
        moved=len(MARKER),
        ended=head.end,
    )


def move_rows(
    head: RowsHead,
    files: RowFiles,
    places: "array[int]",
    writer: RowWriter,
    budget: int,
) -> int:
    """Write living records of the file before; return up to where it was read.

    Read are as many times the bytes that come in as that file has times its
    living ones: when all have moved, this one has at most twice as many.

    Args:
        head: where the rows stand.
        files: the file that grows, and the one before.
        places: of all buckets; a record that none of them names is dead.
        writer: at the end of the file that grows.
        budget: bytes to read.

    Raises:
        LedgerDamaged: a record is not what was written: it must not be lost with
            the file.
    """
    moved, stop = head.moved, min(head.ended, head.moved + budget)
    for record in files.records(head.generation - 1, moved, stop):
        place, number = record.place, record.number
        is_bucket = number < BUCKETS and number not in writer.places
        if is_bucket and places[number] == place:
            if not record.is_sound:
                raise LedgerDamaged(f"bucket {number}")
            writer.add(number, record.row)
        moved = (place >> 1) + HEAD.size + len(record.row)
    return moved


def check_left(head: RowsHead, places: "array[int]", writer: RowWriter) -> None:
    """Check that nothing alive is left in the file before, which goes now.

    Raises:
        LedgerDamaged: something is: a damaged head of a record hid it.
    """
    parity = head.generation & 1
    for number, place in enumerate(places):
        if place and place & 1 != parity and number not in writer.places:
            raise LedgerDamaged(f"bucket {number}")
