"""Where a ledger stands: one small row, written with every block.

And the facts that stay as they were at its creation.
"""

from typing import Final, NamedTuple

import apsw

from careledger.engines.errors import LedgerDamaged
from careledger.primitives.encoding import NotCanonical, decode_any, encode

GENESIS: Final = "genesis"
"""The name of the fact that is the network's genesis file."""

_SIMULATED: Final = "simulated"
_YES: Final = b"yes"
_NO: Final = b"no"

_HEAD: Final = "SELECT id, ifnull(CAST(value AS BLOB), x'') FROM head"


class RowsHead(NamedTuple):
    """Where the rows of the buckets stand, see `buckets`.

    Attributes:
        generation: of the file that grows.
        end: its length; what a crash left behind it does not count.
        live: bytes of the living records.
        moved: up to here, the living records of the file before are in this one.
        ended: length of the file before; none is left when all have moved.
        indexed: the index pages know all that was written up to this height.
        lap: the height at which the present lap began.
        page: the index page whose turn is next.
    """

    generation: int
    end: int
    live: int
    moved: int
    ended: int
    indexed: int
    lap: int
    page: int

    @property
    def is_moving(self) -> bool:
        """Whether rows are still in the file before."""
        return self.moved < self.ended

    @property
    def ends(self) -> dict[int, int]:
        """Which files there are, by generation, the older first; where each ends."""
        now = {self.generation: self.end}
        return {self.generation - 1: self.ended} | now if self.is_moving else now


class Head(NamedTuple):
    """The ledger after its last block.

    Attributes:
        height: of the last block that changed the state.
        time: of that block, milliseconds.
        size: leaves in the log.
        log_root: the app hash (32 bytes).
        state_root: 32 bytes.
        seed: of the salts; nodes keep it among themselves.
        copied: the journal is in the B-trees up to this height.
        rows: where the rows of the buckets stand.
    """

    height: int
    time: int
    size: int
    log_root: bytes
    state_root: bytes
    seed: bytes
    copied: int
    rows: RowsHead


def write_head(cursor: apsw.Cursor, head: Head) -> None:
    """Put the head into the open SQLite transaction."""
    cursor.execute("INSERT OR REPLACE INTO head VALUES(0,?)", (encode(head),))


def read_head(cursor: apsw.Cursor) -> Head:
    """Return the head.

    Raises:
        LedgerDamaged: there is none that can be read, or more than one.
    """
    rows = cursor.execute(_HEAD).fetchall()
    if [place for place, _ in rows] != [0]:
        raise LedgerDamaged("head")
    try:
        return decode_any(bytes(rows[0][1]), Head)  # type: ignore[no-any-return, arg-type]
    except NotCanonical as error:
        raise LedgerDamaged("head") from error


def write_block(cursor: apsw.Cursor, head: Head) -> None:
    """Note where the log has the leaf of this block: at the end."""
    sql = "INSERT INTO block VALUES(?,?)"
    cursor.execute(sql, (head.height, head.size - 1))


def write_fact(cursor: apsw.Cursor, name: str, value: bytes) -> None:
    """Put a named value into the open SQLite transaction."""
    cursor.execute("INSERT OR REPLACE INTO fact VALUES(?,?)", (name, value))


def read_fact(cursor: apsw.Cursor, name: str) -> bytes:
    """Return a named value.

    Raises:
        LedgerDamaged: the file has none of this name.
    """
    sql = "SELECT CAST(value AS BLOB) FROM fact WHERE name=?"
    found = cursor.execute(sql, (name,)).get
    if found is None:
        raise LedgerDamaged(f"fact {name}")
    return bytes(found)


def write_simulated(cursor: apsw.Cursor, *, simulated: bool) -> None:
    """Note beside the genesis file, which can be large, how its network lives."""
    write_fact(cursor, _SIMULATED, _YES if simulated else _NO)


def read_simulated(cursor: apsw.Cursor) -> bool:
    """Tell whether the network lives in simulated time.

    Raises:
        LedgerDamaged: the file does not say.
    """
    found = read_fact(cursor, _SIMULATED)
    if found not in (_YES, _NO):
        raise LedgerDamaged(f"fact {_SIMULATED}")
    return found == _YES
