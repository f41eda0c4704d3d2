"""`careledger demo`: the programme, and how it is played."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from careledger.cli.commands import command
from careledger.cli.demo.arriving import play_arriving
from careledger.cli.demo.authorising import play_registering, play_writing
from careledger.cli.demo.bundles import Bundles, bundled, own_bundles
from careledger.cli.demo.closing import play_closing
from careledger.cli.demo.consulting import play_consulting
from careledger.cli.demo.crash import play_crash
from careledger.cli.demo.emergency import play_emergency, play_history
from careledger.cli.demo.filling import play_filling
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
from careledger.cli.demo.taking_home import play_taking_home
from careledger.cli.session import Session


class Scene(NamedTuple):
    """A part of the demonstration, in a few seconds."""

    title: str
    play: Callable[[Stage, Story], None]


TOWN: Final = (
    Scene("A town joins, and authorises", play_arriving),
    Scene("Everybody's data comes in", play_filling),
    Scene("Everybody is referred", play_consulting),
)
"""Both workflows, for every patient of the bundles."""

STORY: Final = (
    Scene("One more patient joins, and authorises", play_registering),
    Scene("The practitioner writes, the patient reads", play_writing),
    Scene("A referral", play_referral),
    Scene("More than was given", play_refused),
    Scene("The patient revokes", play_revocation),
    Scene("An emergency", play_emergency),
    Scene("Nothing is left out", play_history),
)
"""One patient, as each party sees it."""

OFFICE: Final = (
    Scene("Behind it: how a hospital founds a network", play_founding),
    Scene("Others ask to join", play_joining),
    Scene("Coin", play_paying),
    Scene("kill −9 in the middle of the work", play_crash),
    Scene("A proof for anyone", play_proving),
)
"""About organisations and coin, in a network of their own."""

HOME: Final = (Scene("Everybody takes everything home", play_taking_home),)
"""For one's own bundles."""

LAST: Final = "The town's ledger, executed again"

SCENES: Final = (*TOWN, *STORY, *OFFICE)
"""The programme; with one's own bundles it is `OWN`."""

OWN: Final = (*TOWN, *HOME)


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "demo")
    def demo(
        session: Session,
        bundles: Annotated[
            Path | None,
            typer.Option(
                "--bundles",
                metavar="DIR",
                help="Play with your own FHIR R4 bundles: one .json file per patient.",
            ),
        ] = None,
        patients: Annotated[
            int | None,
            typer.Option("--patients", min=1, help="Play with at most so many."),
        ] = None,
    ) -> None:
        """See it work: a network in a temporary directory, in about a minute.

        With --bundles only the scenes that play for every patient are played, and
        each patient's export is compared with the bundle, byte for byte.
        """
        own = bundles is not None
        chosen = own_bundles(bundles, patients) if bundles else bundled(patients)
        _play(session, OWN if own else SCENES, chosen)


def _play(session: Session, scenes: Sequence[Scene], bundles: Bundles) -> None:
    session.out.simulated = True
    story = Story(aloud=not session.out.as_json)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="careledger-demo-") as folder:
        stage = set_stage(Path(folder), bundles, session.out)
        with stage.clinic.network:
            for scene in scenes:
                began = time.monotonic()
                story.begin(scene.title)
                scene.play(stage, story)
                if scene in TOWN:
                    stage.town.seconds += time.monotonic() - began
        story.begin(LAST)
        figures = play_closing(stage, story)
    seconds = round(time.monotonic() - started, 1)
    story.end(figures, seconds)
    if session.out.as_json:
        told = {"scenes": story.facts(), "figures": figures, "seconds": seconds}
        session.out.answer(told)
