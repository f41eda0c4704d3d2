"""`careledger network …`: making a new network."""

import re
from typing import Annotated, Final

import typer

from careledger.cli.commands import command
from careledger.cli.ledgers import now, setup_for
from careledger.cli.output import table
from careledger.cli.parsing import parse_key
from careledger.cli.problems import BadNetworkName
from careledger.cli.session import Session
from careledger.client.applications import make_application
from careledger.client.config import Config, OrganisationSettings, PublicKeys
from careledger.client.files import write_file
from careledger.client.home import (
    GENESIS,
    Home,
    NewHome,
    begin_home,
    keep_genesis,
    save_settings,
)
from careledger.client.offices import Offices
from careledger.client.trust import format_trust, own_trust
from careledger.engines.embedded import Engine
from careledger.ledger.genesis import (
    FirstNode,
    Genesis,
    chain_id,
    initial_state,
    write_genesis,
)
from careledger.ledger.parameters import PROTOCOL, Parameters
from careledger.ledger.refusals.governance import BadGovernors

TRUST: Final = "network.keys"
"""The file of verifier keys in the home of a network's founder."""

SIMULATED_PREFIX: Final = "simulated/"
"""Origins of simulated networks start so: every checkpoint and proof says it."""

_NAME: Final = r"[a-z0-9][a-z0-9.-]{0,39}"
_NO_CHAIN: Final = bytes(32)


def found_network(
    session: Session, new: NewHome, genesis: Genesis, config: Config
) -> Home:
    """Write a new home with its network; return it.

    Raises:
        BadGenesis: the genesis breaks the ledger's rules.
    """
    raw = write_genesis(genesis)
    initial_state(raw)
    begin_home(new)
    keep_genesis(new.path, raw)
    trust = own_trust(genesis.name, genesis.nodes[0].name, new.offices)
    write_file(new.path / TRUST, format_trust(trust))
    Engine.create(new.path / config.ledger, raw, setup_for(session)).close()
    # COMMIT POINT. Before it, the directory is a half-made home.
    return save_settings(new.path, config)


def first_genesis(
    name: str,
    about: OrganisationSettings,
    offices: Offices,
    governors: tuple[tuple[bytes, ...], int],
    *,
    simulated: bool,
) -> Genesis:
    """Return the genesis of a network of one organisation and its node."""
    application = make_application(_NO_CHAIN, about, offices).application
    ml_dsa = offices.node_ml_dsa().public
    keys, threshold = governors
    origin = SIMULATED_PREFIX + name if simulated else name
    return Genesis(
        protocol=PROTOCOL,
        name=origin,
        created=now(),
        simulated=simulated,
        governors=tuple(sorted(keys)),
        threshold=threshold,
        parameters=Parameters(),
        organisations=(application,),
        nodes=(FirstNode(0, f"{origin}/node-1", offices.node().public, ml_dsa),),
        purses=(),
    )


def founder_config(about: OrganisationSettings, offices: Offices, own: int) -> Config:
    """Return the settings of a founder's home with `own` governor keys."""
    keys = PublicKeys(
        governors=tuple(offices.governor(i).public.hex() for i in range(own)),
        organisation=offices.organisation().public.hex(),
        node=offices.node().public.hex(),
        purse=offices.purse().public.hex(),
    )
    return Config(organisation=about, keys=keys)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "init")
    def init(  # noqa: PLR0913, PLR0917 (options of a command line)
        session: Session,
        name: Annotated[
            str, typer.Argument(help="The network's name, like health.example.")
        ],
        organisation: Annotated[str, typer.Option(help="Your organisation's name.")],
        entity: Annotated[
            str, typer.Option(help="Its legal entity (LEI or national number).")
        ],
        kind: Annotated[
            list[str] | None,
            typer.Option(help="What it acts as; default: hospital and registrar."),
        ] = None,
        governor: Annotated[
            list[str] | None,
            typer.Option(help="Public key of a governor in another home."),
        ] = None,
        own_governors: Annotated[
            int, typer.Option(min=0, max=7, help="Governor keys to make here.")
        ] = 1,
        threshold: Annotated[
            int, typer.Option(min=0, max=7, help="Signatures needed; 0: a majority.")
        ] = 0,
        simulated: Annotated[  # noqa: FBT002
            bool, typer.Option("--simulated", help="A network for trying things out.")
        ] = False,
    ) -> None:
        """Make a new network: governors, a first organisation, its node, a ledger."""
        about = OrganisationSettings(
            name=organisation,
            entity=entity,
            kinds=tuple(kind or ("hospital", "registrar")),
        )
        elsewhere = [parse_key(key) for key in governor or ()]
        total = len(elsewhere) + own_governors
        needed = threshold or total // 2 + 1
        if not 1 <= needed <= total:
            raise BadGovernors
        if not re.fullmatch(_NAME, name):
            raise BadNetworkName
        session.out.simulated = simulated
        new = session.new_home()
        offices = new.offices
        keys = (*elsewhere, *(offices.governor(i).public for i in range(own_governors)))
        genesis = first_genesis(
            name, about, offices, (keys, needed), simulated=simulated
        )
        config = founder_config(about, offices, own_governors)
        _report(session, found_network(session, new, genesis, config), genesis)


def _report(session: Session, home: Home, genesis: Genesis) -> None:
    facts = {
        "network": genesis.name,
        "chain": chain_id(home.genesis),
        "governors": len(genesis.governors),
        "threshold": genesis.threshold,
        "home": str(home.path),
        "genesis": str(home.path / GENESIS),
        "keys": str(home.path / TRUST),
    }
    session.out.answer(
        facts,
        f"The network {genesis.name} exists.",
        *table(facts),
        "Give the genesis file and the keys file to whoever is to take part.",
    )
