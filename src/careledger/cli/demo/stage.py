"""The stage: a hospital that founds a network, its ledger, and a clinic.

The scenes about organisations and coin play in the hospital's home; those about
records in the clinic, a network of its own, and so does the whole town.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from careledger.cli.demo.bundles import Bundles
from careledger.cli.demo.clinic import Clinic, open_clinic
from careledger.cli.demo.story import Story
from careledger.cli.demo.town import Town, open_town
from careledger.cli.ledgers import now
from careledger.cli.network import first_genesis, found_network, founder_config
from careledger.cli.output import Output
from careledger.cli.session import Session
from careledger.client.config import OrganisationSettings
from careledger.client.envelopes import HOUR, compose, seal_envelope
from careledger.client.home import Home, NewHome, new_home
from careledger.engines.embedded import Engine
from careledger.engines.tickets import Committed
from careledger.ledger.actions import AnyAction
from careledger.primitives.signing import SigningKey
from careledger.sealing.chance import random_bytes
from careledger.sealing.seeds import purse_key

GOVERNORS: Final = 3
"""Keys; two of them decide."""

_WAIT: Final = 30.0


@dataclass
class Stage:
    """Where the scenes play, and what they leave for each other.

    Attributes:
        folder: a temporary directory.
        hospital: the founder's home.
        new: the same, with its keys.
        load_seed: of the purses that the load pays from.
        clinic: where the scenes about records play.
        town: everybody else in the clinic's network.
        out: shows how far a scene is.
        acknowledged: transfers whose verdict the killed process had announced.
        seconds: that setting it took.
    """

    folder: Path
    hospital: Home
    new: NewHome
    load_seed: bytes
    clinic: Clinic
    town: Town
    out: Output
    acknowledged: list[bytes] = field(default_factory=list)
    seconds: float = 0.0

    def open(self) -> Engine:
        """Start the hospital's node."""
        return Engine.open(self.hospital.ledger)

    def send(
        self, engine: Engine, actions: Sequence[AnyAction], keys: Sequence[SigningKey]
    ) -> Committed:
        """Send one transaction and wait for its verdict, whatever it is."""
        public = [key.public for key in keys]
        core = compose(self.hospital.chain_id, public, actions, now() + HOUR)
        return engine.submit(seal_envelope(core, keys)).result(_WAIT)

    def governors(self) -> list[SigningKey]:
        """Return the two governors who sign."""
        return [self.new.offices.governor(number) for number in range(2)]

    def purse(self, number: int) -> SigningKey:
        """Return one of the purses that the load pays from."""
        return load_purse(self.load_seed, number)


def tell_verdict(
    story: Story, engine: Engine, sent: Committed, said: str, lost: str
) -> None:
    """Say what became of a transaction: `said` with its code; `lost` if nothing."""
    story.tell(
        f"receipt of {sent.tx_id.hex()[:12]}…",
        engine.query.receipt(sent.tx_id),
        lambda receipt: f"{said}: {receipt.code}." if receipt else lost,
    )


def load_purse(seed: bytes, number: int) -> SigningKey:
    """Return a purse of the load."""
    return purse_key(seed, b"load", number)


def set_stage(folder: Path, bundles: Bundles, out: Output) -> Stage:
    """Found the hospital's network in `folder`; open clinic and town."""
    started = time.monotonic()
    about = OrganisationSettings(
        name="Riverside Hospital",
        entity="DEMO-RIVERSIDE",
        kinds=("hospital", "registrar"),
    )
    new = make_home(folder / "hospital")
    keys = tuple(new.offices.governor(number).public for number in range(GOVERNORS))
    genesis = first_genesis(
        "demo.example", about, new.offices, (keys, GOVERNORS // 2 + 1), simulated=True
    )
    quiet = Session(new.path, Output(as_json=True, debug=False), None)
    config = founder_config(about, new.offices, GOVERNORS)
    home = found_network(quiet, new, genesis, config)
    clinic = open_clinic(folder / "clinic")
    town = open_town(clinic.network, bundles)
    stage = Stage(folder, home, new, random_bytes(32), clinic, town, out)
    stage.seconds = time.monotonic() - started
    return stage


def make_home(path: Path) -> NewHome:
    """Return a new home under a passphrase that nobody will need again."""
    return new_home(path, random_bytes(16).hex())
