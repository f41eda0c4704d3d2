"""One process per ledger: an advisory lock on a side file."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from careledger.engines.errors import LedgerInUse

PATIENCE: Final = 10.0
"""Seconds to wait for the other process."""

_PAUSE: Final = 0.05


class FileLock:
    """Held from construction to `release`; the system frees it if we die."""

    def __init__(
        self,
        ledger: Path,
        on_wait: Callable[[], None] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Take the lock of `ledger`; `on_wait` is called once before waiting.

        Raises:
            LedgerInUse: another process kept it for `patience` seconds.
        """
        path = ledger.with_name(ledger.name + ".lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(ledger, on_wait, patience)
        except BaseException:
            os.close(self._file)
            raise

    def _take(
        self, ledger: Path, on_wait: Callable[[], None] | None, patience: float
    ) -> None:
        until = time.monotonic() + patience
        while not self._is_taken():
            if on_wait is not None:
                on_wait()
                on_wait = None
            if time.monotonic() >= until:
                raise LedgerInUse(str(ledger))
            time.sleep(_PAUSE)

    def _is_taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let the next process in."""
        os.close(self._file)
