"""A file seen through a window that slides and grows, never the whole."""

from typing import BinaryIO, Final

STEP: Final = 2**20
"""Bytes read at once."""


class Window:
    """The unread part of a stream that is in memory.

    Attributes:
        held: the bytes at hand.
        ended: nothing follows `held`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.held = b""
        self.ended = False
        self.grow()

    def grow(self) -> None:
        """Read on: one step, or as much again as is held."""
        wanted = max(STEP, len(self.held))
        more = self._stream.read(wanted)
        self.held += more
        # A short read may be a slow pipe; only an empty one is the end.
        self.ended = not more

    def drop(self, count: int) -> None:
        """Let go of the first `count` bytes."""
        self.held = self.held[max(0, count) :]
