"""One process per ledger: an advisory lock on a side file.

The system frees it when the last descriptor of the open file is closed. A forked
child inherits one, so it closes it at once: or it would keep the next process out
after this one has died.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from careledger.engines.errors import LedgerInUse
from careledger.engines.folder import beside

PATIENCE: Final = 10.0
"""Seconds to wait for the other process."""

_PAUSE: Final = 0.05

_held: "set[FileLock]" = set()
"""What a child of this process has to close."""


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
        path = beside(ledger, ".lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        _held.add(self)
        try:
            self._take(ledger, on_wait, patience)
        except BaseException:
            self.release()
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
        """Let the next process in; nothing in a child of the one that took it."""
        if self in _held:
            _held.remove(self)
            os.close(self._file)


def _let_go() -> None:
    """Close what a child has inherited; its parent holds the locks as before."""
    while _held:
        os.close(_held.pop()._file)  # noqa: SLF001 (of this module)


os.register_at_fork(after_in_child=_let_go)
