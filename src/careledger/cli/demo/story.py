"""Telling what happens: no sentence without the query that it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from careledger.cli.output import SIMULATED, plain, table

T = TypeVar("T")

_POINT: Final = " •"


@dataclass(frozen=True)
class Told:
    """A sentence, and where it comes from.

    Attributes:
        query: what was asked, and of whom.
        answer: what came back.
        sentence: the answer in words.
    """

    query: str
    answer: object
    sentence: str


@dataclass
class Story:
    """What has been told so far, scene by scene.

    Attributes:
        aloud: print as it goes.
        scenes: title and what was told, in order.
    """

    aloud: bool
    scenes: list[tuple[str, list[Told]]] = field(default_factory=list)

    def begin(self, title: str) -> None:
        """Open a scene."""
        self.scenes.append((title, []))
        if self.aloud:
            _console().print(Text(f"\n{len(self.scenes)}. {title}", style="bold cyan"))

    def tell(self, query: str, answer: T, words: Callable[[T], str]) -> T:
        """Say what an answer means, and return it."""
        told = Told(query, answer, words(answer))
        self.scenes[-1][1].append(told)
        if self.aloud:
            _print_sentence(told)
        return answer

    def end(self, figures: Mapping[str, object], seconds: float) -> None:
        """Close the story with its figures."""
        if self.aloud:
            console = _console()
            console.print()
            shown = {k.replace("_", " "): _shown(v) for k, v in figures.items()}
            for line in table(shown):
                console.print(line)
            console.print(Text(f"\nPlayed in {seconds:.1f} s.", style="bold"))
            console.print(Text(f"({SIMULATED})", style="yellow"))

    def facts(self) -> list[dict[str, object]]:
        """Return the story as programs read it."""
        return [
            {
                "scene": title,
                "told": [
                    {"query": t.query, "answer": plain(t.answer), "says": t.sentence}
                    for t in told
                ],
            }
            for title, told in self.scenes
        ]


def _shown(figure: object) -> str:
    return f"{figure:,}" if isinstance(figure, int | float) else str(figure)


def _print_sentence(told: Told) -> None:
    """Wrap between words on a terminal; elsewhere a sentence is a line."""
    console = _console()
    text = Text(told.sentence).append(f"  ‹{told.query}›", style="dim")
    if console.is_terminal:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row(_POINT, text)
        console.print(grid, soft_wrap=False)
    else:
        console.print(Text(f"{_POINT} ").append_text(text))


def _console() -> Console:
    return Console(soft_wrap=True, highlight=False, markup=False)
