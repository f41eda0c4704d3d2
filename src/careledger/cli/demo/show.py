"""`careledger demo`: the programme, and how it is played."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import typer

from careledger.cli.commands import command
from careledger.cli.demo.authorising import play_registering, play_writing
from careledger.cli.demo.crash import play_crash
from careledger.cli.demo.emergency import play_emergency, play_history
from careledger.cli.demo.joining import play_founding, play_joining
from careledger.cli.demo.paying import play_paying
from careledger.cli.demo.proving import play_proving
from careledger.cli.demo.referring import (
    play_referral,
    play_refused,
    play_revocation,
)
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
    Scene("A patient joins, and authorises", play_registering),
    Scene("The practitioner writes, the patient reads", play_writing),
    Scene("A referral", play_referral),
    Scene("More than was given", play_refused),
    Scene("The patient revokes", play_revocation),
    Scene("An emergency", play_emergency),
    Scene("Nothing is left out", play_history),
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
            with stage.clinic.network:
                for scene in SCENES:
                    story.begin(scene.title)
                    scene.play(stage, story)
        seconds = round(time.monotonic() - started, 1)
        story.end(seconds)
        if session.out.as_json:
            session.out.simulated = True
            session.out.answer({"scenes": story.facts(), "seconds": seconds})
