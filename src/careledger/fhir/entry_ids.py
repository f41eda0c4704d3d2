"""Entry ids of an import: the same resource gets the same id again.

    id = HMAC-SHA-256(seed, marker ‖ SHA-256(resource) ‖ how often it came before)

The seed is the writer's for one record, so to everybody else an id is random. An
import that was killed is simply run again: it finds on the ledger which of its
ids are there, and the ledger takes no id twice. So the ledger is the journal;
there is no file that a crash could tear, and none that says what was imported.
"""

from collections import Counter
from typing import Final

from careledger.primitives.hashing import keyed_hash
from careledger.sealing.keys import ENTRY_ID_SIZE, derive

_SEED: Final = b"careledger/import-seed/v1"
_ENTRY: Final = b"careledger/import-entry/v1"


class EntryIds:
    """Ids for the resources of one import into one record."""

    def __init__(self, seed: bytes, record: bytes) -> None:
        """Use the keystore's seed of who imports."""
        self._seed = derive(seed, _SEED, record)
        self._seen: Counter[bytes] = Counter()

    def next_for(self, digest: bytes) -> bytes:
        """Return the id for the next resource with this SHA-256.

        Equal resources of one import are different entries: none is lost.
        """
        number = self._seen[digest]
        self._seen[digest] += 1
        message = _ENTRY + digest + number.to_bytes(8, "big")
        return keyed_hash(self._seed, message)[:ENTRY_ID_SIZE]
