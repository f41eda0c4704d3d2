"""`careledger demo`: the programme, and how it is played."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import typer

from careledger.cli.commands import command
from careledger.cli.demo.crash import play_crash
from careledger.cli.demo.joining import play_founding, play_joining
from careledger.cli.demo.paying import play_paying
from careledger.cli.demo.proving import play_proving
from careledger.cli.demo.stage import Stage, set_stage
from careledger.cli.demo.story import Story
from careledger.cli.session import Session


class Scene(NamedTuple):
    """A part of the demonstration, in a few seconds."""

    title: str
    play: Callable[[Stage, Story], None]


SCENES: Final = (
    Scene("A hospital founds a network", play_founding),
    Scene("Others ask to join", play_joining),
    Scene("Coin", play_paying),
    Scene("kill −9 in the middle of the work", play_crash),
    Scene("A proof for anyone", play_proving),
)
"""The programme."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "demo")
    def demo(session: Session) -> None:
        """See it work: a small network in a temporary directory, in a few seconds."""
        story = Story(aloud=not session.out.as_json)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="careledger-demo-") as folder:
            stage = set_stage(Path(folder))
            for scene in SCENES:
                story.begin(scene.title)
                scene.play(stage, story)
        seconds = round(time.monotonic() - started, 1)
        story.end(seconds)
        if session.out.as_json:
            session.out.simulated = True
            session.out.answer({"scenes": story.facts(), "seconds": seconds})
