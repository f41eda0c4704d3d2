"""A person's home: its making, and the way from it to the node on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from careledger.cli.house.reach import Counters, OverSocket
from careledger.cli.network import TRUST
from careledger.cli.session import Session
from careledger.client.config import Config, PersonSettings
from careledger.client.files import read_file, write_file
from careledger.client.home import (
    Home,
    NewHome,
    begin_home,
    find_home,
    keep_genesis,
    save_settings,
)
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.offices import Offices
from careledger.client.problems import NoSuchOffice
from careledger.client.trust import read_log_key

_KEYSTORE: Final = "keystore"


@dataclass(frozen=True)
class Desk:
    """Where a person sits: the own keys, and the way to the node.

    Attributes:
        home: the person's.
        line: to the node, which is not trusted.
        store: the keystore, unlocked.
        counters: of the hospital that runs the node.
    """

    home: Home
    line: Line
    store: Keystore
    counters: Counters


def begin_person(session: Session, node: Path, person: PersonSettings) -> NewHome:
    """Make the home of a person who will speak to the node of another home.

    Genesis and trusted keys are copied: give a home that you trust for them.

    Raises:
        HomeExists: there is a home already.
        NoHome, NoGenesis, CannotRead: `node` is no home with a network.
    """
    host = find_home(node)
    session.out.simulated = host.network.simulated
    trust = read_file(host.path / TRUST)
    new = session.new_home()
    begin_home(new)
    keep_genesis(new.path, host.genesis)
    write_file(new.path / TRUST, trust)
    save_settings(new.path, Config(node=str(node.resolve()), person=person))
    return new


def store_of(path: Path, offices: Offices) -> Keystore:
    """Return the keystore of a person's home.

    Raises:
        HalfWritten: its file is cut or changed.
    """
    return Keystore(offices.person(), path=path / _KEYSTORE)


def sit_down(session: Session) -> Desk:
    """Return a person's desk, after asking for the passphrase.

    Raises:
        NoHome: there is none.
        NoSuchOffice: this home is no person's.
        WrongPassphrase: it is not the one.
    """
    home = session.home()
    if not home.config.node:
        raise NoSuchOffice("person")
    node = Path(home.config.node)
    store = store_of(home.path, session.unlock(home))
    return Desk(home, line_to(home, node), store, Counters(node))


def line_to(home: Home, node: Path) -> Line:
    """Return a line to a node of this machine, checked by the home's trusted keys.

    Raises:
        CannotRead, HalfWritten: there are no trusted keys.
    """
    return Line(OverSocket(home, node, read_log_key(home.path / TRUST)))
