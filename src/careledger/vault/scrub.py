"""Scrub: everything is read and hashed again, at a bounded rate.

Rot is named by hash and marked in the index; a marked blob that turns out to be
whole (the disk recovered, or it was replaced) is unmarked.
"""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from careledger.vault.index import Index, Kept
from careledger.vault.problems import VaultDamaged, VaultUnwell
from careledger.vault.shelves import Shelves

RATE: Final = 32 * 1024 * 1024
"""Bytes per second, unless somebody says otherwise."""


class Scrubbed(NamedTuple):
    """What a scrub found.

    Attributes:
        blobs: how many were read.
        size: bytes that were read.
        rotten: the hashes of those that are missing, changed or unreadable.
    """

    blobs: int
    size: int
    rotten: tuple[bytes, ...]


class Pace:
    """Keeps work at a bounded rate by sleeping."""

    def __init__(
        self,
        rate: int = RATE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Allow `rate` bytes per second from the first `spend` on."""
        self._rate, self._clock, self._sleep = rate, clock, sleep
        self._free_at = clock()

    def spend(self, size: int) -> None:
        """Return when what was read before has been paid for in time."""
        now = self._clock()
        if self._free_at > now:
            self._sleep(self._free_at - now)
        # Time that was not used is not saved up: no burst after a pause.
        self._free_at = max(self._free_at, now) + size / self._rate


def scrub(shelves: Shelves, ledger_time: Callable[[], int], pace: Pace) -> Scrubbed:
    """Read every blob, in order of their hashes.

    Raises:
        VaultFull, VaultUnwell: the index itself cannot be read or marked.
    """
    blobs = size = 0
    rotten = []
    last = b""
    while (kept := _next(shelves.index, last)) is not None:
        if _is_whole(shelves, kept, pace):
            shelves.clear(kept)
        elif shelves.condemn(kept.blob, ledger_time()):
            rotten.append(kept.blob)
        blobs, size, last = blobs + 1, size + kept.size, kept.blob
    return Scrubbed(blobs, size, tuple(rotten))


def _next(index: Index, last: bytes) -> Kept | None:
    with index.reading():
        return index.after(last)


def _is_whole(shelves: Shelves, kept: Kept, pace: Pace) -> bool:
    try:
        for block in shelves.blocks(kept, 0, kept.size):
            pace.spend(len(block))
    except (VaultDamaged, VaultUnwell):
        return False
    return True
