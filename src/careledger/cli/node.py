"""`careledger node …`: the ledger of this home."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from careledger.cli import views
from careledger.cli.commands import command
from careledger.cli.house.ledger import Ledger, open_ledger
from careledger.cli.house.rooms import open_rooms
from careledger.cli.house.serving import listening, serve
from careledger.cli.house.wire import SOCKET
from careledger.cli.network import TRUST
from careledger.cli.output import table
from careledger.cli.people import host_at
from careledger.cli.problems import NotSimulated
from careledger.cli.session import Session
from careledger.client.config import PublicKeys
from careledger.client.files import read_file, write_file
from careledger.client.home import Home, save_settings
from careledger.client.problems import NoSuchOffice, OtherNetwork
from careledger.engines.clock import Clock, wall_clock
from careledger.engines.signed import last_signed

_HOUR: Final = 3_600_000


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "status")
    def status(session: Session) -> None:
        """Say where the ledger stands, who vouches for it, and what keys are here."""
        home = session.home()
        with open_ledger(session, home) as ledger:
            facts = ledger_facts(home, ledger)
        keys = home.config.keys
        shown = {
            name: found
            for name in PublicKeys.__struct_fields__
            if (found := getattr(keys, name))
        }
        session.out.answer(
            {**facts, "keys": shown},
            f"Ledger {home.ledger}",
            *table(facts),
            "Keys of this home",
            *table(shown),
        )

    @command(app, "use")
    def use(
        session: Session,
        node: Annotated[Path, typer.Argument(help="The home of the node.")],
    ) -> None:
        """Let this organisation's home speak to the node of another home."""
        home = session.home()
        host = host_at(session, node)
        if host.genesis != home.genesis:
            raise OtherNetwork
        if not home.config.keys.organisation or home.config.keys.node:
            raise NoSuchOffice("organisation without a node")
        write_file(home.path / TRUST, read_file(host.path / TRUST))
        place = str(host.path.resolve())
        save_settings(home.path, msgspec.structs.replace(home.config, node=place))
        session.out.answer({"node": place}, f"This home speaks to the node in {place}.")

    @command(app, "serve")
    def serve_calls(
        session: Session,
        hours_ahead: Annotated[
            int,
            typer.Option(min=0, help="Simulated networks: how far its clock is ahead."),
        ] = 0,
    ) -> None:
        """Serve this machine's patients and practitioners until stopped (Ctrl-C)."""
        home = session.home()
        clock = _clock(home, hours_ahead)
        with (
            _ending_when_told(),
            open_rooms(session, home, session.unlock(home), clock) as rooms,
            listening(home.path) as door,
        ):
            _say_that_it_serves(session, home, rooms.warnings)
            with suppress(KeyboardInterrupt):
                serve(door, rooms)


@contextmanager
def _ending_when_told() -> Iterator[None]:
    """Let a service manager's SIGTERM end the command in order, exit code 0."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say_that_it_serves(session: Session, home: Home, warnings: Sequence[str]) -> None:
    for one in warnings:
        session.out.note(one)
    session.out.note(f"serving at {home.path / SOCKET}")
    session.out.note_simulated()  # there is no answer that would say it


def _clock(home: Home, hours_ahead: int) -> Clock:
    """Return this machine's clock, or in simulated time one that is ahead of it.

    Raises:
        NotSimulated: the network lives in real time.
    """
    if not hours_ahead:
        return wall_clock
    if not home.network.simulated:
        raise NotSimulated
    return lambda: wall_clock() + hours_ahead * _HOUR


def ledger_facts(home: Home, ledger: Ledger) -> dict[str, object]:
    """Return where the ledger stands."""
    head, signed = ledger.query.head, last_signed(home.ledger)
    in_force = views.governors(ledger.query)
    return {
        "network": home.network.name,
        "chain": home.chain_id,
        "height": head.height,
        "time": head.time,
        "leaves": head.size,
        "log_root": head.log_root,
        "state_root": head.state_root,
        "signed_leaves": signed.size if signed and signed.note else 0,
        "supply": views.supply(ledger.query),
        "governors": f"{in_force.threshold} of {len(in_force.keys)}",
        "nodes": [node.name for node in views.nodes(ledger.query)],
    }
