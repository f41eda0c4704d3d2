"""Small blobs, in the vault's SQLite file.

Inside a transaction of the index they are as durable as that transaction: they
and the claims on them are committed together, with one sync.
"""

import apsw

from careledger.vault.blobs import Staged


class SmallBlobs:
    """A `BlobStore` in SQLite, up to `SMALL` bytes a blob.

    Who calls holds the index (`Index.changing` or `Index.reading`), which is also
    what commits and what turns failures into the vault's words.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        """Use the table `small` of this connection."""
        self._connection = connection

    def put(self, staged: Staged) -> None:
        """Keep a blob."""
        row = (staged.blob, staged.content)
        self._connection.execute("INSERT OR REPLACE INTO small VALUES(?,?)", row)

    def read(self, blob: bytes, start: int, size: int) -> bytes:
        """Return what is there of a range."""
        sql = "SELECT substr(data, ?, ?) FROM small WHERE hash=?"
        found = self._connection.execute(sql, (start + 1, size, blob)).fetchone()
        return b"" if found is None else bytes(found[0])

    def remove(self, blob: bytes) -> None:
        """Forget a blob, if it is there."""
        self._connection.execute("DELETE FROM small WHERE hash=?", (blob,))
