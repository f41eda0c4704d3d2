"""Scenes: a network, who governs it, and who may join."""

from careledger.cli import views
from careledger.cli.demo.stage import Stage, make_home, tell_verdict
from careledger.cli.demo.story import Story
from careledger.client.applications import (
    make_application,
    read_application,
    write_application,
)
from careledger.client.config import OrganisationSettings
from careledger.ledger.actions.governance import AdmitOrganisation, Kind


def play_founding(stage: Stage, story: Story) -> None:
    """A hospital founds a network."""
    with stage.open() as engine:
        story.tell(
            "genesis of the home",
            stage.hospital.network.name,
            lambda name: f"A hospital has founded the network {name}.",
        )
        story.tell(
            "state: governors",
            views.governors(engine.query),
            lambda g: (
                f"{g.threshold} of {len(g.keys)} governors decide who takes part."
            ),
        )


def play_joining(stage: Stage, story: Story) -> None:
    """An insurer applies and is admitted; its sister company is not."""
    insurer = _apply(stage, "Blue Insurance", "insurer")
    research = _apply(stage, "Blue Research", "research")
    with stage.open() as engine:
        verdict = stage.send(engine, [insurer], stage.governors())
        tell_verdict(
            story,
            engine,
            verdict,
            "Two governors admit an insurer by its signed file",
            "The insurer's admission is not recorded.",
        )
        key = read_application(stage.folder / "insurer.application").organisation_id
        story.tell(
            f"state: organisation {key.hex()[:12]}…",
            views.organisation(engine.query, key),
            lambda o: f"{o.name.decode()} is {o.status} as {', '.join(o.kinds)}.",
        )
        verdict = stage.send(engine, [research], stage.governors())
        tell_verdict(
            story,
            engine,
            verdict,
            "A research company of the same group is refused",
            "The second application is not recorded.",
        )


def _apply(stage: Stage, name: str, kind: Kind) -> AdmitOrganisation:
    """Let an organisation apply from a home of its own, by file."""
    about = OrganisationSettings(
        name=name, entity=f"DEMO-{kind}", group="DEMO-BLUE-GROUP", kinds=(kind,)
    )
    offices = make_home(stage.folder / kind).offices
    path = stage.folder / f"{kind}.application"
    write_application(path, make_application(stage.hospital.chain_id, about, offices))
    signed = read_application(path)
    return AdmitOrganisation((0, 1), signed.application, signed.signature)
