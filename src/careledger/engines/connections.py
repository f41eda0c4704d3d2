"""A reading connection for each thread, and one end for all of them.

SQLite's driver refuses a connection that another thread is using. So whoever closes
them waits for every question that is being answered; one that comes later hears
that the engine has stopped. With its thread, a connection goes by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock, local
from weakref import WeakSet

import apsw

from careledger.engines.database import open_reader
from careledger.engines.errors import EngineStopped


class _Own:
    """What one thread has; no other refers to it for long."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.answering = RLock()
        self.connection = connection
        self.cursor = connection.cursor()


class Connections:
    """The connections that only read, of all threads."""

    def __init__(self, path: Path, vfs: str | None) -> None:
        self._path, self._vfs = path, vfs
        self._mine = local()
        self._all: WeakSet[_Own] = WeakSet()
        self._changing = Lock()
        self._is_closed = False

    @contextmanager
    def asking(self) -> Iterator[apsw.Cursor]:
        """Lend this thread's cursor; nobody closes it meanwhile.

        Raises:
            EngineStopped: they are closed.
        """
        mine = self._own()
        with mine.answering:
            if self._is_closed:
                raise EngineStopped
            yield mine.cursor

    def close(self) -> None:
        """Close all of them, each as soon as its question is answered."""
        with self._changing:
            self._is_closed = True
            left = list(self._all)
        for own in left:
            with own.answering:
                own.connection.close()

    def _own(self) -> _Own:
        own: _Own | None = getattr(self._mine, "own", None)
        if own is None:
            with self._changing:
                if self._is_closed:
                    raise EngineStopped
                own = self._mine.own = _Own(open_reader(self._path, self._vfs))
                self._all.add(own)
        return own
