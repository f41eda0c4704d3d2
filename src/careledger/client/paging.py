"""Answers that come in pages, each behind a position of the log, to an empty one."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from careledger.client.session_problems import NotWhatWasAsked


class Placed(Protocol):
    """A line of an answer that stands for something in the log."""

    @property
    def position(self) -> int:
        """Where in the log."""
        ...


Line = TypeVar("Line", bound=Placed)


def every_page(ask: Callable[[int], tuple[Line, ...]]) -> Iterator[tuple[Line, ...]]:
    """Yield the pages of an answer, from its beginning.

    Args:
        ask: given a position, returns what follows behind it; nothing at the end.

    Raises:
        NotWhatWasAsked: a page that is not in order, or does not go on behind the one
            before: asking might never end.
    """
    after = -1
    while page := ask(after):
        positions = [after + 1, *(one.position for one in page)]
        if positions != sorted(positions):
            raise NotWhatWasAsked
        yield page
        after = positions[-1]
