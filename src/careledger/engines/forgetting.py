"""Going on after the note of what this node has signed was lost for good.

From then on the ledger as it is counts as signed: no older one is opened again. What
the node has signed beyond it, nobody can tell, so this is an operator's decision.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from careledger.engines.errors import SignedKnown
from careledger.engines.head import Head
from careledger.engines.lock import FileLock
from careledger.engines.opening import open_store
from careledger.engines.signed import SignedHead, keep_signed, last_signed


def forget_signed(ledger: Path, on_wait: Callable[[], None] | None = None) -> Head:
    """Hold the node to the ledger as it is; return where it stands.

    Args:
        ledger: its file.
        on_wait: called once if another process holds the ledger.

    Raises:
        SignedKnown: what was signed last is known.
        LedgerMissing, LedgerInUse, LedgerDamaged: as they say.
    """
    lock = FileLock(ledger, on_wait)
    try:
        if last_signed(ledger) is not None:
            raise SignedKnown(str(ledger))
        with closing(open_store(ledger)) as store:
            head = store.head
        keep_signed(ledger, SignedHead(head.size, head.log_root, b""))
        return head
    finally:
        lock.release()
