"""What grows at its end has to end where the head says.

The next block goes there: were a leaf missing, it would take another's place.
"""

from typing import Final

import apsw

from careledger.engines.errors import LedgerDamaged
from careledger.engines.head import Head

_LEAVES: Final = "SELECT (SELECT min(id) FROM leaf), (SELECT max(id) FROM leaf)"
_BLOCKS: Final = """
SELECT (SELECT min(height) FROM block), (SELECT max(height) FROM block),
       (SELECT min(leaf) FROM block), (SELECT max(leaf) FROM block)
"""
_WRITTEN: Final = "SELECT ifnull(max(height), 0) FROM written"


def check_ends(cursor: apsw.Cursor, head: Head) -> None:
    """Check that the next block goes where the last one ended.

    Raises:
        LedgerDamaged: its detail names the table that ends elsewhere.
    """
    for place, sql, expected in (
        ("leaf", _LEAVES, (1, head.size)),
        ("block", _BLOCKS, (0, head.height, 0, head.size - 1)),
        ("written", _WRITTEN, (head.height,)),
    ):
        if cursor.execute(sql).fetchall() != [expected]:
            raise LedgerDamaged(place)
