"""A person's home: its making, and the way from it to the node on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from careledger.cli.house.post import SortedPost
from careledger.cli.house.reach import Counters, OverSocket
from careledger.cli.network import TRUST
from careledger.cli.problems import NoNodeHere
from careledger.cli.session import Session
from careledger.client.config import Config, PersonSettings
from careledger.client.files import (
    read_file,
    read_private_sealed_file,
    write_file,
    write_sealed_file,
)
from careledger.client.home import (
    GENESIS,
    Home,
    NewHome,
    begin_home,
    find_home,
    keep_genesis,
    save_settings,
)
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.office import PostRoom
from careledger.client.offices import Offices
from careledger.client.problems import (
    CannotRead,
    HalfWritten,
    KeystoreDamaged,
    KeystoreMissing,
    NoSuchOffice,
    OtherNetwork,
)
from careledger.client.seen import SEEN, Memory
from careledger.client.trust import read_log_key
from careledger.sealing import aead
from careledger.sealing.chance import random_bytes
from careledger.sealing.problems import Tampered

KEYSTORE: Final = "keystore"
"""The file of a person's handles."""

_SEED: Final = "person.sealed"
_SEED_MARKER: Final = b"careledger/person-seed-file/v1\n"


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

    @property
    def post(self) -> PostRoom:
        """Where the person's organisation sorts the post."""
        elsewhere = self.home.config.person.post
        return SortedPost(Path(elsewhere)) if elsewhere else self.counters


def begin_person(session: Session, node: Path, person: PersonSettings) -> NewHome:
    """Make the home of a person who will speak to the node of another home.

    Genesis and trusted keys are copied: give a home that you trust for them.

    Raises:
        HomeExists: there is a home already.
        NoHome, NoGenesis, CannotRead: `node` is no home with a network.
    """
    host = host_at(session, node)
    return make_person(session.new_home(), host, person)


def host_at(session: Session, node: Path) -> Home:
    """Return the home whose node a new home will speak to.

    Raises:
        NoHome, NoGenesis, CannotRead: it is no home with a network.
        NoNodeHere: it runs no node.
    """
    host = find_home(node)
    if not host.config.keys.node:
        raise NoNodeHere(str(node))
    session.out.simulated = host.network.simulated
    read_file(host.path / TRUST)
    return host


def make_person(
    new: NewHome,
    host: Home,
    person: PersonSettings,
    fill: Callable[[NewHome], None] | None = None,
) -> NewHome:
    """Write a person's home; `fill` puts in what else it is to have.

    Raises:
        CannotRead: the host has no trusted keys.
        CannotWrite: the directory or its disk says no.
    """
    trust = read_file(host.path / TRUST)
    begin_home(new)
    keep_genesis(new.path, host.genesis)
    write_file(new.path / TRUST, trust)
    if fill is not None:
        fill(new)
    # From now on a home without a keystore has lost it, and does not look new.
    begin_store(new.path, new.offices)
    # COMMIT POINT. Before it, the directory is a half-made home.
    save_settings(new.path, Config(node=str(host.path.resolve()), person=person))
    return new


def keep_seed(new: NewHome, seed: bytes) -> None:
    """Give a home a person's seed of before, from recovery words."""
    sealed = aead.seal_with(new.offices.safe(), _SEED_MARKER, seed, random_bytes)
    write_sealed_file(new.path / _SEED, _SEED_MARKER, sealed)


def begin_store(path: Path, offices: Offices) -> Keystore:
    """Return the keystore of a person's home, made now if there is none.

    Raises:
        HalfWritten: its file, or that of the person's seed, is cut or changed.
        CannotWrite: the disk says no.
    """
    place = path / KEYSTORE
    store = Keystore(person_seed(path, offices), path=place)
    if not place.exists():
        store.change()
    return store


def store_of(path: Path, offices: Offices) -> Keystore:
    """Return the keystore of a person's home.

    Raises:
        KeystoreMissing: its file is not there.
        KeystoreDamaged: its file is cut or changed.
        HalfWritten: that of the person's seed is.
    """
    place, seed = path / KEYSTORE, person_seed(path, offices)
    if not place.exists():
        raise KeystoreMissing(str(place))
    try:
        return Keystore(seed, path=place)
    except HalfWritten:
        raise KeystoreDamaged(str(place)) from None


def person_seed(path: Path, offices: Offices) -> bytes:
    """Return the person's seed: the home's own, or the one that words gave back.

    Raises:
        HalfWritten: its file is cut or changed.
    """
    place = path / _SEED
    if not place.exists():
        return offices.person()
    sealed = read_private_sealed_file(place, _SEED_MARKER)
    try:
        return aead.open_with(offices.safe(), _SEED_MARKER, sealed)
    except Tampered:
        raise HalfWritten(str(place)) from None


def sit_down(session: Session) -> Desk:
    """Return a person's desk, after asking for the passphrase.

    Raises:
        NoHome: there is none.
        NoSuchOffice: this home is no person's.
        KeystoreMissing, KeystoreDamaged: it is to be rebuilt.
        OtherNetwork: its genesis file is not the node's.
        WrongPassphrase: it is not the one.
    """
    home = session.home()
    if not home.config.node or home.config.keys.organisation:
        raise NoSuchOffice("person")
    node = Path(home.config.node)
    store = store_of(home.path, session.unlock(home))
    return Desk(home, line_to(home, node), store, Counters(node))


def node_of(home: Home) -> Path:
    """Return the home whose node an organisation's home speaks to."""
    return Path(home.config.node) if home.config.node else home.path


def line_to(home: Home, node: Path) -> Line:
    """Return a line to a node of this machine, checked by the home's trusted keys.

    Raises:
        CannotRead, HalfWritten: there are no trusted keys.
        OtherNetwork: one of the two genesis files is of another network, or damaged.
    """
    _check_same_network(home, node)
    transport = OverSocket(home, node, read_log_key(home.path / TRUST))
    # A node's own home needs none: the node itself holds to what it has signed.
    if home.path == node:
        return Line(transport)
    return Line(transport, Memory(transport.log_key, home.path / SEEN))


def _check_same_network(home: Home, node: Path) -> None:
    # To a node, a question for another network is no question: the homes say why.
    place = node / GENESIS
    try:
        same = read_file(place) == home.genesis
    except CannotRead:
        return  # gone or closed to this user: whoever calls the node is told
    if not same:
        raise OtherNetwork(f"{home.path / GENESIS} and {place}")
