"""Opening the home's ledger: what every command that uses the file goes through."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from careledger.cli.session import Session
from careledger.client.home import GENESIS, Home
from careledger.client.problems import OtherNetwork
from careledger.engines.clock import Clock, wall_clock
from careledger.engines.database import open_reader
from careledger.engines.embedded import Engine
from careledger.engines.errors import LedgerDamaged
from careledger.engines.origin import started_from
from careledger.engines.setup import Setup


@contextmanager
def open_engine(
    session: Session, home: Home, clock: Clock = wall_clock
) -> Iterator[Engine]:
    """Open the home's ledger for as long as the command needs it.

    Raises:
        LedgerMissing: the home has none.
        LedgerInUse: another process kept it for ten seconds.
        LedgerDamaged: the file is cut, or no ledger, or another start is stored in it
            than the one of its log.
        Forked: it is older than what this node has signed.
        OtherNetwork: the ledger is not of the network of the home's genesis.
    """
    try:
        with Engine.open(home.ledger, setup_for(session, clock)) as engine:
            check_network(home, home.ledger)
            yield engine
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise LedgerDamaged(str(home.ledger)) from error


def check_network(home: Home, ledger: Path) -> None:
    """Check that a ledger started from the home's genesis file.

    Raises:
        OtherNetwork: it started from another: nothing else ties a file to a home.
        LedgerDamaged: what is stored of its start contradicts itself.
    """
    with closing(open_reader(ledger)) as connection:
        if not started_from(connection.cursor(), home.genesis):
            raise OtherNetwork(f"{ledger} and {home.path / GENESIS}")


def setup_for(session: Session, clock: Clock = wall_clock) -> Setup:
    """Return how commands open a ledger: they say so when they have to wait."""

    def on_wait() -> None:
        session.out.note("another process has this ledger open: waiting 10 s for it")

    return Setup(clock=clock, on_wait=on_wait)


def now() -> int:
    """Return the time that commands put into what they sign, milliseconds."""
    return wall_clock()
